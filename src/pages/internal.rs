//! The operators' home page, in English: how much is waiting, and where to look.
//!
//! Holds counts only. No case, no reference and no word of a report gets here.

use minijinja::{Value, context};

use super::engine;
use crate::triage::Severity;

/// What the operators' home page shows.
#[derive(Debug, Clone)]
pub struct InternalHomeView<'a> {
    /// The desk's name.
    pub desk: &'a str,
    /// The gateway's version.
    pub version: &'a str,
    /// Cases waiting for a mediator, in the order given; empty when the queue could not be read.
    pub queue: &'a [(Severity, u64)],
    /// Accepted reports that are not yet cases.
    pub n_journal_waiting: u64,
    /// Reports that could not be made into cases and wait for a person.
    pub n_set_aside: u64,
    /// Authentic requests that could not be read.
    pub n_quarantined: u64,
}

/// Renders the operators' home page.
#[must_use]
pub fn internal_home(view: &InternalHomeView<'_>) -> String {
    let queue: Vec<Value> =
        view.queue.iter().map(|(severity, n_cases)| context! { severity => severity.as_str(), n_cases => *n_cases }).collect();
    let page = context! { lang => "en", dir => "ltr" };
    let view_values = context! {
        page, queue,
        desk => view.desk,
        version => view.version,
        n_journal_waiting => view.n_journal_waiting,
        n_set_aside => view.n_set_aside,
        n_quarantined => view.n_quarantined,
    };
    engine::render(&engine::plain(), "internal/home.html", view_values)
}
