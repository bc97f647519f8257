//! Presentations.
//!
//! Visible are the slides in their order. Left behind are hidden slides and shapes, the speaker's notes, comments, and every
//! property.

use super::gather::Gathered;
use super::relations::Relations;
use crate::outcome::{Reason, Verdict};
use crate::package::Package;
use crate::xml::{Element, Visitor, walk};

const MAIN: &str = "ppt/presentation.xml";
/// What can be hidden on a slide.
const SHAPES: [&str; 6] = ["sp", "pic", "graphicFrame", "grpSp", "cxnSp", "contentPart"];

/// Takes the visible words and pictures out of a presentation.
///
/// # Errors
/// [`Reason`] when it is damaged or breaks a bound.
pub(crate) fn clean(package: &mut Package<'_>) -> Result<Verdict, Reason> {
    let mut order = Order(Vec::new());
    walk(&package.read_text(MAIN)?, &mut order)?;
    let relations = Relations::of(package, MAIN)?;
    let mut gathered = Gathered::default();
    for id in order.0 {
        let Some(part) = relations.target(&id) else { continue };
        let slide_relations = Relations::of(package, part)?;
        let mut slide = Slide { pieces: Vec::new(), unseen_at: None, is_hidden: false };
        walk(&package.read_text(part)?, &mut slide)?;
        if slide.is_hidden {
            continue;
        }
        for piece in slide.pieces {
            match piece {
                Piece::Words(words) => gathered.words(&words)?,
                Piece::Line => gathered.line(),
                Piece::Picture(id) => {
                    if let Some(member) = slide_relations.target(&id) {
                        gathered.picture(package, member)?;
                        gathered.line();
                    }
                }
            }
        }
        gathered.paragraph();
    }
    Ok(gathered.finish())
}

/// The ids of the slides, in the order in which they are shown.
struct Order(Vec<String>);

impl Visitor for Order {
    fn begin(&mut self, path: &[String], element: &Element<'_>) -> Result<(), Reason> {
        if path.last().is_some_and(|name| name == "sldId") {
            self.0.extend(element.exact("r:id"));
        }
        Ok(())
    }

    fn end(&mut self, _: &[String]) -> Result<(), Reason> {
        Ok(())
    }

    fn words(&mut self, _: &[String], _: &str) -> Result<(), Reason> {
        Ok(())
    }
}

enum Piece {
    Words(String),
    Line,
    Picture(String),
}

/// Walks through a slide.
struct Slide {
    pieces: Vec<Piece>,
    /// How deep the unseen element lies that the walk is in.
    unseen_at: Option<usize>,
    is_hidden: bool,
}

impl Visitor for Slide {
    fn begin(&mut self, path: &[String], element: &Element<'_>) -> Result<(), Reason> {
        if self.unseen_at.is_some() {
            return Ok(());
        }
        match path.last().map_or("", String::as_str) {
            "sld" => self.is_hidden = matches!(element.attribute("show").as_deref(), Some("0" | "false")),
            // It stands at the beginning of its shape, so the rest of the shape is still ahead.
            "cNvPr" if matches!(element.attribute("hidden").as_deref(), Some("1" | "true")) => {
                self.unseen_at = path.iter().rposition(|name| SHAPES.contains(&name.as_str())).map(|at| at + 1);
            }
            "cNvPr" | "Fallback" => self.unseen_at = Some(path.len()),
            "br" => self.pieces.push(Piece::Line),
            "blip" => self.pieces.extend(element.attribute("embed").map(Piece::Picture)),
            "chart" | "relIds" => self.pieces.push(Piece::Words("[a drawing that was left out]".to_owned())),
            "oleObj" => self.pieces.push(Piece::Words("[an embedded file that was left out]".to_owned())),
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
            Some("p") if path.iter().any(|name| name == "tc") => self.pieces.push(Piece::Words(" ".to_owned())),
            Some("p" | "tr") => self.pieces.push(Piece::Line),
            Some("tc") => self.pieces.push(Piece::Words("\t".to_owned())),
            _ => {}
        }
        Ok(())
    }

    fn words(&mut self, path: &[String], words: &str) -> Result<(), Reason> {
        if self.unseen_at.is_none() && path.last().is_some_and(|name| name == "t") {
            self.pieces.push(Piece::Words(words.to_owned()));
        }
        Ok(())
    }
}
