//! One HTTP request over a real connection, byte for byte as it was recorded.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::RecordedRequest;

/// An answer.
pub struct Answer {
    pub status: u16,
    pub content_type: Option<String>,
    pub body: String,
}

/// Sends the request to `address` under another target.
pub async fn send(address: std::net::SocketAddr, target: &str, request: &RecordedRequest) -> std::io::Result<Answer> {
    let body = body_of(request);
    let mut head = format!("{} {target} HTTP/1.1\r\nhost: intake.example.org\r\nconnection: close\r\n", request.method);
    for (name, value) in &request.headers {
        let is_ours = ["host", "connection", "content-length"].iter().any(|ours| name.eq_ignore_ascii_case(ours));
        if let Some(value) = value.as_str().filter(|_| !is_ours) {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
    }
    if !body.is_empty() || request.method != "GET" {
        head.push_str(&format!("content-length: {}\r\n", body.len()));
    }
    head.push_str("\r\n");
    let mut connection = TcpStream::connect(address).await?;
    connection.write_all(head.as_bytes()).await?;
    connection.write_all(&body).await?;
    let mut answer = Vec::new();
    connection.read_to_end(&mut answer).await?;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    let header = |name: &str| {
        head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        })
    };
    Ok(Answer { status, content_type: header("content-type"), body: body.to_owned() })
}

fn body_of(request: &RecordedRequest) -> Vec<u8> {
    use base64::Engine;

    let encoded = request.body_b64.as_deref();
    encoded
        .and_then(|encoded| base64::engine::general_purpose::STANDARD.decode(encoded).ok())
        .unwrap_or_else(|| request.body.clone().unwrap_or_default().into_bytes())
}
