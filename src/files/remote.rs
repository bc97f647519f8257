//! An S3-compatible store over the gateway's own HTTP client, so that there is one TLS stack.
//!
//! What goes there is sealed; the store learns references, sizes and times.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use object_store::aws::{AmazonS3Builder, S3ConditionalPut};
use object_store::client::{
    ClientOptions, HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpResponseBody, HttpService,
};
use object_store::{ObjectStore, RetryConfig};
use secrecy::{ExposeSecret, SecretString};

/// How long one request may take; a file is at most a few tens of megabytes.
const PATIENCE: Duration = Duration::from_mins(1);

/// Where an S3-compatible store is.
pub struct RemoteSettings {
    /// Its address, such as `https://s3.example.org`.
    pub endpoint: String,
    /// The bucket.
    pub bucket: String,
    /// The region it wants to hear.
    pub region: String,
    /// Who asks.
    pub access_key: SecretString,
    /// The proof.
    pub secret_key: SecretString,
}

/// Opens a store; nothing is asked of it yet.
///
/// # Errors
/// When the settings make no store.
pub fn remote(settings: &RemoteSettings) -> std::io::Result<Arc<dyn ObjectStore>> {
    let client = reqwest::Client::builder().timeout(PATIENCE).build().map_err(|_| std::io::Error::other("no HTTP client"))?;
    let store = AmazonS3Builder::new()
        .with_endpoint(&settings.endpoint)
        .with_allow_http(settings.endpoint.starts_with("http://"))
        .with_bucket_name(&settings.bucket)
        .with_region(&settings.region)
        .with_access_key_id(settings.access_key.expose_secret())
        .with_secret_access_key(settings.secret_key.expose_secret())
        .with_conditional_put(S3ConditionalPut::ETagMatch)
        // Not every compatible store deletes by lists.
        .with_disable_bulk_delete(true)
        // The worker tries again by itself, and a stop must not wait for minutes.
        .with_retry(RetryConfig { max_retries: 1, retry_timeout: PATIENCE, ..RetryConfig::default() })
        .with_http_connector(Connector(client))
        .build()
        .map_err(|_| std::io::Error::other("the settings make no store"))?;
    Ok(Arc::new(store))
}

/// Hands out the gateway's own HTTP client.
#[derive(Debug)]
struct Connector(reqwest::Client);

impl HttpConnector for Connector {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(Service(self.0.clone())))
    }
}

#[derive(Debug)]
struct Service(reqwest::Client);

#[async_trait]
impl HttpService for Service {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let (parts, body) = request.into_parts();
        let failed = |kind| move |error: reqwest::Error| HttpError::new(kind, error.without_url());
        let body = http_body_util::BodyExt::collect(body).await?.to_bytes();
        let url = parts.uri.to_string();
        let request = self.0.request(parts.method, url).headers(parts.headers).body(body);
        let response = request.send().await.map_err(failed(HttpErrorKind::Request))?;
        let mut answer = axum::http::Response::builder().status(response.status());
        if let Some(headers) = answer.headers_mut() {
            *headers = response.headers().clone();
        }
        let body = response.bytes().await.map_err(failed(HttpErrorKind::Interrupted))?;
        answer.body(HttpResponseBody::from(body)).map_err(|error| HttpError::new(HttpErrorKind::Decode, error))
    }
}
