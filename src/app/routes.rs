//! What the two listeners answer, and the headers that every answer bears.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{any, get};
use channels::Channel;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::TimeoutLayer;

use crate::config::Config;
use crate::desk::GatewayDesk;
use crate::journal::Waiting;
use crate::pages::{InternalHomeView, internal_home, style_csp_source};
use crate::telemetry::Event;

/// The public listener: channels and health.
pub(super) fn public(desk: &Arc<GatewayDesk>, channels: &[Arc<dyn Channel>], config: &Config) -> Router {
    let mut router = Router::new().merge(health(desk));
    for channel in channels {
        if let Some(routes) = Arc::clone(channel).routes() {
            router = router.merge(routes);
        }
    }
    // A wrong webhook address is answered with nothing: some gateways send an error page on to the worker.
    let nothing = || async { StatusCode::NOT_FOUND };
    let router = router.route("/hooks", any(nothing)).route("/hooks/", any(nothing)).route("/hooks/{*unknown}", any(nothing));
    with_bounds(router, desk, config)
}

/// The internal listener: overview, health and metrics.
pub(super) fn internal(desk: &Arc<GatewayDesk>, config: &Config) -> Router {
    let name = config.desk.name.clone();
    let home = move |State(desk): State<Arc<GatewayDesk>>| async move { home(&desk, &name).await };
    let router =
        Router::new().route("/", get(home)).route("/metrics", get(metrics)).with_state(Arc::clone(desk)).merge(health(desk));
    with_bounds(router, desk, config)
}

fn health(desk: &Arc<GatewayDesk>) -> Router {
    Router::new()
        .route("/health/live", get(|| async { "live\n" }))
        .route("/health/ready", get(ready))
        .with_state(Arc::clone(desk))
}

/// Ready means that a report would be taken. A case store that is away is no reason to turn reports away.
async fn ready(State(desk): State<Arc<GatewayDesk>>) -> Response {
    match desk.tools().journal.check().await {
        Ok(()) => "ready\n".into_response(),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "not ready: the journal takes no reports\n").into_response(),
    }
}

async fn metrics(State(desk): State<Arc<GatewayDesk>>) -> Response {
    let content_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, content_type)], desk.tools().telemetry.metrics().render()).into_response()
}

async fn home(desk: &GatewayDesk, name: &str) -> Response {
    let queue = desk.tools().store.waiting().await.unwrap_or_default();
    let Waiting { reports, set_aside, quarantine, .. } = desk.tools().journal.waiting();
    let view = InternalHomeView {
        desk: name,
        version: env!("CARGO_PKG_VERSION"),
        queue: &queue,
        n_journal_waiting: reports,
        n_set_aside: set_aside,
        n_quarantined: quarantine,
    };
    Html(internal_home(&view)).into_response()
}

/// Deadline, panic guard, compression and headers around everything.
fn with_bounds(router: Router, desk: &Arc<GatewayDesk>, config: &Config) -> Router {
    let telemetry = desk.tools().telemetry.clone();
    let on_panic = move |_: Box<dyn std::any::Any + Send>| {
        // The panic's text may quote a request.
        telemetry.emit(&Event::HandlerPanicked);
        StatusCode::INTERNAL_SERVER_ERROR.into_response()
    };
    let deadline = Duration::from_secs(config.limits.request_timeout_secs);
    let mut router = router
        .layer(CatchPanicLayer::custom(on_panic))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, deadline))
        .layer(CompressionLayer::new());
    let csp = format!(
        "default-src 'none'; style-src {}; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        style_csp_source()
    );
    let mut headers = vec![
        (header::CONTENT_SECURITY_POLICY, csp),
        (header::REFERRER_POLICY, "no-referrer".to_owned()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (header::X_FRAME_OPTIONS, "DENY".to_owned()),
        (header::CACHE_CONTROL, "no-store".to_owned()),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin".to_owned()),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin".to_owned()),
        (HeaderName::from_static("permissions-policy"), "camera=(), microphone=(), geolocation=()".to_owned()),
    ];
    if config.public.url.starts_with("https://") {
        headers.push((header::STRICT_TRANSPORT_SECURITY, "max-age=63072000".to_owned()));
    }
    for (name, value) in headers {
        let value = HeaderValue::from_str(&value).expect("the headers are made of printable ASCII");
        router = router.layer(SetResponseHeaderLayer::overriding(name, value));
    }
    router
}
