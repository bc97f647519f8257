//! Measures the gateway against a ceiling in the same run: a bare handler that does the one thing which cannot be left out.
//!
//! Absolute figures depend on the machine and its neighbours; the ratios travel. Bounded in count, on this machine only.

mod client;
mod language;
#[expect(dead_code, reason = "the tests use more of it")]
#[path = "../../tests/it/harness/redis.rs"]
mod redis_server;
#[expect(dead_code, reason = "the tests use more of it")]
#[path = "../../tests/it/harness/sample.rs"]
mod sample;
mod vault;

use std::io::Write;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::http::StatusCode;
use axum::routing::post;
use channels::planting;
use channels::settings::Environment;
use pmm_gateway::anonymise::{Anonymiser, Stage};
use pmm_gateway::app::{App, own_hook_secret};
use pmm_gateway::clock::{SystemClock, SystemRng};
use pmm_gateway::config::Config;
use pmm_gateway::desk::GatewayDesk;
use pmm_gateway::language::{Clues, Detector};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

const REQUESTS: usize = 4_000;
const CLIENTS: usize = 32;
const ROUNDS: usize = 3;
const LINES: usize = 40_000;

fn main() {
    if std::env::args().any(|argument| argument == "vault") {
        // One part alone, while working on it: `cargo bench --workspace --bench gateway -- vault`.
        vault::seals();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("threads");
        return runtime.block_on(vault::nights());
    }
    drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("threads");
    say(&format!("{REQUESTS} requests by {CLIENTS} clients, the best of {ROUNDS} rounds each; more is better\n"));
    runtime.block_on(durable());
    runtime.block_on(redis());
    text();
    photograph();
    anonymiser();
    memory();
    vault::seals();
    runtime.block_on(vault::nights());
    language::bench();
}

fn say(words: &str) {
    std::io::stdout().write_all(words.as_bytes()).expect("somebody reads");
}

fn compare(what: &str, ours: f64, bare: f64) {
    say(&format!("{what}\n    gateway {ours:>8.0}/s   bare {bare:>8.0}/s   ratio {:.2}\n", ours / bare));
}

/// (a) Webhook to durable to 200, against a handler that appends the same bytes and fsyncs.
async fn durable() {
    let folder = tempfile::tempdir().expect("a folder");
    let gateway = start(folder.path(), "store = \"embedded\"", Environment::new()).await;
    let file = Arc::new(Mutex::new(std::fs::File::create(folder.path().join("bare")).expect("a file")));
    let bare = serve(Router::new().route(
        "/hooks/bench",
        post(move |body: Bytes| async move {
            let file = Arc::clone(&file);
            let written = tokio::task::spawn_blocking(move || {
                let mut file = file.lock().expect("unpoisoned");
                file.write_all(&body).and_then(|()| file.sync_data())
            });
            written.await.expect("no panic").map_or(StatusCode::SERVICE_UNAVAILABLE, |()| StatusCode::OK)
        }),
    ))
    .await;
    let (mut ours, mut ceiling) = (0.0_f64, 0.0_f64);
    for round in 0..ROUNDS {
        ours = ours.max(rate(client::load(gateway.public, &gateway.secret, round, REQUESTS, CLIENTS).await));
        gateway.drained().await;
        ceiling = ceiling.max(rate(client::load(bare, "none", round, REQUESTS, CLIENTS).await));
    }
    gateway.stop.cancel();
    compare("(a) webhook -> durable -> 200, against append + fsync of the same bytes", ours, ceiling);
}

/// (b) Webhook to case in Redis with every write fsynced, against a handler that does one XADD.
async fn redis() {
    let server = redis_server::Server::start();
    let folder = tempfile::tempdir().expect("a folder");
    let url = secrecy::ExposeSecret::expose_secret(&server.url()).to_owned();
    let environment = Environment::from([("PMM__REDIS__URL".to_owned(), url)]);
    let gateway = start(folder.path(), "store = \"redis\"", environment).await;
    let connection = server.connect().await;
    let bare = serve(Router::new().route(
        "/hooks/bench",
        post(move |body: Bytes| {
            let mut connection = connection.clone();
            async move {
                let added: redis::RedisResult<String> =
                    redis::cmd("XADD").arg("bare").arg("*").arg("case").arg(&body[..]).query_async(&mut connection).await;
                added.map_or(StatusCode::SERVICE_UNAVAILABLE, |_| StatusCode::OK)
            }
        }),
    ))
    .await;
    let (mut ours, mut ceiling) = (0.0_f64, 0.0_f64);
    for round in 0..ROUNDS {
        let started = Instant::now();
        client::load(gateway.public, &gateway.secret, round, REQUESTS, CLIENTS).await;
        gateway.drained().await;
        ours = ours.max(rate(started.elapsed()));
        ceiling = ceiling.max(rate(client::load(bare, "none", round, REQUESTS, CLIENTS).await));
    }
    gateway.stop.cancel();
    compare("(b) webhook -> case in Redis (appendfsync always), against one XADD", ours, ceiling);
}

/// (c) `process` on one core and on all of them.
fn text() {
    let texts = include_str!("texts.txt");
    let lines: Vec<&str> = texts.lines().filter(|line| !line.is_empty()).collect();
    let input: String = (0..LINES)
        .map(|number| {
            let text = lines[number % lines.len()];
            serde_json::json!({ "id": number.to_string(), "channel": "sms", "from": "+12015550123", "text": text }).to_string()
                + "\n"
        })
        .collect();
    let n_chars: usize = lines.iter().map(|line| line.chars().count()).sum::<usize>() / lines.len();
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    for n_threads in [1, threads] {
        let best = (0..ROUNDS).map(|_| process(&input, n_threads)).min().expect("rounds");
        let per_second = per_second(LINES, best);
        say(&format!(
            "(c) process, {n_threads} thread(s): {per_second:.0} texts/s, {LINES} texts of {n_chars} characters on average\n"
        ));
    }
}

/// (e) The anonymiser with language detection on one core, and where its time goes.
fn anonymiser() {
    let lines: Vec<&str> = include_str!("texts.txt").lines().filter(|line| !line.is_empty()).collect();
    let anonymiser = Anonymiser::new(Anonymiser::default_regions());
    let nobody = planting::nobody();
    let texts: Vec<_> = lines.iter().map(|line| (*line, planting::text(line))).collect();
    let mut best = Duration::MAX;
    for _ in 0..ROUNDS {
        let started = Instant::now();
        for number in 0..LINES / 2 {
            let text = &texts[number % texts.len()].1;
            let language = Detector::default().detect(text, &Clues::default()).language;
            std::hint::black_box(anonymiser.redact(text, &nobody, language));
        }
        best = best.min(started.elapsed());
    }
    #[expect(clippy::cast_precision_loss, reason = "counts are small")]
    let per_second = (LINES / 2) as f64 / best.as_secs_f64();
    let mut spent = [Duration::ZERO; Stage::ALL.len()];
    for number in 0..LINES / 4 {
        let (line, text) = &texts[number % texts.len()];
        let language = Detector::default().detect(text, &Clues::default()).language;
        let mut last = Instant::now();
        anonymiser.rehearse(line, &nobody, language, |stage| {
            let now = Instant::now();
            let at = Stage::ALL.iter().position(|other| *other == stage).expect("all of them are there");
            spent[at] += now - last;
            last = now;
        });
    }
    let whole: Duration = spent.iter().sum();
    let shares: Vec<String> = Stage::ALL
        .iter()
        .zip(spent)
        .map(|(stage, spent)| format!("{stage:?} {:.0} %", spent.as_secs_f64() / whole.as_secs_f64() * 100.0))
        .collect();
    say(&format!("(e) language and anonymiser, 1 thread: {per_second:.0} texts/s; one look: {}\n", shares.join(", ")));
}

/// (d) What a million lines need.
fn memory() {
    let line =
        "{\"id\":\"1\",\"channel\":\"sms\",\"from\":\"+12015550123\",\"text\":\"no pay for three months, call 2015550123\"}\n";
    let mut child = Command::new(env!("CARGO_BIN_EXE_pmm-gateway"))
        .arg("process")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .expect("the program starts");
    let mut stdin = child.stdin.take().expect("it is piped");
    let lines = line.repeat(1000);
    for _ in 0..1000 {
        stdin.write_all(lines.as_bytes()).expect("it reads");
    }
    // Asked while the program still waits for more.
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).expect("Linux tells");
    let peak_kib: u64 = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .and_then(|value| value.split_whitespace().next()?.parse().ok())
        .expect("Linux tells the peak");
    drop(stdin);
    assert!(child.wait().expect("it ends").success());
    say(&format!("(d) process, 1,000,000 lines: {} MiB of memory at the most\n", peak_kib / 1024));
    assert!(peak_kib < 200 * 1024, "a million lines must not need more than 200 MiB");
}

/// (d) A photograph of twelve megapixels through the child, start to end, against decoding and encoding alone.
fn photograph() {
    let photo = attachments::planting::jpeg_of(4_000, 3_000);
    let cleaner = attachments::Cleaner::of_program(env!("CARGO_BIN_EXE_pmm-gateway").into(), "clean-attachment");
    let mut best = [Duration::MAX; 2];
    for _ in 0..ROUNDS {
        let begin = Instant::now();
        let outcome = cleaner.clean(&photo);
        best[0] = best[0].min(begin.elapsed());
        assert!(matches!(outcome.verdict, attachments::Verdict::Clean(_)), "the photograph was not cleaned");
        let begin = Instant::now();
        drop(attachments::clean(&photo));
        best[1] = best[1].min(begin.elapsed());
    }
    let [ours, bare] = best.map(|elapsed| elapsed.as_secs_f64());
    say(&format!("a 12 MP photograph cleaned\n    in a child {ours:>6.2} s   in this process {bare:>6.2} s   ceiling 1 s\n"));
}

fn process(input: &str, n_threads: usize) -> Duration {
    let started = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_pmm-gateway"))
        .args(["process", "--threads", &n_threads.to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .expect("the program starts");
    child.stdin.take().expect("it is piped").write_all(input.as_bytes()).expect("it reads");
    assert!(child.wait().expect("it ends").success());
    started.elapsed()
}

fn rate(elapsed: Duration) -> f64 {
    per_second(REQUESTS, elapsed)
}

fn per_second(count: usize, elapsed: Duration) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "counts are small")]
    let count = count as f64;
    count / elapsed.as_secs_f64()
}

async fn serve(router: Router) -> SocketAddr {
    let socket = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = socket.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(socket, router).await.expect("it serves") });
    address
}

struct Gateway {
    public: SocketAddr,
    secret: String,
    desk: Arc<GatewayDesk>,
    stop: CancellationToken,
}

impl Gateway {
    /// Until every report is a case.
    async fn drained(&self) {
        while self.desk.tools().journal.waiting().reports > 0 {
            tokio::time::sleep(Duration::from_micros(200)).await;
        }
    }
}

async fn start(folder: &Path, store: &str, environment: Environment) -> Gateway {
    let file = folder.join("gateway.toml");
    let listeners = "[public]\nlisten = \"127.0.0.1:0\"\n[internal]\nlisten = \"127.0.0.1:0\"\n";
    // The answer is empty, so that it waits for the journal only.
    let channel = "[channels.bench]\nkind = \"sms\"\nreceipts = \"send\"\n";
    std::fs::write(&file, format!("{store}\n{listeners}{channel}")).expect("a file");
    let config = Config::load(Some(&file), &environment, &own_hook_secret).expect("it is right");
    let app = App::build(config, Arc::new(SystemClock), Arc::new(SystemRng)).await.expect("it starts");
    let secret = std::fs::read_to_string(folder.join("data/keys/hook-bench")).expect("it was made").trim().to_owned();
    let (public, desk, stop) = (app.public_address(), Arc::clone(app.desk()), CancellationToken::new());
    tokio::spawn(app.run(stop.clone()));
    Gateway { public, secret, desk, stop }
}
