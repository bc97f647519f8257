//! Walks through XML, and knows what it is inside of.
//!
//! No entity is expanded but the five that XML itself has; a document that declares any is refused.

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use crate::limits::MAX_DEPTH;
use crate::outcome::Reason;

/// An element's beginning: its name without a prefix, and its attributes.
pub(crate) struct Element<'a> {
    start: &'a BytesStart<'a>,
}

impl Element<'_> {
    /// The value of the attribute with this local name, whatever its prefix.
    pub(crate) fn attribute(&self, name: &str) -> Option<String> {
        self.start
            .attributes()
            .with_checks(false)
            .flatten()
            .find(|attribute| local(attribute.key.as_ref()) == name)
            .and_then(|attribute| attribute.normalized_value(XmlVersion::Implicit1_0).ok().map(std::borrow::Cow::into_owned))
    }

    /// The value of the attribute with exactly this name, prefix and all.
    pub(crate) fn exact(&self, name: &str) -> Option<String> {
        self.start
            .attributes()
            .with_checks(false)
            .flatten()
            .find(|attribute| attribute.key.as_ref() == name)
            .and_then(|attribute| attribute.normalized_value(XmlVersion::Implicit1_0).ok().map(std::borrow::Cow::into_owned))
    }

    /// Whether a switch such as `w:vanish` is on: it is, unless its value says otherwise.
    pub(crate) fn is_on(&self) -> bool {
        !matches!(self.attribute("val").as_deref(), Some("0" | "false" | "off" | "none"))
    }
}

/// Reads what a walk meets.
pub(crate) trait Visitor {
    /// An element begins. `path` holds the names it lies in, its own last.
    fn begin(&mut self, path: &[String], element: &Element<'_>) -> Result<(), Reason>;
    /// An element ends. `path` still holds its name.
    fn end(&mut self, path: &[String]) -> Result<(), Reason>;
    /// Words.
    fn words(&mut self, path: &[String], words: &str) -> Result<(), Reason>;
}

fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

/// Walks through a document.
///
/// # Errors
/// [`Reason::Entities`] when it declares any, [`Reason::Damaged`] when it is no XML or lies too deep.
pub(crate) fn walk(xml: &str, visitor: &mut dyn Visitor) -> Result<(), Reason> {
    let mut reader = Reader::from_str(xml);
    let mut path: Vec<String> = Vec::new();
    loop {
        match reader.read_event().map_err(|_| Reason::Damaged)? {
            Event::Start(start) => {
                if path.len() >= MAX_DEPTH {
                    return Err(Reason::Damaged);
                }
                path.push(local(start.name().as_ref()).to_owned());
                visitor.begin(&path, &Element { start: &start })?;
            }
            Event::Empty(start) => {
                path.push(local(start.name().as_ref()).to_owned());
                visitor.begin(&path, &Element { start: &start })?;
                visitor.end(&path)?;
                path.pop();
            }
            Event::End(_) => {
                visitor.end(&path)?;
                path.pop();
            }
            Event::Text(text) => visitor.words(&path, &text.xml10_content())?,
            Event::CData(text) => visitor.words(&path, &text.xml10_content())?,
            Event::GeneralRef(reference) => {
                let mut buffer = [0; 4];
                let words = match reference.as_ref() {
                    "lt" => "<",
                    "gt" => ">",
                    "amp" => "&",
                    "quot" => "\"",
                    "apos" => "'",
                    _ => {
                        let character = reference.resolve_char_ref().map_err(|_| Reason::Damaged)?.ok_or(Reason::Entities)?;
                        &*character.encode_utf8(&mut buffer)
                    }
                };
                visitor.words(&path, words)?;
            }
            Event::DocType(_) => return Err(Reason::Entities),
            Event::Eof => return if path.is_empty() { Ok(()) } else { Err(Reason::Damaged) },
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
        }
    }
}
