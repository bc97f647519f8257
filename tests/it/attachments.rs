//! Files that come with a report: what is kept of them, who sees it when, and what a hostile one costs.

use std::path::Path;
use std::time::Duration;

use ::attachments::planting::{self, KEPT, is_planted};
use ::attachments::{Cleaner, Notice, Reason, Verdict};
use pmm_gateway::case::{AttachmentState, Case};
use pmm_gateway::clock::SystemRng;
use pmm_gateway::files::{self, FilesError, Wanted};
use reqwest::StatusCode;
use reqwest::multipart::{Form, Part};

use crate::harness::canary::{Canary, files as files_in};
use crate::harness::gateway::{Answer, Gateway, Setup, Store};
use crate::harness::process::{PROGRAM, run};
use crate::harness::redis::Server;
use crate::on_both_stores;

const ONCE: &str = "00112233445566778899aabbccddeeff";

/// Posts the form as a browser does, with files under names that tell who sent them.
async fn post(gateway: &Gateway, canary: &Canary, files: &[Vec<u8>]) -> Answer {
    let mut form = Form::new().text("once", ONCE).text("lang", "en").text("text", canary.report("They lock the exit."));
    form = form.text("contact", canary.email.clone());
    for bytes in files {
        let name = format!("{} {}.jpg", canary.name, canary.phone);
        form = form.part("files", Part::bytes(bytes.clone()).file_name(name).mime_str("image/jpeg").expect("a type"));
    }
    // What a browser sends when nothing was chosen.
    form = form.part("files", Part::bytes(Vec::new()).file_name(""));
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client");
    gateway.send(client.post(format!("{}/report", gateway.public)).multipart(form)).await
}

/// A paper in which its writer is named.
fn statement(canary: &Canary) -> Vec<u8> {
    planting::docx_with(&format!("<w:p><w:r><w:t>{KEPT} call {} or {}</w:t></w:r></w:p>", canary.phone, canary.email))
}

async fn only_case(gateway: &Gateway) -> Case {
    gateway.drained().await;
    let mut cases = gateway.cases().await;
    assert_eq!(cases.len(), 1);
    cases.remove(0)
}

fn assert_no_plant_in(folder: &Path) {
    for (file, bytes) in files_in(folder) {
        assert!(!is_planted(&bytes), "{} holds metadata", file.display());
    }
}

on_both_stores! {
    async fn files_of_the_form_are_cleaned_sealed_and_wait_for_an_operator(store: Store) {
        let gateway = Setup::new(store).start().await;
        let canary = Canary::new();
        let sent = [planting::jpeg(), statement(&canary), b"ID3\x04\0\0voice".to_vec(), planting::pixel_bomb()];
        assert_eq!(post(&gateway, &canary, &sent).await.status, StatusCode::SEE_OTHER);
        let case = only_case(&gateway).await;
        let names: Vec<String> = case.attachments.iter().map(pmm_gateway::case::Attachment::name).collect();
        assert_eq!(names, ["photo-1.jpg", "document-2.docx", "sound-3", "picture-4.png"]);
        let states: Vec<AttachmentState> = case.attachments.iter().map(|attachment| attachment.state).collect();
        let sealed = AttachmentState::Sealed(Notice::NotCleanable);
        let refused = AttachmentState::Refused(Reason::TooManyPixels);
        assert_eq!(states, [AttachmentState::Waiting, AttachmentState::Waiting, sealed, refused]);

        let kept = gateway.desk().tools().files.files();
        let secret = files::open_or_make(&gateway.folder().join("data"), &SystemRng).expect("the key");
        let asked = kept.read_released(&case.reference, 1, Wanted::Main, &secret).await;
        assert_eq!(asked.err(), Some(FilesError::NotReleased));
        kept.release(&case.reference, 1).await.expect("released");
        let photo = kept.read_released(&case.reference, 1, Wanted::Main, &secret).await.expect("released");
        assert!(photo.starts_with(b"\xFF\xD8") && !is_planted(&photo));
        let words = kept.read(&case.reference, 2, Wanted::Main, &secret).await.expect("an operator may");
        let words = String::from_utf8_lossy(&words).into_owned();
        assert!(words.starts_with(&format!("{KEPT} call [phone-1] or [email-1]")), "{words}");
        let original = kept.read(&case.reference, 3, Wanted::Original, &secret).await.expect("an operator may");
        assert_eq!(original.as_slice(), sent[2]);

        assert_eq!(gateway.desk().tools().journal.waiting().bytes, 0, "the journal let go of everything");
        assert_no_plant_in(gateway.folder());
        gateway.finish(&[&canary]).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_form_twice_makes_one_case_with_its_files_once() {
    let gateway = Setup::new(Store::Embedded).start().await;
    let canary = Canary::new();
    for _ in 0..2 {
        assert_eq!(post(&gateway, &canary, &[planting::png()]).await.status, StatusCode::SEE_OTHER);
        gateway.drained().await;
    }
    let case = only_case(&gateway).await;
    let folder = gateway.folder().join("data/attachments");
    // Original, clean copy, index.
    assert_eq!(files_in(&folder).len(), 3);
    assert_eq!(gateway.desk().tools().files.files().list(&case.reference).await.expect("listed").len(), 1);
    // Other files are another report.
    assert_eq!(post(&gateway, &canary, &[planting::gif()]).await.status, StatusCode::SEE_OTHER);
    gateway.drained().await;
    assert_eq!(gateway.cases().await.len(), 2);
    gateway.finish(&[&canary]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_wait_sealed_through_a_restart_while_the_store_is_away() {
    let mut server = Server::start();
    server.kill();
    let gateway = Setup::new(Store::Embedded).on_redis(&server).start().await;
    let canary = Canary::new();
    let answer = post(&gateway, &canary, &[planting::jpeg(), statement(&canary)]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "it is on disk, so the reporter is told so");
    assert_no_plant_in(gateway.folder());
    let gateway = gateway.restart().await;
    assert_eq!(gateway.desk().tools().journal.waiting().reports, 1);
    server.start_again();
    let case = only_case(&gateway).await;
    assert_eq!(case.attachments.len(), 2);
    assert_eq!(gateway.desk().tools().files.files().list(&case.reference).await.expect("listed").len(), 2);
    assert_no_plant_in(gateway.folder());
    gateway.finish(&[&canary]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn too_many_or_too_large_files_are_turned_away_with_advice() {
    let gateway = Setup::new(Store::Embedded).start().await;
    let canary = Canary::new();
    let many = vec![b"GIF89a".to_vec(); 6];
    let large = vec![vec![0xFF; (20 << 20) + 1]];
    let together = vec![vec![0xFF; 13 << 20]; 2];
    for files in [many, large, together] {
        let answer = post(&gateway, &canary, &files).await;
        assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
        assert!(answer.body.contains("The files are too large"), "{}", answer.body);
    }
    assert_eq!(gateway.desk().tools().journal.waiting().reports, 0);
    assert!(gateway.cases().await.is_empty());
    gateway.finish(&[&canary]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operator_lists_looks_and_releases_from_the_command_line() {
    let gateway = Setup::new(Store::Embedded).start().await;
    let canary = Canary::new();
    post(&gateway, &canary, &[statement(&canary)]).await;
    let case = only_case(&gateway).await;
    let (reference, file) = (case.reference.to_string(), gateway.folder().join("gateway.toml"));
    let listed = run(&["cases", "attachments", &reference], &file, &[]);
    assert!(
        listed.contains("document-1.docx") && listed.contains("waits for an operator") && !listed.contains("pictures"),
        "{listed}"
    );
    let words = run(&["cases", "attachment", &reference, "1", "--unreleased"], &file, &[]);
    assert!(words.contains("[phone-1]"), "{words}");
    run(&["cases", "release-attachment", &reference, "1"], &file, &[]);
    assert_eq!(run(&["cases", "attachment", &reference, "1"], &file, &[]), words);
    let shown = run(&["cases", "show", &reference], &file, &[]);
    assert!(shown.contains("document-1.docx") && shown.contains("released"), "{shown}");
    run(&["forget", &reference], &file, &[]);
    let original = std::process::Command::new(PROGRAM)
        .args(["cases", "attachment", &reference, "1", "--original", "--config"])
        .arg(&file)
        .output()
        .expect("the program starts");
    assert!(!original.status.success(), "whoever is forgotten is forgotten with what was sent");
    canary.assert_not_in_answers(&[listed, words, shown]);
    gateway.finish(&[&canary]).await;
}

#[test]
fn the_clean_command_tells_a_verdict_for_each_file() {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, bytes, verdict) in [
        ("a.jpg", planting::jpeg(), "clean"),
        ("b.jpg", planting::pdf(), "clean"),
        ("c.docx", planting::docx(), "text"),
        ("d.mp3", b"ID3\x04".to_vec(), "sealed"),
        ("e.png", planting::pixel_bomb(), "refused"),
    ] {
        let (before, after) = (folder.path().join(name), folder.path().join(format!("clean-{name}")));
        std::fs::write(&before, bytes).expect("written");
        let output = std::process::Command::new(PROGRAM)
            .arg("clean")
            .args([&before, &after])
            .current_dir(folder.path())
            .output()
            .expect("it starts");
        assert!(output.status.success());
        let told: serde_json::Value = serde_json::from_slice(&output.stdout).expect("one JSON object");
        assert_eq!(told["verdict"], verdict, "{name}");
        assert_eq!(after.exists(), matches!(verdict, "clean" | "text"), "{name}");
        if after.exists() {
            assert!(!is_planted(&std::fs::read(&after).expect("written")), "{name}");
        }
    }
    let words = std::fs::read_to_string(folder.path().join("clean-c.docx")).expect("words");
    assert!(words.contains(KEPT) && folder.path().join("clean-c.docx.1.jpg").exists());
}

fn notice(cleaner: &Cleaner) -> Option<Notice> {
    match cleaner.clean(&planting::jpeg()).verdict {
        Verdict::Sealed(notice) => Some(notice),
        Verdict::Clean(_) | Verdict::Text { .. } | Verdict::Refused(_) => None,
    }
}

#[test]
fn a_child_that_fails_lies_or_hangs_costs_one_file() {
    let of = |program: &str, argument| Cleaner::of_program(program.into(), argument);
    assert_eq!(notice(&of(PROGRAM, "clean-attachment")), None);
    assert_eq!(notice(&of("/bin/false", "x")), Some(Notice::ReaderFailed));
    assert_eq!(notice(&of("/bin/echo", "PMA1 all is well")), Some(Notice::ReaderFailed));
    assert_eq!(notice(&of("/nowhere/at/all", "x")), Some(Notice::ReaderFailed));
    let hanging = of("/bin/sleep", "1000").with_patience(Duration::from_millis(50));
    assert_eq!(notice(&hanging), Some(Notice::TooSlow));
}
