//! Workbooks.
//!
//! Visible are the values of the cells of visible sheets, rows and columns, a line for each row. Left behind are formulas,
//! comments, hidden parts, names, and every property.

mod number;

use self::number::Formats;
use super::gather::Gathered;
use super::relations::Relations;
use crate::outcome::{Reason, Verdict};
use crate::package::Package;
use crate::xml::{Element, Visitor, walk};

const MAIN: &str = "xl/workbook.xml";

/// Takes the visible values and pictures out of a workbook.
///
/// # Errors
/// [`Reason`] when it is damaged or breaks a bound.
pub(crate) fn clean(package: &mut Package<'_>) -> Result<Verdict, Reason> {
    let mut book = Book::default();
    walk(&package.read_text(MAIN)?, &mut book)?;
    let relations = Relations::of(package, MAIN)?;
    let mut shared = Shared::default();
    if package.has("xl/sharedStrings.xml") {
        walk(&package.read_text("xl/sharedStrings.xml")?, &mut shared)?;
    }
    let mut formats = Formats::new(book.counts_from_1904);
    if package.has("xl/styles.xml") {
        walk(&package.read_text("xl/styles.xml")?, &mut formats)?;
    }
    let mut gathered = Gathered::default();
    for (name, id) in &book.sheets {
        let Some(part) = relations.target(id) else { continue };
        if !package.has(part) {
            return Err(Reason::Damaged);
        }
        gathered.paragraph();
        gathered.words(name)?;
        gathered.line();
        let mut sheet = Sheet {
            shared: &shared.strings,
            formats: &formats,
            gathered: &mut gathered,
            hidden_columns: Vec::new(),
            is_row_hidden: false,
            cell: None,
            drawing: None,
        };
        walk(&package.read_text(part)?, &mut sheet)?;
        let drawing = sheet.drawing.take();
        let relations = Relations::of(package, part)?;
        if let Some(drawing) = drawing.as_deref().and_then(|id| relations.target(id))
            && package.has(drawing)
        {
            let mut pictures = Pictures { ids: Vec::new(), unseen_at: None };
            walk(&package.read_text(drawing)?, &mut pictures)?;
            let relations = Relations::of(package, drawing)?;
            for member in pictures.ids.iter().filter_map(|id| relations.target(id)) {
                gathered.picture(package, member)?;
                gathered.line();
            }
        }
    }
    Ok(gathered.finish())
}

/// The visible sheets, by name and id.
#[derive(Default)]
struct Book {
    sheets: Vec<(String, String)>,
    counts_from_1904: bool,
}

impl Visitor for Book {
    fn begin(&mut self, path: &[String], element: &Element<'_>) -> Result<(), Reason> {
        match path.last().map_or("", String::as_str) {
            "sheet" if element.attribute("state").is_none_or(|state| state == "visible") => {
                self.sheets.extend(element.exact("r:id").map(|id| (element.exact("name").unwrap_or_default(), id)));
            }
            "workbookPr" => self.counts_from_1904 = matches!(element.attribute("date1904").as_deref(), Some("1" | "true")),
            _ => {}
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

/// The strings that cells share.
#[derive(Default)]
struct Shared {
    strings: Vec<String>,
}

impl Visitor for Shared {
    fn begin(&mut self, path: &[String], _: &Element<'_>) -> Result<(), Reason> {
        if path.last().is_some_and(|name| name == "si") {
            self.strings.push(String::new());
        }
        Ok(())
    }

    fn end(&mut self, _: &[String]) -> Result<(), Reason> {
        Ok(())
    }

    fn words(&mut self, path: &[String], words: &str) -> Result<(), Reason> {
        // How a word is pronounced is a reading aid and not shown.
        let is_shown = path.last().is_some_and(|name| name == "t") && !path.iter().any(|name| name == "rPh");
        if is_shown && let Some(string) = self.strings.last_mut() {
            string.push_str(words);
        }
        Ok(())
    }
}

/// Walks through a sheet.
struct Sheet<'a, 'b> {
    shared: &'a [String],
    formats: &'a Formats,
    gathered: &'b mut Gathered,
    hidden_columns: Vec<(u32, u32)>,
    is_row_hidden: bool,
    cell: Option<Cell>,
    drawing: Option<String>,
}

/// A cell that is being read.
#[derive(Default)]
struct Cell {
    is_hidden: bool,
    kind: String,
    style: usize,
    value: String,
}

impl Sheet<'_, '_> {
    fn is_column_hidden(&self, column: u32) -> bool {
        self.hidden_columns.iter().any(|(first, last)| (*first..=*last).contains(&column))
    }
}

impl Visitor for Sheet<'_, '_> {
    fn begin(&mut self, path: &[String], element: &Element<'_>) -> Result<(), Reason> {
        let is_on = |name: &str| matches!(element.attribute(name).as_deref(), Some("1" | "true"));
        match path.last().map_or("", String::as_str) {
            "col" if is_on("hidden") => {
                let edge = |name: &str| element.attribute(name).and_then(|number| number.parse().ok());
                self.hidden_columns.extend(edge("min").zip(edge("max")));
            }
            "row" => self.is_row_hidden = is_on("hidden"),
            "c" => {
                let column = element.attribute("r").map_or(0, |place| column_of(&place));
                self.cell = Some(Cell {
                    is_hidden: self.is_row_hidden || self.is_column_hidden(column),
                    kind: element.attribute("t").unwrap_or_default(),
                    style: element.attribute("s").and_then(|style| style.parse().ok()).unwrap_or(0),
                    value: String::new(),
                });
            }
            "drawing" => self.drawing = element.exact("r:id"),
            _ => {}
        }
        Ok(())
    }

    fn end(&mut self, path: &[String]) -> Result<(), Reason> {
        match path.last().map(String::as_str) {
            Some("c") => {
                let Some(cell) = self.cell.take().filter(|cell| !cell.is_hidden) else { return Ok(()) };
                match cell.kind.as_str() {
                    "s" => {
                        let shared = self.shared;
                        let string = cell.value.trim().parse::<usize>().ok().and_then(|number| shared.get(number));
                        self.gathered.words(string.map_or("", String::as_str))?;
                    }
                    "b" => self.gathered.words(if cell.value.trim() == "1" { "TRUE" } else { "FALSE" })?,
                    "str" | "inlineStr" | "e" | "d" => self.gathered.words(&cell.value)?,
                    _ => self.gathered.words(&self.formats.shown(cell.style, cell.value.trim()))?,
                }
                self.gathered.words("\t")?;
            }
            Some("row") if !self.is_row_hidden => self.gathered.line(),
            _ => {}
        }
        Ok(())
    }

    fn words(&mut self, path: &[String], words: &str) -> Result<(), Reason> {
        let is_value = path.last().is_some_and(|name| name == "v" || name == "t") && !path.iter().any(|name| name == "rPh");
        if is_value && let Some(cell) = &mut self.cell {
            cell.value.push_str(words);
        }
        Ok(())
    }
}

/// The number of a column, by the letters of a place such as `AB12`.
fn column_of(place: &str) -> u32 {
    place.bytes().take_while(u8::is_ascii_uppercase).take(4).fold(0, |column, letter| column * 26 + u32::from(letter - b'A') + 1)
}

/// The pictures of a drawing.
struct Pictures {
    ids: Vec<String>,
    unseen_at: Option<usize>,
}

impl Visitor for Pictures {
    fn begin(&mut self, path: &[String], element: &Element<'_>) -> Result<(), Reason> {
        if self.unseen_at.is_some() {
            return Ok(());
        }
        match path.last().map_or("", String::as_str) {
            "cNvPr" if matches!(element.attribute("hidden").as_deref(), Some("1" | "true")) => {
                self.unseen_at = path.iter().rposition(|name| name == "pic").map(|at| at + 1);
            }
            "blip" => self.ids.extend(element.attribute("embed")),
            _ => {}
        }
        Ok(())
    }

    fn end(&mut self, path: &[String]) -> Result<(), Reason> {
        if self.unseen_at.is_some_and(|depth| path.len() <= depth) {
            self.unseen_at = None;
        }
        Ok(())
    }

    fn words(&mut self, _: &[String], _: &str) -> Result<(), Reason> {
        Ok(())
    }
}
