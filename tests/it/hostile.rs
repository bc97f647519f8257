//! Strangers on the wire who do not behave, and answers that get lost.

use std::time::Duration;

use pmm_gateway::journal::Waiting;
use pmm_gateway::store::redis::{DELIVERY_KEPT, RedisStore};
use pmm_gateway::store::{CaseStore, Pushed};
use pmm_gateway::triage::Severity;
use reqwest::StatusCode;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UnixListener, UnixStream};

use crate::harness::canary::Canary;
use crate::harness::gateway::{Gateway, Setup, Store};
use crate::harness::redis::Server;
use crate::harness::sample::{case, envelope};

/// Longer than any deadline that these tests set.
const LONG: Duration = Duration::from_secs(20);

async fn connect(gateway: &Gateway) -> TcpStream {
    TcpStream::connect(gateway.public.trim_start_matches("http://")).await.expect("the port is open")
}

/// What the gateway says until it closes the connection.
async fn rest_of(mut socket: TcpStream) -> String {
    let mut said = Vec::new();
    let closed = tokio::time::timeout(LONG, socket.read_to_end(&mut said)).await;
    assert!(closed.is_ok(), "the connection was held open");
    String::from_utf8_lossy(&said).into_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_that_hang_up_do_not_fill_the_journal() {
    let gateway = Setup::new(Store::Embedded).start().await;
    let canary = Canary::new();
    let words = format!("text=no+pay+{}", "x".repeat(200));
    for _ in 0..40 {
        let mut socket = connect(&gateway).await;
        let head = format!(
            "POST /report HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n",
            words.len()
        );
        socket.write_all(format!("{head}{words}").as_bytes()).await.expect("it is taken");
        drop(socket);
    }
    let answer = gateway.send_sms(&canary.message_id, &canary.phone, &canary.report("no pay")).await;
    assert_eq!(answer.status, StatusCode::OK);
    gateway.drained().await;
    assert_eq!(gateway.desk().tools().journal.waiting(), Waiting::default());
    gateway.finish(&[&canary]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_that_dawdle_are_dropped() {
    let limits = "[limits]\nheader_timeout_secs = 1\nrequest_timeout_secs = 5";
    let gateway = Setup::new(Store::Embedded).with(limits).start().await;
    let says_nothing = connect(&gateway).await;
    let mut half_a_head = connect(&gateway).await;
    half_a_head.write_all(b"GET /report HTTP/1.1\r\nhost: x\r\nx-a").await.expect("it is taken");
    let mut half_a_body = connect(&gateway).await;
    let post = b"POST /report HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\ntext=";
    half_a_body.write_all(post).await.expect("it is taken");
    let mut stays = connect(&gateway).await;
    stays.write_all(b"GET /health/live HTTP/1.1\r\nhost: x\r\n\r\n").await.expect("it is taken");
    let (_, _, body, _) = tokio::join!(rest_of(says_nothing), rest_of(half_a_head), rest_of(half_a_body), rest_of(stays));
    assert!(body.starts_with("HTTP/1.1 503"), "{body}");
    gateway.finish(&[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_takes_no_answers_is_dropped() {
    let limits = "[limits]\nconnections = 1\nheader_timeout_secs = 1\nrequest_timeout_secs = 5";
    let gateway = Setup::new(Store::Embedded).with(limits).start().await;
    let mut deaf = connect(&gateway).await;
    let asks = b"GET /report HTTP/1.1\r\nhost: x\r\n\r\n".repeat(20_000);
    // It stops taking questions once its answers fill the pipe.
    drop(tokio::time::timeout(Duration::from_secs(3), deaf.write_all(&asks)).await);
    let other = tokio::time::timeout(LONG, gateway.send(gateway.request(reqwest::Method::GET, "/health/live"))).await;
    assert!(other.is_ok(), "one deaf client holds the only place for ever");
    drop(deaf);
    gateway.finish(&[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_of_two_lengths_or_too_many_headers_are_refused() {
    let gateway = Setup::new(Store::Embedded).start().await;
    let canary = Canary::new();
    let ask = |head: String| {
        let gateway = &gateway;
        async move {
            let mut socket = connect(gateway).await;
            socket
                .write_all(
                    format!("POST /report HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{head}\r\n\r\ntext={}", "x").as_bytes(),
                )
                .await
                .expect("it is taken");
            rest_of(socket).await
        }
    };
    for head in [
        "content-length: 5\r\ncontent-length: 6".to_owned(),
        format!("x-a: {}", canary.phone.repeat(4000)),
        "x: y\r\n".repeat(100) + "x: y",
    ] {
        let said = ask(head).await;
        assert!(said.starts_with("HTTP/1.1 4"), "{said}");
        assert_eq!(canary.traces_in(said.as_bytes()), [""; 0]);
    }
    assert!(gateway.cases().await.is_empty());
    gateway.finish(&[&canary]).await;
}

#[tokio::test]
async fn a_form_that_is_sent_again_with_more_words_is_not_dropped() {
    let gateway = Setup::new(Store::Embedded).start().await;
    let canary = Canary::new();
    let once = "0123456789abcdef0123456789abcdef";
    for words in ["no pay", "no pay", "no pay and the exit is locked"] {
        let answer = gateway.send(gateway.post("/report").form(&[("text", words), ("once", once)])).await;
        assert_eq!(answer.status, StatusCode::OK);
    }
    gateway.drained().await;
    let cases = gateway.cases().await;
    let mut texts: Vec<&str> = cases.iter().map(|case| case.text.as_str()).collect();
    texts.sort_unstable();
    assert_eq!(texts, ["no pay", "no pay and the exit is locked"]);
    gateway.finish(&[&canary]).await;
}

#[tokio::test]
async fn a_contact_that_is_no_address_is_anonymised_with_the_text() {
    let gateway = Setup::new(Store::Embedded).start().await;
    let canary = Canary::new();
    let contact = canary.report(&"please call me in the evening only. ".repeat(20));
    let answer = gateway.send(gateway.post("/report").form(&[("text", "no pay"), ("contact", &contact)])).await;
    assert_eq!(answer.status, StatusCode::OK);
    gateway.drained().await;
    let cases = gateway.cases().await;
    assert!(cases[0].text.as_str().contains("in the evening only") && !cases[0].can_be_answered);
    gateway.finish(&[&canary]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_entry_in_the_store_stops_one_report_and_no_other() {
    let server = Server::start();
    let gateway = Setup::new(Store::Embedded).on_redis(&server).start().await;
    let canary = Canary::new();
    gateway.send_sms(&canary.message_id, &canary.phone, "no pay").await;
    gateway.drained().await;
    let mut redis = server.connect().await;
    let pattern = format!("{{{}}}:delivery:*", gateway.desk_name());
    let keys: Vec<String> = redis::cmd("KEYS").arg(pattern).query_async(&mut redis).await.expect("it answers");
    let _: () = redis::cmd("SET").arg(&keys[0]).arg("damaged").query_async(&mut redis).await.expect("it is set");
    gateway.send_sms(&canary.message_id, &canary.phone, "no pay").await;
    gateway.send_sms(&format!("{}-2", canary.message_id), &canary.phone, "no pay").await;
    let journal = &gateway.desk().tools().journal;
    let is_done = crate::harness::eventually(async || {
        journal.check().await.expect("the disk takes writes");
        journal.waiting().set_aside == 1 && journal.waiting().reports == 1
    });
    assert!(is_done.await, "the damaged one was not set aside");
    let waiting = gateway.desk().tools().journal.waiting();
    assert_eq!((waiting.reports, waiting.set_aside), (1, 1));
    assert_eq!(gateway.cases().await.len(), 2);
    assert!(gateway.internal("/metrics").await.body.contains("pmm_store_up 1"));
    gateway.finish(&[&canary]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_case_is_told_of_although_the_answer_to_its_storing_was_lost() {
    let mut server = Server::start();
    let gateway = Setup::new(Store::Embedded).on_redis(&server).start().await;
    let canary = Canary::new();
    let text = "they keep our passports and we cannot leave the factory";
    gateway.send_sms(&canary.message_id, &canary.phone, text).await;
    gateway.drained().await;
    // To the worker this looks the same as a push that was done and not answered: the next try finds the case.
    server.kill();
    gateway.send_sms(&canary.message_id, &canary.phone, text).await;
    server.start_again();
    gateway.drained().await;
    let told = "pmm_cases_total{severity=\"critical\"}";
    let metrics = gateway.internal("/metrics").await.body;
    assert!(metrics.contains(&format!("{told} 2")), "{metrics}");
    server.kill();
    gateway.send_sms(&canary.message_id, &canary.phone, text).await;
    let gateway = gateway.restart().await;
    server.start_again();
    gateway.drained().await;
    let metrics = gateway.internal("/metrics").await.body;
    assert!(metrics.contains(&format!("{told} 1")), "{metrics}");
    assert_eq!(gateway.cases().await.len(), 1);
    gateway.finish(&[&canary]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reporters_are_answered_at_once_in_their_language_while_the_store_is_away() {
    let mut server = Server::start();
    server.kill();
    let gateway = Setup::new(Store::Embedded).on_redis(&server).start().await;
    let canary = Canary::new();
    gateway.send_sms(&format!("{}-first", canary.message_id), &canary.phone, "no pay").await;
    let answers = async {
        let mut last = String::new();
        for number in 0..20 {
            let id = format!("{}-{number}", canary.message_id);
            last = gateway.send_sms(&id, &canary.phone, "老板扣了我们的护照，不让我们离开工厂").await.body;
        }
        last
    };
    let last = tokio::time::timeout(Duration::from_secs(10), answers).await.expect("nobody waits for the store");
    let receipt: serde_json::Value = serde_json::from_str(&last).expect("JSON");
    let chinese = pmm_gateway::language::Language::parse("zh").expect("a language");
    let reference = receipt["reference"].as_str().expect("a reference");
    let should_be = pmm_gateway::locale::Locales::built_in().receipt(chinese, "en", reference);
    assert_eq!(receipt["reply"].as_str(), Some(should_be.as_str()));
    server.start_again();
    gateway.drained().await;
    assert_eq!(gateway.cases().await.len(), 21);
    gateway.finish(&[&canary]).await;
}

#[tokio::test]
async fn the_log_does_not_tell_when_a_case_came() {
    let gateway = Setup::new(Store::Embedded).start().await;
    let canary = Canary::new();
    for _ in 0..2 {
        gateway.send_sms(&canary.message_id, &canary.phone, "they keep our passports").await;
        gateway.drained().await;
    }
    let reference = gateway.cases().await[0].reference.to_string();
    let log = crate::harness::canary::log();
    let log = String::from_utf8_lossy(&log);
    assert!(log.contains("A report has become a case") && !log.contains(&reference));
    gateway.finish(&[&canary]).await;
}

/// Stands before a Redis server and breaks the first connection on which it hears `word` from the server.
async fn break_at(word: &'static [u8], listener: UnixListener, server: std::path::PathBuf) {
    let mut has_broken = false;
    loop {
        let (mut client, _) = listener.accept().await.expect("the socket is open");
        let mut server = UnixStream::connect(&server).await.expect("the server is up");
        let (mut asked, mut answered) = (vec![0; 1 << 16], vec![0; 1 << 16]);
        loop {
            tokio::select! {
                read = client.read(&mut asked) => match read {
                    Ok(n_bytes) if n_bytes > 0 => server.write_all(&asked[..n_bytes]).await.expect("it takes them"),
                    Ok(_) | Err(_) => break,
                },
                read = server.read(&mut answered) => {
                    let answer = &answered[..read.expect("the server is up")];
                    if !has_broken && answer.windows(word.len()).any(|bytes| bytes == word) {
                        has_broken = true;
                        break;
                    }
                    client.write_all(answer).await.expect("it takes them");
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_push_whose_answer_was_lost_is_still_new_to_whoever_pushed() {
    let server = Server::start();
    let folder = tempfile::tempdir().expect("a folder");
    let socket = folder.path().join("socket");
    let listener = UnixListener::bind(&socket).expect("the socket is free");
    let broken = tokio::spawn(break_at(b"new", listener, server.folder().join("socket")));
    let store =
        RedisStore::new(&format!("unix://{}", socket.display()).into(), "desk", 60, DELIVERY_KEPT).expect("a valid setup");
    assert_eq!(store.push(&case(1, Severity::Emergency), &envelope(1)).await, Ok(Pushed::New));
    let again = store.push(&case(1, Severity::Emergency), &envelope(1)).await;
    assert_eq!(again, Ok(Pushed::Known(case(1, Severity::Emergency).reference)));
    broken.abort();
}

#[tokio::test]
async fn no_end_of_a_key_tells_when_a_report_came() {
    let server = Server::start();
    let store = RedisStore::new(&server.url(), "desk", 60, DELIVERY_KEPT).expect("a valid setup");
    store.push(&case(1, Severity::High), &envelope(1)).await.expect("the server is up");
    let mut redis = server.connect().await;
    let keys: Vec<String> = redis::cmd("KEYS").arg("*").query_async(&mut redis).await.expect("it answers");
    let mut n_ends = 0;
    for key in keys {
        let (secs, micros): (i64, i64) = redis::cmd("TIME").query_async(&mut redis).await.expect("it answers");
        let left_ms: i64 = redis::cmd("PTTL").arg(&key).query_async(&mut redis).await.expect("it answers");
        let into_day_ms = (secs * 1000 + micros / 1000 + left_ms) % 86_400_000;
        n_ends += i32::from(left_ms > 0);
        assert!(left_ms < 0 || into_day_ms < 1000, "{key} ends {into_day_ms} ms into a day");
    }
    assert_eq!(n_ends, 2);
}

/// Runs in a process of its own, because a panic hook is for the whole process.
#[test]
fn a_panic_does_not_quote_what_a_stage_was_cutting() {
    const CHILD: &str = "PMM_TEST_PANICS";
    let words = "gọi 0905550123";
    if std::env::var_os(CHILD).is_some() {
        pmm_gateway::telemetry::silence_panics();
        drop(std::panic::catch_unwind(|| words[..words.find('i').expect("it is there") - 1].len()));
        return;
    }
    let test = "hostile::a_panic_does_not_quote_what_a_stage_was_cutting";
    let mut child = std::process::Command::new(std::env::current_exe().expect("this program"));
    let output = child.args(["--exact", test, "--nocapture"]).env(CHILD, "1").output().expect("it runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("the program has a fault at tests/it/hostile.rs"), "{said}");
    assert!(!said.contains("0905550123"), "{said}");
}
