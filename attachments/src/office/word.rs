//! Word documents.
//!
//! Visible are body, headers, footers and notes. Left behind are deletions, hidden words, comments, field codes, descriptions
//! of pictures, and every property.

use std::collections::{HashMap, HashSet};

use super::gather::Gathered;
use super::relations::Relations;
use crate::outcome::{Reason, Verdict};
use crate::package::Package;
use crate::xml::{Element, Visitor, walk};

/// Elements whose content no reader sees.
const UNSEEN: [&str; 11] =
    ["del", "moveFrom", "delText", "delInstrText", "instrText", "fldData", "sdtPr", "docPr", "cNvPr", "comment", "Fallback"];

/// What one part shows, in order.
enum Piece {
    Words(String),
    Line,
    /// A picture, by the part's own id.
    Picture(String),
    /// A header or footer, by the part's own id.
    Margin(String),
}

/// Takes the visible words and pictures out of a document.
///
/// # Errors
/// [`Reason`] when it is damaged or breaks a bound.
pub(crate) fn clean(package: &mut Package<'_>) -> Result<Verdict, Reason> {
    let hidden_styles = if package.has("word/styles.xml") {
        let mut styles = Styles::default();
        walk(&package.read_text("word/styles.xml")?, &mut styles)?;
        styles.hidden()
    } else {
        HashSet::new()
    };
    let mut gathered = Gathered::default();
    let mut parts = vec!["word/document.xml".to_owned()];
    let mut at = 0;
    while let Some(part) = parts.get(at).cloned() {
        at += 1;
        let relations = Relations::of(package, &part)?;
        let mut seen = Seen { hidden_styles: &hidden_styles, pieces: Vec::new(), unseen_at: None, runs: Vec::new() };
        walk(&package.read_text(&part)?, &mut seen)?;
        for piece in seen.pieces {
            match piece {
                Piece::Words(words) => gathered.words(&words)?,
                Piece::Line => gathered.line(),
                Piece::Picture(id) => {
                    if let Some(member) = relations.target(&id) {
                        gathered.picture(package, member)?;
                    }
                }
                Piece::Margin(id) => {
                    if let Some(member) = relations.target(&id).filter(|member| !parts.iter().any(|part| part == member)) {
                        parts.push(member.to_owned());
                    }
                }
            }
        }
        gathered.paragraph();
        if at == 1 {
            let notes = ["word/footnotes.xml", "word/endnotes.xml"];
            parts.extend(notes.into_iter().filter(|part| package.has(part)).map(str::to_owned));
        }
    }
    Ok(gathered.finish())
}

/// Walks through a part.
struct Seen<'a> {
    hidden_styles: &'a HashSet<String>,
    pieces: Vec<Piece>,
    /// How deep the unseen element lies that the walk is in.
    unseen_at: Option<usize>,
    /// The runs that the walk is in; a text box lies in a run and has runs of its own.
    runs: Vec<Run>,
}

/// A stretch of words of one look.
struct Run {
    /// How many pieces there were before it.
    start: usize,
    is_hidden: bool,
}

impl Seen<'_> {
    fn hide_run(&mut self, is_hidden: bool) {
        if let Some(run) = self.runs.last_mut() {
            run.is_hidden |= is_hidden;
        }
    }

    fn is_hiding(&self, element: &Element<'_>) -> bool {
        element.attribute("val").is_some_and(|style| self.hidden_styles.contains(&style))
    }

    fn say(&mut self, words: &str) {
        self.pieces.push(Piece::Words(words.to_owned()));
    }
}

impl Visitor for Seen<'_> {
    fn begin(&mut self, path: &[String], element: &Element<'_>) -> Result<(), Reason> {
        if self.unseen_at.is_some() {
            return Ok(());
        }
        let depth = path.len();
        let above = |n: usize| path.iter().rev().nth(n).map(String::as_str);
        match path.last().map_or("", String::as_str) {
            "docPr" if matches!(element.attribute("hidden").as_deref(), Some("1" | "true")) => {
                self.unseen_at = Some(depth.saturating_sub(1));
            }
            name if UNSEEN.contains(&name) => self.unseen_at = Some(depth),
            "r" => self.runs.push(Run { start: self.pieces.len(), is_hidden: false }),
            "vanish" | "webHidden" | "specVanish" if above(1) == Some("rPr") && above(2) == Some("r") => {
                self.hide_run(element.is_on());
            }
            "rStyle" if above(2) == Some("r") => self.hide_run(self.is_hiding(element)),
            // A paragraph's and a row's properties stand at their beginning, so the rest of them is still ahead.
            "pStyle" if self.is_hiding(element) => self.unseen_at = Some(depth.saturating_sub(2)),
            "hidden" if above(1) == Some("trPr") && element.is_on() => self.unseen_at = Some(depth.saturating_sub(2)),
            "tab" if above(1) == Some("r") => self.say("\t"),
            "br" | "cr" => self.pieces.push(Piece::Line),
            "noBreakHyphen" => self.say("-"),
            "blip" => self.pieces.extend(element.attribute("embed").map(Piece::Picture)),
            "imagedata" => self.pieces.extend(element.attribute("id").map(Piece::Picture)),
            "headerReference" | "footerReference" => self.pieces.extend(element.attribute("id").map(Piece::Margin)),
            "chart" | "relIds" => self.say("[a drawing that was left out]"),
            "OLEObject" | "altChunk" => self.say("[an embedded file that was left out]"),
            _ => {}
        }
        Ok(())
    }

    fn end(&mut self, path: &[String]) -> Result<(), Reason> {
        if let Some(depth) = self.unseen_at {
            if path.len() > depth {
                return Ok(());
            }
            self.unseen_at = None;
        }
        match path.last().map(String::as_str) {
            Some("r") => {
                if let Some(run) = self.runs.pop().filter(|run| run.is_hidden) {
                    self.pieces.truncate(run.start);
                }
            }
            // The paragraphs of a cell stay on its row's line.
            Some("p") if path.iter().any(|name| name == "tc") => self.say(" "),
            Some("p" | "tr" | "tbl") => self.pieces.push(Piece::Line),
            Some("tc") => self.say("\t"),
            _ => {}
        }
        Ok(())
    }

    fn words(&mut self, path: &[String], words: &str) -> Result<(), Reason> {
        if self.unseen_at.is_none() && path.last().is_some_and(|name| name == "t") {
            self.say(words);
        }
        Ok(())
    }
}

/// Which styles hide what is written in them.
#[derive(Default)]
struct Styles {
    current: Option<String>,
    hiding: HashSet<String>,
    based_on: HashMap<String, String>,
}

impl Styles {
    fn hidden(mut self) -> HashSet<String> {
        // A style hides if the one it is based on does; chains are short, and a circle ends because nothing new is found.
        loop {
            let more: Vec<String> = self
                .based_on
                .iter()
                .filter(|(style, base)| self.hiding.contains(*base) && !self.hiding.contains(*style))
                .map(|(style, _)| style.clone())
                .collect();
            if more.is_empty() {
                return self.hiding;
            }
            self.hiding.extend(more);
        }
    }
}

impl Visitor for Styles {
    fn begin(&mut self, path: &[String], element: &Element<'_>) -> Result<(), Reason> {
        match (path.last().map(String::as_str), &self.current) {
            (Some("style"), _) => self.current = element.attribute("styleId"),
            // The mark at a paragraph's end may be hidden alone.
            (Some("vanish" | "specVanish"), Some(style))
                if element.is_on() && path.iter().rev().nth(2).is_none_or(|name| name != "pPr") =>
            {
                self.hiding.insert(style.clone());
            }
            (Some("basedOn"), Some(style)) => {
                if let Some(base) = element.attribute("val") {
                    self.based_on.insert(style.clone(), base);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn end(&mut self, path: &[String]) -> Result<(), Reason> {
        if path.last().is_some_and(|name| name == "style") {
            self.current = None;
        }
        Ok(())
    }

    fn words(&mut self, _: &[String], _: &str) -> Result<(), Reason> {
        Ok(())
    }
}
