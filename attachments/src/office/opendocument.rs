//! OpenDocument texts, spreadsheets and presentations: one walk, because all show what `content.xml` holds.
//!
//! Left behind are deletions, annotations, hidden words, rows, sheets and pages, fields that name people and files,
//! descriptions of pictures, and every property.

use std::collections::HashSet;

use super::gather::Gathered;
use crate::kind::holds;
use crate::outcome::{Reason, Verdict};
use crate::package::Package;
use crate::xml::{Element, Visitor, walk};

/// Elements whose content no reader sees, or which name their maker.
const UNSEEN: [&str; 28] = [
    "annotation",
    "annotation-end",
    "tracked-changes",
    "hidden-text",
    "hidden-paragraph",
    "conditional-text",
    "title",
    "desc",
    "notes",
    "script",
    "scripts",
    "forms",
    "event-listeners",
    "initial-creator",
    "creator",
    "author-name",
    "author-initials",
    "printed-by",
    "file-name",
    "template-name",
    "description",
    "keywords",
    "user-defined",
    "variable-decls",
    "user-field-decls",
    "sequence-decls",
    "settings",
    "meta",
];
/// Fields of the sender's own data begin so.
const SENDER: &str = "sender-";

/// Takes the visible words and pictures out of a document.
///
/// # Errors
/// [`Reason`] when it is damaged or breaks a bound.
pub(crate) fn clean(package: &mut Package<'_>) -> Result<Verdict, Reason> {
    if package.has("META-INF/manifest.xml") && holds(&package.read("META-INF/manifest.xml")?, b"encryption-data") {
        return Err(Reason::Encrypted);
    }
    let mut hidden = HiddenStyles::default();
    let content = package.read_text("content.xml")?;
    walk(&content, &mut hidden)?;
    if package.has("styles.xml") {
        walk(&package.read_text("styles.xml")?, &mut hidden)?;
    }
    let mut seen = Seen { hidden: &hidden.names, pieces: Vec::new(), unseen_at: None };
    walk(&content, &mut seen)?;
    let mut gathered = Gathered::default();
    for piece in seen.pieces {
        match piece {
            Piece::Words(words) => gathered.words(&words)?,
            Piece::Line => gathered.line(),
            Piece::Paragraph => gathered.paragraph(),
            Piece::Picture(member) => gathered.picture(package, &member)?,
        }
    }
    Ok(gathered.finish())
}

enum Piece {
    Words(String),
    Line,
    Paragraph,
    Picture(String),
}

/// Styles that hide what has them.
#[derive(Default)]
struct HiddenStyles {
    current: Option<String>,
    names: HashSet<String>,
}

impl Visitor for HiddenStyles {
    fn begin(&mut self, path: &[String], element: &Element<'_>) -> Result<(), Reason> {
        match path.last().map_or("", String::as_str) {
            "style" => {
                self.current = element.exact("style:name");
                if let (Some(name), Some(parent)) = (&self.current, element.exact("style:parent-style-name"))
                    && self.names.contains(&parent)
                {
                    self.names.insert(name.clone());
                }
            }
            properties if properties.ends_with("-properties") => {
                let hides = element.exact("text:display").is_some_and(|display| display != "true")
                    || element.exact("table:display").as_deref() == Some("false")
                    || element.exact("presentation:visibility").as_deref() == Some("hidden");
                if hides && let Some(name) = &self.current {
                    self.names.insert(name.clone());
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

/// Walks through the content.
struct Seen<'a> {
    hidden: &'a HashSet<String>,
    pieces: Vec<Piece>,
    /// How deep the unseen element lies that the walk is in.
    unseen_at: Option<usize>,
}

impl Seen<'_> {
    fn is_hidden(&self, element: &Element<'_>) -> bool {
        let has_hidden_style = ["text:style-name", "table:style-name", "draw:style-name"]
            .into_iter()
            .any(|attribute| element.exact(attribute).is_some_and(|style| self.hidden.contains(&style)));
        let is_put_away = matches!(element.exact("table:visibility").as_deref(), Some("collapse" | "filter"))
            || element.exact("text:display").is_some_and(|display| display != "true")
            || element.exact("draw:display").as_deref() == Some("none");
        has_hidden_style || is_put_away
    }
}

impl Visitor for Seen<'_> {
    fn begin(&mut self, path: &[String], element: &Element<'_>) -> Result<(), Reason> {
        if self.unseen_at.is_some() {
            return Ok(());
        }
        let name = path.last().map_or("", String::as_str);
        if UNSEEN.contains(&name) || name.starts_with(SENDER) || self.is_hidden(element) {
            self.unseen_at = Some(path.len());
            return Ok(());
        }
        match name {
            "s" => {
                let n_blanks = element.exact("text:c").and_then(|count| count.parse().ok()).unwrap_or(1_usize).min(100);
                self.pieces.push(Piece::Words(" ".repeat(n_blanks)));
            }
            "tab" => self.pieces.push(Piece::Words("\t".to_owned())),
            "line-break" => self.pieces.push(Piece::Line),
            "table" => {
                self.pieces.push(Piece::Paragraph);
                if let Some(name) = element.exact("table:name").filter(|_| path.iter().any(|name| name == "spreadsheet")) {
                    self.pieces.push(Piece::Words(name));
                    self.pieces.push(Piece::Line);
                }
            }
            "image" => self.pieces.extend(element.exact("xlink:href").map(Piece::Picture)),
            "object" | "object-ole" => self.pieces.push(Piece::Words("[an embedded file that was left out]".to_owned())),
            _ => {}
        }
        Ok(())
    }

    fn end(&mut self, path: &[String]) -> Result<(), Reason> {
        if let Some(depth) = self.unseen_at {
            if path.len() <= depth {
                self.unseen_at = None;
            }
            return Ok(());
        }
        match path.last().map(String::as_str) {
            Some("p" | "h") if path.iter().any(|name| name == "table-cell") => self.pieces.push(Piece::Words(" ".to_owned())),
            Some("p" | "h" | "table-row") => self.pieces.push(Piece::Line),
            Some("table-cell" | "covered-table-cell") => self.pieces.push(Piece::Words("\t".to_owned())),
            Some("page") => self.pieces.push(Piece::Paragraph),
            _ => {}
        }
        Ok(())
    }

    fn words(&mut self, path: &[String], words: &str) -> Result<(), Reason> {
        if self.unseen_at.is_none() && path.iter().any(|name| name == "p" || name == "h") {
            // Line ends in the file are blanks on the page.
            self.pieces.push(Piece::Words(words.replace(['\n', '\r', '\t'], " ")));
        }
        Ok(())
    }
}
