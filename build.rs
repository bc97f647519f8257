//! Lists the triage rules and word lists, and the cue tables, for the compiler, so that no file can be forgotten, and counts the language table.

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
    write(&bundle, names, "triage_files.rs");

    let tables = root.join("config/anonymise");
    println!("cargo:rerun-if-changed={}", tables.display());
    let mut names = Vec::new();
    collect(&tables, ".", &mut names);
    let names = names.into_iter().map(|name| name.trim_start_matches("./").to_owned());
    write(&tables, names.filter(|name| name != "numbers.toml").collect(), "cue_files.rs");
    let table = language::table(&root.join("config/language"));
    let out = PathBuf::from(env::var("OUT_DIR").expect("cargo names the folder"));
    fs::write(out.join("language.bin"), table).expect("cargo's own folder can be written");
}

fn write(folder: &Path, mut names: Vec<String>, list_name: &str) {
    names.sort();
    let mut list = String::from("&[\n");
    for name in names {
        writeln!(list, "    ({name:?}, include_str!({:?})),", folder.join(&name).to_string_lossy())
            .expect("a string takes everything");
    }
    list.push_str("]\n");
    let out = PathBuf::from(env::var("OUT_DIR").expect("cargo names the folder"));
    fs::write(out.join(list_name), list).expect("cargo's own folder can be written");
}

fn collect(bundle: &Path, folder: &str, names: &mut Vec<String>) {
    for entry in fs::read_dir(bundle.join(folder)).expect("the folders of config/ are there") {
        let name = entry.expect("the folder can be read").file_name().into_string().expect("file names are plain");
        if [".toml", ".txt"].iter().any(|ending| name.ends_with(ending)) {
            names.push(format!("{folder}/{name}"));
        }
    }
}
