//! House rules that neither a type nor a lint can keep. Each failure names the part of CONTRIBUTING.md or ARCHITECTURE.md
//! that it defends.

use std::path::{Path, PathBuf};

struct Source {
    path: String,
    text: String,
}

/// Every file under the project's own folders with one of these endings.
fn sources(folders: &[&str], endings: &[&str]) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    let mut folders: Vec<PathBuf> = folders.iter().map(|folder| root.join(folder)).collect();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("the folder is there").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if endings.iter().any(|ending| path.to_string_lossy().ends_with(ending)) {
                let text = std::fs::read_to_string(&path).expect("sources are UTF-8");
                let path = path.strip_prefix(root).expect("it lies below").to_string_lossy().into_owned();
                found.push(Source { path, text });
            }
        }
    }
    assert!(!found.is_empty(), "nothing was looked at");
    found
}

fn rust() -> Vec<Source> {
    sources(&["src", "channels/src", "attachments/src", "attachments/tests", "fuzz/fuzz_targets", "tests", "benches"], &[".rs"])
}

/// The lines of code of a file, comments left out.
fn code(source: &Source) -> impl Iterator<Item = &str> {
    source.text.lines().filter(|line| !line.trim_start().starts_with("//"))
}

fn is_this_file(source: &Source) -> bool {
    source.path == "tests/it/tidy.rs"
}

#[track_caller]
fn assert_none(offenders: &[String], rule: &str) {
    assert!(offenders.is_empty(), "{rule}\nbut see: {offenders:#?}");
}

/// Files with a line of code that holds `word`, except those that may.
fn using(word: &str, allowed: &[&str]) -> Vec<String> {
    rust()
        .iter()
        .filter(|source| !is_this_file(source) && !allowed.iter().any(|path| source.path.starts_with(path)))
        .filter(|source| code(source).any(|line| line.contains(word)))
        .map(|source| source.path.clone())
        .collect()
}

#[test]
fn every_file_says_what_it_is_for() {
    let silent: Vec<String> =
        rust().iter().filter(|source| !source.text.starts_with("//! ")).map(|source| source.path.clone()).collect();
    assert_none(&silent, "Every .rs file begins with `//! ` and what it is for (CONTRIBUTING.md, Style)");
}

#[test]
fn raw_words_have_one_door() {
    let allowed = ["src/language", "src/anonymise", "src/desk/files.rs", "channels/src/inbound.rs", "channels/src/seal"];
    assert_none(
        &using(".expose()", &allowed),
        "Only language detection, the anonymiser and the journal's seal read raw words (ARCHITECTURE.md, Doors)",
    );
}

#[test]
fn what_is_sealed_opens_in_few_places() {
    assert_none(
        &using("open_contact(", &["channels/src/"]),
        "A contact is opened inside `channels` only (ARCHITECTURE.md, Doors)",
    );
    assert_none(
        &using(".read_out(", &["channels/src/seal", "src/cli/unseal.rs"]),
        "An original is read out to the custodian only (ARCHITECTURE.md, Doors)",
    );
    // Whoever names these can hold an epoch's secret: the side that answers, and nobody who takes reports in.
    let reply_side = ["channels/src", "src/vault.rs", "src/vault/roll.rs", "src/keys/reply.rs", "tests/", "benches/"];
    assert_none(
        &using("EpochSecret", &reply_side),
        "Only the side that answers holds an epoch's secret (ARCHITECTURE.md, Doors)",
    );
}

#[test]
fn redacted_text_comes_back_only_from_the_store() {
    let allowed = ["src/anonymise.rs", "src/store/record.rs", "src/triage"];
    assert_none(
        &using("restored(", &[&allowed[..], &["src/case.rs"]].concat()),
        "Only store/record.rs takes redacted text back (ARCHITECTURE.md, Doors)",
    );
}

#[test]
fn the_log_is_a_closed_list() {
    let allowed = ["src/telemetry", "tests/it/canary_net.rs", "tests/it/harness/canary.rs"];
    assert_none(
        &using("tracing::", &allowed),
        "Only src/telemetry writes to the log; add an event there (ARCHITECTURE.md, Doors)",
    );
    for word in ["println!", "eprintln!", "dbg!"] {
        assert_none(&using(word, &[]), "Output goes through cli::print or the log (ARCHITECTURE.md, Doors)");
    }
}

#[test]
fn channels_know_nothing_of_the_gateway() {
    let manifest =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("channels/Cargo.toml")).expect("it is there");
    for stranger in ["redis", "rusqlite", "whatlang", "tracing", "log.", "pmm-gateway"] {
        assert!(!manifest.contains(stranger), "channels must not depend on {stranger} (ARCHITECTURE.md, channels)");
    }
}

#[test]
fn what_cleans_files_knows_nothing_but_bytes() {
    let manifest =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("attachments/Cargo.toml")).expect("it is there");
    for stranger in ["channels", "redis", "rusqlite", "tokio", "reqwest", "tracing", "pmm-gateway"] {
        let is_named = manifest.lines().any(|line| line.starts_with(stranger));
        assert!(!is_named, "attachments must not depend on {stranger} (ARCHITECTURE.md, attachments)");
    }
}

#[test]
fn tests_are_run_and_do_not_sleep() {
    assert_none(&using("#[ignore", &[]), "No test is skipped (CONTRIBUTING.md, Tests)");
    // The only pauses are while a server of the tests' own comes up.
    let allowed = ["tests/it/harness/redis.rs", "tests/it/harness/browser.rs", "src/", "channels/src", "benches"];
    assert_none(&using("sleep(", &allowed), "Tests move the clock instead of waiting (CONTRIBUTING.md, Tests)");
}

#[test]
fn the_real_clock_is_read_in_one_file() {
    for word in ["SystemTime::now", "Timestamp::now", "Zoned::now"] {
        assert_none(&using(word, &["src/clock.rs"]), "Time comes in as a parameter (ARCHITECTURE.md, Doors)");
    }
}

#[test]
fn no_unfinished_work_is_left_without_an_issue() {
    for word in ["TODO", "FIXME", "XXX", "todo!(", "unimplemented!("] {
        assert_none(&using(word, &[]), "Unfinished work has an issue, not a comment (CONTRIBUTING.md, Style)");
    }
}

#[test]
fn no_machine_is_named() {
    let places = sources(
        &["src", "channels", "tests", "benches", "config", "templates"],
        &[".rs", ".toml", ".ftl", ".html", ".sh", ".md"],
    );
    for word in ["/work/", "/root/", "/home/"] {
        let found: Vec<String> = places
            .iter()
            .filter(|source| !is_this_file(source) && source.text.contains(word))
            .map(|source| source.path.clone())
            .collect();
        assert_none(&found, "No paths of somebody's machine (CONTRIBUTING.md, Style)");
    }
}

#[test]
fn every_script_names_its_keys() {
    for script in sources(&["src/store/redis"], &[".lua"]) {
        assert!(
            script.text.starts_with("--"),
            "{} must begin with a comment naming its keys (ARCHITECTURE.md, Redis)",
            script.path
        );
    }
}
