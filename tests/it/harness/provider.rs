//! A fake service of the internet: a server on loopback that answers as it was told and remembers what it was asked.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use tokio::net::TcpListener;

/// What the provider was asked.
#[derive(Debug, Clone)]
pub struct Asked {
    pub path: String,
    pub headers: HeaderMap,
    pub body: String,
}

/// A provider that answers with the statuses it was given, then with 201.
#[derive(Clone)]
pub struct Provider {
    asked: Arc<Mutex<Vec<Asked>>>,
    answers: Arc<Mutex<Vec<StatusCode>>>,
    pub url: String,
}

impl Provider {
    /// Opens it on a free port.
    pub async fn start(answers: &[StatusCode]) -> Self {
        let socket = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", socket.local_addr().expect("an address"));
        let provider =
            Self { asked: Arc::default(), answers: Arc::new(Mutex::new(answers.iter().rev().copied().collect())), url };
        let router = Router::new().route("/{*path}", post(answer)).with_state(provider.clone());
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
    let asked =
        Asked { path: parts.uri.path().to_owned(), headers: parts.headers, body: String::from_utf8_lossy(&body).into_owned() };
    provider.asked.lock().expect("unpoisoned").push(asked);
    let status = provider.answers.lock().expect("unpoisoned").pop().unwrap_or(StatusCode::CREATED);
    // A real provider's error quotes the number; none of it may reach our log.
    (status, format!("{{\"sid\":\"SM1\",\"detail\":{:?}}}", String::from_utf8_lossy(&body))).into_response()
}
