//! The gateway as a program of its own, to be killed.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use serde_json::Value;

/// The program under test.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_pmm-gateway");

/// A running gateway. It is killed when this is dropped.
pub struct Process {
    child: Child,
    pub public: String,
    pub internal: String,
    log: Arc<Mutex<Vec<u8>>>,
}

impl Process {
    /// Starts `serve` with the configuration in `file` and waits until it is open.
    pub fn serve(file: &Path, environment: &[(String, String)]) -> Self {
        Self::open(Command::new(PROGRAM).args(["serve", "--config"]).arg(file), environment)
    }

    /// The same as one side of a deployment. The side that answers has no public address.
    pub fn serve_as(role: &str, file: &Path, environment: &[(String, String)]) -> Self {
        Self::open(Command::new(PROGRAM).args(["serve", "--role", role, "--config"]).arg(file), environment)
    }

    /// The same on a disk that is full as soon as a file has `kib` kibibytes.
    pub fn serve_on_a_small_disk(file: &Path, kib: u32) -> Self {
        // Without the trap the kernel would end the program instead of refusing the write.
        let limited = format!("trap '' XFSZ; ulimit -f {}; exec \"$0\" serve --config \"$1\"", kib * 2);
        Self::open(Command::new("sh").args(["-c", &limited, PROGRAM]).arg(file), &[])
    }

    fn open(command: &mut Command, environment: &[(String, String)]) -> Self {
        let mut child = command
            .env("PMM__LOG__FORMAT", "json")
            .env("PMM__PUBLIC__LISTEN", "127.0.0.1:0")
            .env("PMM__INTERNAL__LISTEN", "127.0.0.1:0")
            .envs(environment.iter().cloned())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut stderr = BufReader::new(child.stderr.take().expect("it is piped"));
        let log = Arc::new(Mutex::new(Vec::new()));
        let (public, internal) = loop {
            let mut line = String::new();
            let n_bytes = stderr.read_line(&mut line).expect("the log is text");
            assert!(n_bytes > 0, "the gateway did not open: {}", String::from_utf8_lossy(&log.lock().expect("unpoisoned")));
            log.lock().expect("unpoisoned").extend_from_slice(line.as_bytes());
            let Ok(event) = serde_json::from_str::<Value>(&line) else { continue };
            if let Some(internal) = event["fields"]["internal"].as_str() {
                let public = event["fields"]["public"].as_str().unwrap_or("none");
                break (format!("http://{public}"), format!("http://{internal}"));
            }
        };
        let rest = Arc::clone(&log);
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(n_bytes @ 1..) = stderr.read(&mut bytes) {
                rest.lock().expect("unpoisoned").extend_from_slice(&bytes[..n_bytes]);
            }
        });
        Self { child, public, internal, log }
    }

    /// Its number.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// As `kill -9` does.
    pub fn kill(&mut self) {
        self.child.kill().expect("it runs");
        self.child.wait().expect("it ends");
    }

    /// What it has logged so far.
    pub fn log(&self) -> Vec<u8> {
        self.log.lock().expect("unpoisoned").clone()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have been killed by the test.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Runs a command to its end and returns what it printed.
pub fn run(arguments: &[&str], file: &Path, environment: &[(String, String)]) -> String {
    let (is_good, printed) = try_run(arguments, file, environment);
    assert!(is_good, "{arguments:?} failed: {printed}");
    printed
}

/// Runs a command to its end. Says whether it went well, and what it printed on both outputs.
pub fn try_run(arguments: &[&str], file: &Path, environment: &[(String, String)]) -> (bool, String) {
    let output = command(arguments, file, environment).output().expect("the program starts");
    let printed = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(printed).expect("it prints text"))
}

/// Runs `serve` where it must refuse to start, and returns what it said. One that opens all the same fails the test.
pub async fn refused_start(arguments: &[&str], file: &Path, environment: &[(String, String)]) -> String {
    let mut child = command(arguments, file, environment)
        .env("PMM__PUBLIC__LISTEN", "127.0.0.1:0")
        .env("PMM__INTERNAL__LISTEN", "127.0.0.1:0")
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let has_ended = super::eventually(async || child.try_wait().expect("it is a child of ours").is_some()).await;
    drop(child.kill());
    let output = child.wait_with_output().expect("it ended");
    assert!(has_ended && !output.status.success(), "it opened");
    String::from_utf8(output.stderr).expect("it prints text")
}

/// A command that is not started yet.
pub fn command(arguments: &[&str], file: &Path, environment: &[(String, String)]) -> Command {
    let mut command = Command::new(PROGRAM);
    command.args(arguments).arg("--config").arg(file).envs(environment.iter().cloned());
    command
}
