//! Documents: the words that a reader sees, and the pictures among them. No document comes out again.
//!
//! A document has dozens of places for names, and a new version of its program adds more. So nothing is cleaned here: what is
//! visible is taken out, and the rest is left behind.

mod gather;
mod opendocument;
mod relations;
mod sheet;
mod slides;
mod word;

pub(crate) use opendocument::clean as opendocument;
pub(crate) use sheet::clean as xlsx;
pub(crate) use slides::clean as pptx;
pub(crate) use word::clean as docx;
