//! What people say just before or around something that shows who they are, in every language: the cue tables.
//!
//! Knows no report; the tables are data in `config/anonymise`, and `README.md` there says how they are written.

mod lexicon;
mod phrase;
mod table;

use std::borrow::Cow;
use std::fs;
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::triage::Problem;
pub(super) use lexicon::{Lexicon, Mark, Role, Side};

/// A table's file: its name, and its text.
pub(super) type File = (Cow<'static, str>, Cow<'static, str>);

/// The tables that are compiled in.
pub(super) fn built_in() -> Vec<File> {
    const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/cue_files.rs"));
    FILES.iter().map(|(name, text)| (Cow::Borrowed(*name), Cow::Borrowed(*text))).collect()
}

/// The tables of an administrator's own folder.
pub(super) fn folder(root: &Path) -> Result<Vec<File>, Vec<Problem>> {
    let unreadable = |file: String| Problem {
        file,
        line: None,
        key: None,
        advice: "cannot be read; check that it is there, that this user may read it, and that it is UTF-8 text".to_owned(),
    };
    let Ok(entries) = fs::read_dir(root) else {
        return Err(vec![unreadable(root.display().to_string())]);
    };
    let (mut files, mut problems) = (Vec::new(), Vec::new());
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_table = Path::new(&name).extension().is_some_and(|ending| ending == "toml");
        if !is_table || name == "numbers.toml" {
            continue;
        }
        match fs::read_to_string(entry.path()) {
            Ok(text) => files.push((Cow::Owned(name), Cow::Owned(text))),
            Err(_) => problems.push(unreadable(name)),
        }
    }
    files.sort();
    if files.is_empty() && problems.is_empty() {
        problems.push(unreadable(root.display().to_string()));
    }
    if problems.is_empty() { Ok(files) } else { Err(problems) }
}

/// Reads the tables; all that is wrong with any of them is told at once.
pub(super) fn load(files: &[File]) -> Result<Lexicon, Vec<Problem>> {
    let mut problems = Vec::new();
    let tables: Vec<_> = files.iter().filter_map(|(name, text)| table::read(name, text, &mut problems)).collect();
    if files.len() > lexicon::MOST_TABLES {
        let advice = format!("there may be {} tables at most", lexicon::MOST_TABLES);
        problems.push(Problem { file: "the folder".to_owned(), line: None, key: None, advice });
    }
    if problems.is_empty() { Ok(Lexicon::of(&tables)) } else { Err(problems) }
}

/// A short name of the tables' exact content, so that a case can say which ones it was read with.
pub(super) fn hash(files: &[File]) -> String {
    let mut hash = Sha256::new();
    for (name, text) in files {
        for part in [name.as_bytes(), text.as_bytes()] {
            hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            hash.update(part);
        }
    }
    hex::encode(hash.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_compiled_in_have_no_problems() {
        if let Err(problems) = load(&built_in()) {
            panic!("{}", problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"));
        }
    }

    /// For people who write tables: `CUES=folder cargo test --workspace own_tables`.
    #[test]
    fn own_tables_have_no_problems() {
        let Some(own) = std::env::var_os("CUES") else { return };
        if let Err(problems) = folder(Path::new(&own)).and_then(|files| load(&files).map(|_| ())) {
            panic!("{}", problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"));
        }
    }
}
