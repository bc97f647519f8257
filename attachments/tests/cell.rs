//! What a process that has shut itself in can still do: compute, answer, end.
#![cfg(target_os = "linux")]

use std::fs::File;
use std::io::Write;
use std::net::{TcpListener, UdpSocket};
use std::os::unix::net::UnixStream;
use std::process::Command;

const SHUT_IN: &str = "ATTACHMENTS_TEST_SHUT_IN";

/// Tries everything that a parser in foreign hands might, and tells what worked.
fn try_everything() -> String {
    attachments::cell::shut_in().expect("this machine contains processes");
    let mut worked = Vec::new();
    let mut tried = |what: &'static str, works: bool| {
        if works {
            worked.push(what);
        }
    };
    tried("read a file", File::open("/etc/passwd").is_ok());
    tried("write a file", File::create("/tmp/attachments-cell-test").is_ok());
    tried("list a folder", std::fs::read_dir("/").is_ok());
    tried("open a TCP socket", TcpListener::bind("127.0.0.1:0").is_ok());
    tried("open a UDP socket", UdpSocket::bind("127.0.0.1:0").is_ok());
    tried("open a local socket", UnixStream::pair().is_ok());
    tried("start a program", Command::new("/bin/true").spawn().is_ok());
    tried("start a thread", std::thread::Builder::new().spawn(|| ()).is_ok());
    tried("take two gigabytes", Vec::<u8>::new().try_reserve_exact(2 << 30).is_ok());
    // And it can compute.
    tried("compute", vec![1_u64; 1000].iter().sum::<u64>() == 1000);
    worked.join(", ")
}

#[test]
fn a_process_that_has_shut_itself_in_can_compute_and_nothing_else() {
    if std::env::var_os(SHUT_IN).is_some() {
        let told = format!("<{}>", try_everything());
        std::io::stdout().write_all(told.as_bytes()).expect("standard output is open");
        std::process::exit(0);
    }
    let own = std::env::current_exe().expect("the test's program");
    let arguments =
        ["--exact", "a_process_that_has_shut_itself_in_can_compute_and_nothing_else", "--nocapture", "--test-threads=1"];
    let output = Command::new(own).args(arguments).env(SHUT_IN, "yes").output().expect("it starts");
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(told.contains("<compute>"), "{told}");
}
