//! Sends a text message by a provider's API. The only place where an opened number meets the network.

use std::time::Duration;

use reqwest::{Client, StatusCode, redirect};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;

use crate::channel::ChannelError;
use crate::settings::Section;

const ANSWER_TIMEOUT: Duration = Duration::from_secs(15);

/// How a channel sends.
pub(super) enum SendConfig {
    /// Twilio's message resource.
    Twilio { api_url: String, account_sid: String, from: String, auth_token: SecretString },
    /// A JSON post: `{"to": …, "text": …}`.
    Post { url: String, secret: Option<SecretString> },
}

impl SendConfig {
    pub(super) fn read(section: &mut Section<'_>, preset: &str, secrets: &[SecretString]) -> Option<Self> {
        if preset == "twilio" {
            let api_url = section.text("api_url", "https://api.twilio.com").trim_end_matches('/').to_owned();
            let account_sid = section.text_maybe("account_sid");
            let from = section.text_maybe("from");
            return match (account_sid, from, secrets.first()) {
                (Some(account_sid), Some(from), Some(auth_token)) => {
                    Some(Self::Twilio { api_url, account_sid, from, auth_token: auth_token.clone() })
                }
                (None, None, _) | (Some(_), Some(_), None) => None,
                (Some(_), None, _) => {
                    section.refuse("from", "is missing: write the number that messages are sent from");
                    None
                }
                (None, Some(_), _) => {
                    section.refuse("account_sid", "is missing: it stands on the first page of the provider's console");
                    None
                }
            };
        }
        let url = section.text_maybe("send_url");
        let secret = section.secrets("send_secret").into_iter().next();
        url.map(|url| Self::Post { url, secret })
    }
}

/// A channel's way out.
pub(super) struct Sender {
    config: SendConfig,
    client: Client,
}

#[derive(Serialize)]
struct PostPayload<'a> {
    to: &'a str,
    text: &'a str,
}

impl Sender {
    pub(super) fn new(config: SendConfig) -> Self {
        let client = Client::builder()
            .timeout(ANSWER_TIMEOUT)
            .redirect(redirect::Policy::none())
            .build()
            .expect("an HTTP client needs nothing but the TLS provider that main installs");
        Self { config, client }
    }

    pub(super) async fn send(&self, address: &str, text: &str) -> Result<(), ChannelError> {
        let request = match &self.config {
            SendConfig::Twilio { api_url, account_sid, from, auth_token } => {
                let body = form_urlencoded::Serializer::new(String::new())
                    .extend_pairs([("To", address), ("From", from), ("Body", text)])
                    .finish();
                self.client
                    .post(format!("{api_url}/2010-04-01/Accounts/{account_sid}/Messages.json"))
                    .basic_auth(account_sid, Some(auth_token.expose_secret()))
                    .header("content-type", "application/x-www-form-urlencoded")
                    .body(body)
            }
            SendConfig::Post { url, secret } => {
                let request = self.client.post(url).json(&PostPayload { to: address, text });
                match secret {
                    Some(secret) => request.bearer_auth(secret.expose_secret()),
                    None => request,
                }
            }
        };
        // The library's own error would name the address of the request; only its kind goes on.
        let status = request.send().await.map_err(|_| ChannelError::Unreachable)?.status();
        match status {
            status if status.is_success() => Ok(()),
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => Err(ChannelError::Busy),
            status => Err(ChannelError::Refused { status: status.as_u16() }),
        }
    }
}
