//! The commands, run as their user runs them.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

use crate::harness::canary::Canary;
use crate::harness::process::PROGRAM;

fn run(arguments: &[&str], input: &str) -> Output {
    let folder = tempfile::tempdir().expect("a folder");
    let mut child = Command::new(PROGRAM)
        .args(arguments)
        .current_dir(folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut stdin = child.stdin.take().expect("it is piped");
    let input = input.to_owned();
    // The program writes while it reads; so must we.
    let feeder = std::thread::spawn(move || drop(stdin.write_all(input.as_bytes())));
    let output = child.wait_with_output().expect("it ends");
    feeder.join().expect("it feeds");
    assert!(std::fs::read_dir(folder.path()).expect("the folder").next().is_none(), "{arguments:?} left something behind");
    output
}

fn lines(output: &Output) -> Vec<Value> {
    String::from_utf8_lossy(&output.stdout).lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

#[test]
fn process_answers_line_by_line_in_the_contracts_shape() {
    let canary = Canary::new();
    let text = canary.report("The guards lock the dormitory at night and we are not allowed to leave.");
    let input = json!({ "id": "a", "channel": "sms", "from": canary.phone, "name": canary.name, "text": text, "hints": { "language": "en", "country": "US", "site": "HN-07" } });
    let output = run(&["process"], &format!("{input}\n"));
    assert!(output.status.success());
    let answers = lines(&output);
    let answer = answers[0].as_object().expect("an object");
    let keys: Vec<&str> = answer.keys().map(String::as_str).collect();
    assert_eq!(keys, ["id", "language", "redactions", "reporter", "text", "triage"]);
    assert!(answer["reporter"].as_str().expect("a pseudonym").starts_with("r_"));
    assert_eq!(answer["language"]["code"], "eng");
    // Each redaction points at what was taken out of the input, in characters.
    let characters: Vec<char> = text.chars().collect();
    for redaction in answer["redactions"].as_array().expect("a list") {
        let place = |key: &str| usize::try_from(redaction[key].as_u64().expect("a number")).expect("small");
        let taken: String = characters[place("start")..place("end")].iter().collect();
        assert!(!canary.traces_in(taken.as_bytes()).is_empty(), "nothing of the sender stands there");
    }
    let triage = &answer["triage"];
    assert_eq!((&triage["severity"], &triage["auto_trigger"]), (&json!("critical"), &json!(true)));
    assert_eq!(triage["categories"][0], "forced_labour");
    assert_eq!(triage["respond_within_hours"], 24);
    // Each match points at words of the output.
    let redacted: Vec<char> = answer["text"].as_str().expect("a text").chars().collect();
    let first = &triage["matches"][0];
    assert!(usize::try_from(first["end"].as_u64().expect("a number")).expect("small") <= redacted.len());
    assert!(first["rule"].is_string() && first["negated"].is_boolean() && first["category"].is_string());
    assert_eq!(canary.traces_in(&output.stdout), [""; 0]);
    assert_eq!(canary.traces_in(&output.stderr), [""; 0]);
}

#[test]
fn a_bad_line_is_answered_in_its_place_and_the_rest_goes_on() {
    let canary = Canary::new();
    let input = format!(
        "{{\"id\":\"1\",\"text\":\"no pay\"}}\n{{\"id\":\"2\",\"text\":\"x\",\"{}\":1}}\n\n{}\n{{\"id\":\"4\",\"text\":\"no pay\"}}",
        canary.phone, canary.email
    );
    let output = run(&["process"], &input);
    assert_eq!(output.status.code(), Some(1));
    let answers = lines(&output);
    let ids: Vec<&Value> = answers.iter().map(|answer| &answer["id"]).collect();
    assert_eq!(ids, [&json!("1"), &json!("2"), &Value::Null, &json!("4")]);
    assert!(answers[1]["error"].is_string() && answers[2]["error"].is_string());
    assert_eq!(canary.traces_in(&output.stdout), [""; 0]);
}

#[test]
fn ten_thousand_lines_come_back_in_order() {
    let input: String = (0..10_000).fold(String::new(), |text, number| {
        text + &json!({ "id": number.to_string(), "text": format!("no pay for {number} days") }).to_string() + "\n"
    });
    let output = run(&["process"], &input);
    assert!(output.status.success());
    for (number, answer) in lines(&output).iter().enumerate() {
        assert_eq!(answer["id"], number.to_string());
    }
}

#[test]
fn a_mail_is_read_from_its_file() {
    let canary = Canary::new();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("mail.eml");
    let mail = format!(
        "From: {} <{}>\r\nTo: intake@example.org\r\nSubject: Fwd: passports\r\n\r\n{}\r\n",
        canary.name,
        canary.email,
        canary.report("The boss keeps our passports.")
    );
    std::fs::write(&file, mail).expect("a file");
    let output = run(&["process"], &json!({ "id": "m", "channel": "email", "eml": file }).to_string());
    assert!(output.status.success());
    let answer = &lines(&output)[0];
    assert_eq!(answer["email"]["kind"], "forward");
    assert_eq!(answer["email"]["text"], answer["text"]);
    assert_eq!(canary.traces_in(&output.stdout), [""; 0]);
}

#[test]
fn explain_names_the_words_that_decided() {
    let output = run(&["explain", "they keep our passports and we cannot leave"], "");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success());
    assert!(text.contains("critical") && text.contains("because") && text.contains("forced_labour"), "{text}");
}

#[test]
fn check_names_every_problem_with_file_key_and_advice() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("bad.toml");
    std::fs::write(&file, "stoer = 1\n[public]\nurl = \"nowhere\"\n[channels.a]\nkind = \"sms\"\npreset = \"twilio\"\n")
        .expect("a file");
    let output = run(&["check", "--config", &file.to_string_lossy()], "");
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1));
    for expected in [
        "bad.toml: stoer: there is no such key",
        "bad.toml: public.url: must be",
        "bad.toml: channels.a.auth_token_file: is missing",
    ] {
        assert!(text.contains(expected), "{expected} is missing in {text}");
    }
    let serve = run(&["serve", "--config", &file.to_string_lossy()], "");
    assert_eq!(serve.status.code(), Some(1));
    assert_eq!(String::from_utf8_lossy(&serve.stderr).lines().count(), 3, "serve refuses and lists the same");
}

#[test]
fn every_command_has_help_with_an_example() {
    for command in ["serve", "check", "process", "explain", "cases", "defaults"] {
        let output = run(&[command, "--help"], "");
        assert!(output.status.success());
        assert!(String::from_utf8_lossy(&output.stdout).contains("Example"), "{command}");
    }
}

#[test]
fn check_looks_at_the_rules_even_when_the_configuration_has_problems() {
    let folder = tempfile::tempdir().expect("a folder");
    let rules = folder.path().join("triage");
    for part in ["rules", "words"] {
        std::fs::create_dir_all(rules.join(part)).expect("a folder");
    }
    std::fs::write(rules.join("rules/mine.toml"), "id = \"mine\"\nlevle = \"high\"\n").expect("a file");
    std::fs::write(rules.join("words/mine.en.txt"), "no pay\n{age<} old\n").expect("a file");
    let file = folder.path().join("bad.toml");
    std::fs::write(&file, "stoer = 1\n[public]\nlisten = \"here\"\n[triage]\nrules_dir = \"triage\"\n").expect("a file");
    let output = run(&["check", "--config", &file.to_string_lossy()], "");
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1));
    for expected in ["bad.toml: stoer:", "bad.toml: public.listen:", "mine.toml:2: levle", "mine.en.txt:2:"] {
        assert!(text.contains(expected), "{expected} is missing in {text}");
    }
}
