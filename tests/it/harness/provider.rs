//! A fake service of the internet: a server on loopback that answers as it was told and remembers what it was asked.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use tokio::net::TcpListener;

/// What the provider was asked.
#[derive(Debug, Clone)]
pub struct Asked {
    pub method: Method,
    pub path: String,
    pub query: String,
    pub headers: HeaderMap,
    pub body: String,
}

/// How the provider answers once.
#[derive(Debug, Clone, Default)]
pub struct Scripted {
    pub status: StatusCode,
    pub retry_after: Option<&'static str>,
    /// Instead of the usual body.
    pub body: Option<&'static str>,
    /// Takes the request and breaks the connection before it answers.
    pub hangs_up: bool,
}

/// A provider that answers as scripted, then with 201.
#[derive(Clone)]
pub struct Provider {
    asked: Arc<Mutex<Vec<Asked>>>,
    answers: Arc<Mutex<VecDeque<Scripted>>>,
    pub url: String,
}

impl Provider {
    /// Opens it on a free port; it answers with these statuses first.
    pub async fn start(answers: &[StatusCode]) -> Self {
        Self::scripted(answers.iter().map(|status| Scripted { status: *status, ..Scripted::default() }).collect()).await
    }

    /// Opens it on a free port; it answers like this first.
    pub async fn scripted(answers: Vec<Scripted>) -> Self {
        let socket = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", socket.local_addr().expect("an address"));
        let provider = Self { asked: Arc::default(), answers: Arc::new(Mutex::new(answers.into())), url };
        let router = Router::new().route("/", any(answer)).route("/{*path}", any(answer)).with_state(provider.clone());
        tokio::spawn(async move { axum::serve(socket, router).await.expect("it serves") });
        provider
    }

    /// What it was asked so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("unpoisoned").clone()
    }
}

async fn answer(State(provider): State<Provider>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 16).await.expect("a small body");
    provider.asked.lock().expect("unpoisoned").push(Asked {
        method: parts.method,
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts.headers,
        body: String::from_utf8_lossy(&body).into_owned(),
    });
    let scripted = provider.answers.lock().expect("unpoisoned").pop_front();
    let scripted = scripted.unwrap_or(Scripted { status: StatusCode::CREATED, ..Scripted::default() });
    if scripted.hangs_up {
        // A panic in a handler is how this server drops a connection without an answer.
        std::panic::resume_unwind(Box::new("the provider hangs up"));
    }
    // A real provider's error quotes the number; none of it may reach our log.
    let usual = format!("{{\"sid\":\"SM1\",\"id\":\"SM1\",\"detail\":{:?}}}", String::from_utf8_lossy(&body));
    let body = scripted.body.map_or(usual, str::to_owned);
    match scripted.retry_after {
        Some(secs) => (scripted.status, [("retry-after", secs)], body).into_response(),
        None => (scripted.status, body).into_response(),
    }
}
