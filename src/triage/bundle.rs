//! A folder of rules and word lists, read whole or refused whole.

mod words;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::fold::Folded;
use super::judge;
use super::lexicon::Lexicon;
use super::problem::Problem;
use super::reading::{CUES, CueLists};
use super::rule::{self, Expect, Rule};
use super::{Rules, Trigger};
use crate::language::Language;

/// A file of the bundle: its path inside the folder, and its text.
pub(super) type File = (Cow<'static, str>, Cow<'static, str>);

/// The files that are compiled in.
pub(super) fn built_in() -> Vec<File> {
    const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/triage_files.rs"));
    FILES.iter().map(|(path, text)| (Cow::Borrowed(*path), Cow::Borrowed(*text))).collect()
}

/// The files of an administrator's own folder.
pub(super) fn folder(root: &Path) -> Result<Vec<File>, Vec<Problem>> {
    let mut files = Vec::new();
    let mut problems = Vec::new();
    for (folder, ending) in [("rules", ".toml"), ("words", ".txt")] {
        let unreadable = |file: String| Problem {
            file,
            line: None,
            key: None,
            advice: "cannot be read; check that it is there, that this user may read it, and that it is UTF-8 text".to_owned(),
        };
        let Ok(entries) = fs::read_dir(root.join(folder)) else {
            problems.push(unreadable(folder.to_owned()));
            continue;
        };
        for entry in entries.flatten() {
            let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
            if entry.file_name().to_string_lossy().starts_with('.') {
                continue;
            }
            if !path.ends_with(ending) {
                let advice = format!("does not belong here; this folder holds {ending} files only");
                problems.push(Problem { file: path, line: None, key: None, advice });
                continue;
            }
            match fs::read_to_string(entry.path()) {
                Ok(text) => files.push((Cow::Owned(path), Cow::Owned(text))),
                Err(_) => problems.push(unreadable(path)),
            }
        }
    }
    files.sort();
    if problems.is_empty() { Ok(files) } else { Err(problems) }
}

/// Reads the files, and has every rule pass its own examples.
pub(super) fn load(files: &[File]) -> Result<Rules, Vec<Problem>> {
    let mut problems = Vec::new();
    let words = words::read(files, &mut problems);
    let index: BTreeMap<String, usize> = words.lists.iter().cloned().zip(0..).collect();
    let mut rules: Vec<Rule> = Vec::new();
    for (path, text) in files.iter().filter(|(path, _)| path.starts_with("rules/")) {
        if let Some(rule) = rule::read(path, text, &index, &mut problems) {
            if let Some(twin) = rules.iter().find(|other| other.id == rule.id) {
                let advice = format!("`{}` is also the id in {}; give each rule its own", rule.id, twin.file);
                problems.push(Problem { file: rule.file.clone(), line: None, key: Some("id".to_owned()), advice });
            }
            rules.push(rule);
        }
    }
    // While a rule cannot be read, nobody knows which lists it uses.
    if problems.is_empty() {
        unused_lists(&words.lists, &rules, &mut problems);
    }
    let cue = |name: &str| index.get(name).copied();
    let cues = CueLists {
        negation: cue("cue-negation"),
        question: cue("cue-question"),
        my_boss: cue("cue-my-boss"),
        resolved: cue("cue-resolved"),
        not_a_report: cue("cue-not-a-report"),
    };
    let loaded =
        Rules { lexicon: Lexicon::new(words.entries, words.numbers), lists: words.lists, rules, cues, hash: hash(files) };
    check_examples(&loaded, &mut problems);
    problems.sort();
    if problems.is_empty() { Ok(loaded) } else { Err(problems) }
}

fn unused_lists(lists: &[String], rules: &[Rule], problems: &mut Vec<Problem>) {
    for (number, list) in lists.iter().enumerate() {
        let used =
            rules.iter().any(|rule| rule.when.names(number) || rule.raise.as_ref().is_some_and(|raise| raise.names(number)));
        if !used && !CUES.contains(&list.as_str()) {
            let advice = "no rule names this list; name it in a rule, or remove its files".to_owned();
            problems.push(Problem { file: format!("words/{list}.*.txt"), line: None, key: None, advice });
        }
    }
}

fn check_examples(rules: &Rules, problems: &mut Vec<Problem>) {
    for rule in &rules.rules {
        for example in &rule.examples {
            let fired = judge::assess(rules, &Folded::report(&example.text), Language::UNDETERMINED);
            let review = judge::verdict(&fired).review;
            let this = fired.iter().find(|fired| fired.rule.id == rule.id);
            let advice = match (example.expect, this) {
                (Expect::Fires | Expect::HumanFirst, None) => {
                    Some("this example is silent; add its words to a list, or expect \"silent\"")
                }
                (Expect::Silent, Some(_)) => Some("this example fires; narrow the phrase that matches, or expect \"fires\""),
                (Expect::Fires, Some(fired)) if rule.auto_trigger && fired.trigger != Trigger::Triggers => {
                    Some("this example fires, but a person must read it first; mark a phrase with `!`, or expect \"human-first\"")
                }
                (Expect::HumanFirst, Some(fired)) if fired.trigger == Trigger::Triggers || !review => {
                    Some("this example fires by itself; take a `!` away, or expect \"fires\"")
                }
                (_, Some(fired)) if example.level.is_some_and(|level| level != fired.level) => {
                    Some("this example gets another level; correct its level, or the words of [raise]")
                }
                (Expect::Fires | Expect::HumanFirst, Some(_)) | (Expect::Silent, None) => None,
            };
            if let Some(advice) = advice {
                problems.push(Problem {
                    file: rule.file.clone(),
                    line: Some(example.line),
                    key: Some("example".to_owned()),
                    advice: advice.to_owned(),
                });
            }
        }
    }
}

/// The name of exactly these files: every path and text with its length, in order of path.
fn hash(files: &[File]) -> String {
    let mut files: Vec<&File> = files.iter().collect();
    files.sort();
    let mut hasher = Sha256::new();
    for (path, text) in files {
        for part in [path, text] {
            hasher.update((part.len() as u64).to_be_bytes());
            hasher.update(part.as_bytes());
        }
    }
    hex::encode(hasher.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    fn config() -> PathBuf {
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("config/triage")
    }

    const RULE: &str = r#"
id = "fire"
title = "It burns"
category = "imminent_danger_osh"
level = "critical"
[when]
any = ["fire"]
[[example]]
text = "the mill burns"
expect = "fires"
[[example]]
text = "it burns here"
expect = "fires"
[[example]]
text = "hello"
expect = "silent"
[[example]]
text = "thanks"
expect = "silent"
"#;

    fn load_with(rule: &str, words: &str) -> Result<Rules, Vec<String>> {
        let file = |path: &'static str, text: &str| (Cow::Borrowed(path), Cow::Owned(text.to_owned()));
        load(&[file("rules/fire.toml", rule), file("words/fire.en.txt", words)])
            .map_err(|problems| problems.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn the_compiled_files_are_the_files_of_the_folder() {
        assert_eq!(built_in(), folder(&config()).unwrap());
    }

    #[test]
    fn the_built_in_rules_load_and_pass_their_examples() {
        let problems = load(&built_in()).err().unwrap_or_default();
        assert!(problems.is_empty(), "{problems:#?}");
    }

    #[test]
    fn a_small_bundle_loads() {
        let rules = load_with(RULE, "burns  # now\n").unwrap();
        assert_eq!((rules.n_rules(), rules.n_phrases()), (1, 1));
    }

    #[test]
    fn every_problem_is_said_at_once_and_with_its_line() {
        let rule = RULE
            .replace("level = \"critical\"", "level = \"grave\"\ncolour = \"red\"\nauto_trigger = true")
            .replace("[\"fire\"]", "[\"flood\"]");
        let problems = load_with(&rule, "burns\na*b\n").unwrap_err();
        let all = problems.join("\n");
        for part in [
            "rules/fire.toml:5: level: write emergency",
            "rules/fire.toml:6: colour: is not known here",
            "rules/fire.toml:7: auto_trigger: only",
            "rules/fire.toml:9: any: there is no word list `flood`",
            "words/fire.en.txt:2: `*` stands inside a word",
        ] {
            assert!(all.contains(part), "{part} in\n{all}");
        }
    }

    #[test]
    fn examples_are_obligatory_and_must_be_true() {
        let few = RULE.replace("text = \"it burns here\"\nexpect = \"fires\"", "text = \"it burns here\"\nexpect = \"silent\"");
        let problems = load_with(&few, "burns\n").unwrap_err().join("\n");
        assert!(problems.contains("too few that fire") && !problems.contains("quotes"), "{problems}");
        let false_one = RULE.replace("text = \"hello\"", "text = \"hello it burns\"");
        assert!(
            load_with(&false_one, "burns\n").unwrap_err().join("\n").contains("rules/fire.toml:15: example: this example fires")
        );
    }

    #[test]
    fn empty_lists_twins_and_unused_lists_are_refused() {
        assert!(load_with(RULE, "# nothing\n").unwrap_err().join("\n").contains("words/fire.en.txt: is empty"));
        let file = |path: &'static str, text: &'static str| (Cow::Borrowed(path), Cow::Borrowed(text));
        let twins = load(&[
            file("rules/a.toml", RULE),
            file("rules/b.toml", RULE),
            file("words/fire.en.txt", "burns"),
            file("words/lost.en.txt", "lost"),
        ]);
        let unused = load(&[file("rules/a.toml", RULE), file("words/fire.en.txt", "burns"), file("words/lost.en.txt", "lost")])
            .unwrap_err();
        assert_eq!(unused[0].file, "words/lost.*.txt");
        let problems: Vec<String> = twins.unwrap_err().iter().map(ToString::to_string).collect();
        assert!(
            problems.iter().any(|problem| problem.contains("rules/b.toml: id: `fire` is also the id in rules/a.toml")),
            "{problems:?}"
        );
    }

    #[test]
    fn broken_toml_is_one_problem_with_its_line() {
        let problems = load_with("id = \"x\"\nlevel = critical\n", "burns\n").unwrap_err();
        assert!(problems[0].starts_with("rules/fire.toml:2: this is not TOML"), "{problems:?}");
    }

    #[test]
    fn words_of_denial_may_not_silence_a_rule() {
        let file = |path: &'static str, text: &str| (Cow::Borrowed(path), Cow::Owned(text.to_owned()));
        let rule = RULE.replace("any = [\"fire\"]", "any = [\"fire\"]\nnone = [\"cue-negation\"]");
        let files = [file("rules/fire.toml", &rule), file("words/cue-negation.en.txt", "no"), file("words/fire.en.txt", "burns")];
        let problems: Vec<String> = load(&files).unwrap_err().iter().map(ToString::to_string).collect();
        assert!(problems.iter().any(|problem| problem.contains("bare words of denial")), "{problems:?}");
    }

    #[test]
    fn a_folder_that_is_not_there_is_a_problem() {
        let problems = Rules::load(Path::new("/nowhere/at/all")).unwrap_err();
        assert_eq!(problems.len(), 2);
    }
}
