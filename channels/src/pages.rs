//! What the web form shows, as the gateway renders it.
//!
//! Which words and which languages is the gateway's business; a page is given a reference and never a report.

use crate::inbound::SiteCode;

/// Renders the public pages. The gateway implements it with its templates and languages.
pub trait Pages: Send + Sync + 'static {
    /// Picks the language of a page: the one asked for in the address (`?lang=`), else the best one of `Accept-Language`,
    /// else the desk's default. The answer is one of the tags the pages exist in, such as `en` or `zh-Hans`.
    fn choose_language(&self, asked: Option<&str>, accept_language: Option<&str>) -> String;

    /// The report form.
    fn form(&self, view: &FormView<'_>) -> String;

    /// The page after a report: it carries the reference.
    fn receipt(&self, view: &ReceiptView<'_>) -> String;

    /// A page that says what went wrong and what to do.
    fn problem(&self, language: &str, problem: WebProblem) -> String;
}

/// What the form page shows.
#[derive(Debug, Clone)]
pub struct FormView<'a> {
    /// A tag from [`Pages::choose_language`].
    pub language: &'a str,
    /// Where the form posts to, such as `/report`.
    pub action: &'a str,
    /// Goes back in a hidden field named `once`, so that pressing the button twice makes one case.
    pub once: &'a str,
    /// The site code of the poster's link; goes into the field `site`.
    pub site: Option<&'a SiteCode>,
}

/// What the receipt page shows.
#[derive(Debug, Clone)]
pub struct ReceiptView<'a> {
    /// A tag from [`Pages::choose_language`].
    pub language: &'a str,
    /// The case reference, such as `K7MQ-4XPD`.
    pub reference: &'a str,
    /// Whether the reporter left an address.
    pub can_be_answered: bool,
}

/// What can go wrong with a report from the form, in the reader's terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebProblem {
    /// The big box was empty.
    NothingWritten,
    /// More than the form takes.
    TooLong,
    /// More or larger files than the form takes.
    FilesTooLarge,
    /// The browser sent something that could not be read.
    Unreadable,
    /// The gateway could not keep the report just now; it must be sent again.
    TryAgain,
    /// There is no such page.
    NotFound,
}
