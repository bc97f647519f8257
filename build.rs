//! Lists the triage rules and word lists for the compiler, so that no file can be forgotten, and counts the language table.

#[path = "build/language.rs"]
mod language;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").expect("cargo names the folder"));
    let bundle = root.join("config/triage");
    let mut names = Vec::new();
    for folder in ["rules", "words"] {
        println!("cargo:rerun-if-changed={}", bundle.join(folder).display());
        collect(&bundle, folder, &mut names);
    }
    names.sort();
    let mut list = String::from("&[\n");
    for name in names {
        writeln!(list, "    ({name:?}, include_str!({:?})),", bundle.join(&name).to_string_lossy())
            .expect("a string takes everything");
    }
    list.push_str("]\n");
    let out = PathBuf::from(env::var("OUT_DIR").expect("cargo names the folder"));
    fs::write(out.join("triage_files.rs"), list).expect("cargo's own folder can be written");
    let table = language::table(&root.join("config/language"));
    fs::write(out.join("language.bin"), table).expect("cargo's own folder can be written");
}

fn collect(bundle: &Path, folder: &str, names: &mut Vec<String>) {
    for entry in fs::read_dir(bundle.join(folder)).expect("config/triage has rules and words") {
        let name = entry.expect("the folder can be read").file_name().into_string().expect("file names are plain");
        if [".toml", ".txt"].iter().any(|ending| name.ends_with(ending)) {
            names.push(format!("{folder}/{name}"));
        }
    }
}
