//! A client that costs little beside what it measures: one connection a task, one request after the other.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Posts `n_requests` reports by `n_clients` at once and says how long it took.
pub async fn load(address: SocketAddr, secret: &str, round: usize, n_requests: usize, n_clients: usize) -> Duration {
    let started = Instant::now();
    let tasks: Vec<_> = (0..n_clients)
        .map(|client| tokio::spawn(one_client(address, secret.to_owned(), round, client, n_requests / n_clients)))
        .collect();
    for task in tasks {
        task.await.expect("a client does not panic");
    }
    started.elapsed()
}

async fn one_client(address: SocketAddr, secret: String, round: usize, client: usize, n_requests: usize) {
    let mut socket = TcpStream::connect(address).await.expect("it listens");
    socket.set_nodelay(true).expect("a TCP socket");
    let mut answer = [0; 4096];
    for number in 0..n_requests {
        let body = format!(
            "{{\"id\":\"{round}-{client}-{number}\",\"from\":\"+12015550123\",\"text\":\"They have not paid us for three months and they keep our passports. Call me on 2015550123\"}}"
        );
        let request = format!(
            "POST /hooks/bench HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {secret}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        socket.write_all(request.as_bytes()).await.expect("it reads");
        // The answers have no body and fit into one piece.
        let n_bytes = socket.read(&mut answer).await.expect("it answers");
        assert!(answer[..n_bytes].starts_with(b"HTTP/1.1 200"), "a request was refused");
    }
}
