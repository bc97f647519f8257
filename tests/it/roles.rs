//! Two sides of one deployment: the one that takes reports in has no secret, not even a file of it, and works.

use std::path::{Path, PathBuf};

use reqwest::Client;
use secrecy::ExposeSecret;

use crate::harness::canary::{Canary, files};
use crate::harness::eventually;
use crate::harness::process::{Process, refused_start, run, try_run};
use crate::harness::provider::Provider;
use crate::harness::redis::Server;

struct Sides {
    folder: tempfile::TempDir,
    environment: Vec<(String, String)>,
    server: Server,
}

impl Sides {
    fn new(provider: &Provider, custodian: &str) -> Self {
        crate::harness::init_tls();
        let (folder, server) = (tempfile::tempdir().expect("a folder"), Server::start());
        for side in ["intake", "reply"] {
            std::fs::create_dir(folder.path().join(side)).expect("a folder");
        }
        let file = |side: &str| folder.path().join(side).join("gateway.toml");
        let channel = format!(
            "store = \"redis\"\n[custodian]\npublic_key = \"{custodian}\"\n[channels.out]\nkind = \"sms\"\nreceipts = \"send\"\nsend.url = \"{}/send\"\n",
            provider.url
        );
        std::fs::write(file("intake"), &channel).expect("a file");
        std::fs::write(file("reply"), "store = \"redis\"\n").expect("a file");
        let environment = vec![("PMM__REDIS__URL".to_owned(), server.url().expose_secret().to_owned())];
        Self { folder, environment, server }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn file(&self, side: &str) -> PathBuf {
        self.path(side).join("gateway.toml")
    }

    fn start(&self, role: &str) -> Process {
        Process::serve_as(role, &self.file(role), &self.environment)
    }

    async fn report(&self, intake: &Process, id: &str, canary: &Canary, text: &str) {
        let secret = std::fs::read_to_string(self.path("intake/data/keys/hook-out")).expect("it was made");
        let body = serde_json::json!({ "id": id, "from": canary.phone, "text": text });
        let answer =
            Client::new().post(format!("{}/hooks/out", intake.public)).bearer_auth(secret.trim()).json(&body).send().await;
        assert_eq!(answer.expect("it answers").status().as_u16(), 200);
    }

    async fn n_cases(&self, expected: usize) {
        let count = || run(&["cases", "--all", "--json"], &self.file("reply"), &self.environment).lines().count();
        assert!(eventually(async || count() == expected).await, "{} cases instead of {expected}", count());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_side_that_takes_reports_in_works_without_any_secret_and_can_open_nothing() {
    let provider = Provider::start(&[]).await;
    let stick = tempfile::tempdir().expect("a folder");
    let out = stick.path().to_str().expect("text");
    assert!(try_run(&["custodian", "keygen", "--out", out], Path::new("none"), &[]).0);
    let custodian = std::fs::read_to_string(stick.path().join("custodian.pub")).expect("it was made").trim().to_owned();
    let sides = Sides::new(&provider, &custodian);
    let canary = Canary::new();

    // Not introduced yet: it says what to do, and takes nothing.
    let said = refused_start(&["serve", "--role", "intake"], &sides.file("intake"), &sides.environment).await;
    assert!(said.contains("copy vault.pub"), "{said}");
    assert!(!sides.path("intake/data/reply").exists(), "it made no folder of secrets");

    let mut reply = sides.start("reply");
    std::fs::copy(sides.path("reply/data/reply/vault.pub"), sides.path("intake/data/keys/vault")).expect("it is there");
    let mut intake = sides.start("intake");
    sides.report(&intake, "1", &canary, &canary.report("the exit is locked,")).await;
    sides.n_cases(1).await;
    assert!(eventually(async || provider.asked().len() == 1).await, "the receipt goes out without an opened contact");

    // The other side goes away with all its secrets. This one goes on, through a start of its own.
    reply.kill();
    let mut logs = reply.log();
    std::fs::rename(sides.path("reply/data/reply"), sides.path("gone")).expect("it moves");
    intake.kill();
    logs.extend(intake.log());
    let mut intake = sides.start("intake");
    sides.report(&intake, "2", &canary, "no pay for three months").await;
    sides.n_cases(2).await;
    assert!(eventually(async || provider.asked().len() == 2).await);
    let sent: Vec<serde_json::Value> =
        provider.asked().iter().map(|asked| serde_json::from_str(&asked.body).expect("JSON")).collect();
    assert!(sent.iter().all(|message| message["to"] == canary.phone.as_str()));

    // It holds nothing that opens: no file of the secrets' folder, and no secret's digits anywhere in it.
    let secrets: Vec<String> = files(&sides.path("gone"))
        .into_iter()
        .filter(|(file, _)| !file.ends_with("vault.pub"))
        .map(|(_, bytes)| String::from_utf8(bytes).expect("digits").trim().to_owned())
        .collect();
    assert!(secrets.len() >= 2 && secrets.iter().all(|secret| secret.len() == 64), "a signer and an epoch");
    for (file, bytes) in files(&sides.path("intake")) {
        for secret in &secrets {
            assert!(!bytes.windows(64).any(|window| window == secret.as_bytes()), "{} holds a secret", file.display());
        }
    }
    let memory = memory_of(&intake);
    for secret in &secrets {
        let raw = hex::decode(secret).expect("digits");
        assert!(!memory.windows(32).any(|window| window == raw), "its memory holds a secret");
    }
    let case = run(&["cases", "--all", "--json"], &sides.file("intake"), &sides.environment);
    let case: serde_json::Value = serde_json::from_str(case.lines().next().expect("a case")).expect("JSON");
    let case = case["reference"].as_str().expect("a reference").to_owned();
    let key = stick.path().join("custodian.key");
    let unseal = ["unseal", &case, "--reason", "life in danger", "--key", key.to_str().expect("text")];
    for command in [&unseal[..], &["roll"]] {
        let (is_good, said) = try_run(command, &sides.file("intake"), &sides.environment);
        assert!(!is_good && said.contains("there is no reply folder"), "{said}");
        assert_eq!(canary.traces_in(said.as_bytes()), [""; 0]);
    }

    // With its folder back the other side opens what came in meanwhile.
    std::fs::rename(sides.path("gone"), sides.path("reply/data/reply")).expect("it moves back");
    let mut reply = sides.start("reply");
    let (is_good, original) = try_run(&unseal, &sides.file("reply"), &sides.environment);
    assert!(is_good && original.contains(&canary.phone), "{original}");
    run(&["roll"], &sides.file("reply"), &sides.environment);
    // And this one follows into the new epoch.
    sides.report(&intake, "3", &canary, "still no pay").await;
    sides.n_cases(3).await;
    assert!(run(&["check"], &sides.file("intake"), &sides.environment).contains("vault: epoch 2"));
    reply.kill();
    intake.kill();
    logs.extend([reply.log(), intake.log()].concat());
    assert_eq!(canary.traces_in(&logs), [""; 0]);
    canary.assert_not_on_disk(sides.folder.path());
    canary.assert_not_on_disk(sides.server.folder());
}

/// Everything that a process has in its memory and lets be read.
fn memory_of(process: &Process) -> Vec<u8> {
    use std::io::{Read, Seek, SeekFrom};
    let maps = std::fs::read_to_string(format!("/proc/{}/maps", process.id())).expect("Linux tells");
    let mut file = std::fs::File::open(format!("/proc/{}/mem", process.id())).expect("it is a child of ours");
    let mut memory = Vec::new();
    for line in maps.lines().filter(|line| line.split(' ').nth(1).is_some_and(|flags| flags.starts_with("rw"))) {
        let (from, to) = line.split(' ').next().and_then(|range| range.split_once('-')).expect("a range");
        let (from, to) = (u64::from_str_radix(from, 16).expect("hex"), u64::from_str_radix(to, 16).expect("hex"));
        let mut part = vec![0; usize::try_from(to - from).expect("it fits")];
        if file.seek(SeekFrom::Start(from)).and_then(|_| file.read_exact(&mut part)).is_ok() {
            memory.extend(part);
        }
    }
    assert!(memory.len() > 100_000, "nothing was read");
    memory
}

#[tokio::test]
async fn a_folder_of_an_early_build_is_told_in_words() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("gateway.toml");
    std::fs::write(&file, "").expect("a file");
    std::fs::create_dir_all(folder.path().join("data/keys")).expect("a folder");
    let db = rusqlite::Connection::open(folder.path().join("data/cases.db")).expect("it opens");
    db.execute_batch(
        "CREATE TABLE cases (reference TEXT); CREATE TABLE contacts (reference TEXT, reporter TEXT, channel TEXT, sealed BLOB);
         PRAGMA user_version = 1;",
    )
    .expect("it writes");
    drop(db);
    let (is_good, said) = try_run(&["cases"], &file, &[]);
    assert!(!is_good && said.contains("made by an early build") && said.contains("move the whole data folder away"), "{said}");
    std::fs::write(folder.path().join("data/keys/reply"), "ab".repeat(32)).expect("a file");
    let said = refused_start(&["serve"], &file, &[]).await;
    assert!(said.contains("made by an early build"), "{said}");
}
