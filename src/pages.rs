//! The pages people see: the report form, its receipt, what went wrong, and the operators' home.
//!
//! Shows what it is given. It sees no report and no address: the form goes out empty, and the receipt holds a reference.

mod engine;
mod internal;
mod style;

use std::sync::Arc;

use channels::pages::{FormView, Pages, ReceiptView, WebProblem};
use minijinja::{Environment, Value, context};

use crate::locale::Locales;

pub use internal::{InternalHomeView, internal_home};
pub use style::style_csp_source;

/// The most characters the big box takes, as the web channel counts them.
const TEXT_MAX_CHARS: u32 = 10_000;

/// The public pages, in every language that has them.
pub struct PublicPages {
    locales: Arc<Locales>,
    default_tag: String,
    engine: Environment<'static>,
}

impl PublicPages {
    /// Prepares the pages. `default_tag` is the desk's language; pages that do not exist in it are in English.
    #[must_use]
    pub fn new(locales: Arc<Locales>, default_tag: impl Into<String>) -> Self {
        let engine = engine::public(Arc::clone(&locales));
        Self { locales, default_tag: default_tag.into(), engine }
    }

    fn render(&self, template: &str, language: &str, view: Value) -> String {
        let locale = self.locales.page(language);
        let page = context! { lang => locale.tag(), dir => locale.direction().as_str(), leave_to => locale.leave_to() };
        engine::render(&self.engine, template, context! { page, ..view })
    }
}

impl Pages for PublicPages {
    fn choose_language(&self, asked: Option<&str>, accept_language: Option<&str>) -> String {
        self.locales.choose_page_language(asked, accept_language, &self.default_tag).to_owned()
    }

    fn form(&self, view: &FormView<'_>) -> String {
        let languages: Vec<Value> = self
            .locales
            .with_pages()
            .map(|locale| context! { tag => locale.tag(), name => locale.own_name(), dir => locale.direction().as_str() })
            .collect();
        let site = view.site.map(channels::SiteCode::as_str);
        let view_values =
            context! { action => view.action, once => view.once, site, languages, text_max_chars => TEXT_MAX_CHARS };
        self.render("public/form.html", view.language, view_values)
    }

    fn receipt(&self, view: &ReceiptView<'_>) -> String {
        let view_values = context! {
            reference => view.reference,
            can_be_answered => view.can_be_answered,
        };
        self.render("public/receipt.html", view.language, view_values)
    }

    fn problem(&self, language: &str, problem: WebProblem) -> String {
        let (key, way_out) = match problem {
            WebProblem::NothingWritten => ("problem-nothing-written", "go-back"),
            WebProblem::TooLong => ("problem-too-long", "go-back"),
            WebProblem::FilesTooLarge => ("problem-files-too-large", "go-back"),
            // Reloading posts the same words again under the same `once`, so they are neither lost nor doubled.
            WebProblem::Unreadable => ("problem-unreadable", "reload"),
            WebProblem::TryAgain => ("problem-try-again", "reload"),
            WebProblem::NotFound => ("problem-not-found", "open-form"),
        };
        self.render("public/problem.html", language, context! { problem => key, way_out })
    }
}

#[cfg(test)]
mod tests;
