//! Turns templates into HTML.
//!
//! Strict: a value that a template names and nobody gave is an error, so that a test finds it and not a reader. What is
//! put into a page is escaped; only the style sheet and our own addresses are not.

use std::sync::Arc;

use fluent_bundle::{FluentArgs, FluentValue};
use minijinja::value::Kwargs;
use minijinja::{Environment, Error, ErrorKind, State, UndefinedBehavior, Value};

use super::style::STYLE;
use crate::locale::Locales;

const TEMPLATES: &[(&str, &str)] = &[
    ("base.html", include_str!("../../templates/base.html")),
    ("public/page.html", include_str!("../../templates/public/page.html")),
    ("public/form.html", include_str!("../../templates/public/form.html")),
    ("public/receipt.html", include_str!("../../templates/public/receipt.html")),
    ("public/problem.html", include_str!("../../templates/public/problem.html")),
    ("internal/home.html", include_str!("../../templates/internal/home.html")),
];

/// The engine of pages in one language, English, that need no messages.
pub(super) fn plain() -> Environment<'static> {
    let mut engine = Environment::new();
    engine.set_undefined_behavior(UndefinedBehavior::Strict);
    engine.add_global("style", STYLE);
    for (name, source) in TEMPLATES {
        engine.add_template(name, source).expect("a built-in template is valid");
    }
    engine
}

/// The engine of pages in many languages: `say("key", name=value)` gives a message in the language of the page.
pub(super) fn public(locales: Arc<Locales>) -> Environment<'static> {
    let mut engine = plain();
    let say = move |state: &State<'_, '_>, key: &str, given: Kwargs| -> Result<String, Error> {
        let page = state.lookup("page").ok_or_else(|| Error::from(ErrorKind::UndefinedError))?;
        let language = page.get_attr("lang")?;
        let mut args = FluentArgs::new();
        for name in given.args() {
            args.set(name.to_owned(), fluent_value(&given.get::<Value>(name)?));
        }
        let locale = locales.page(language.as_str().unwrap_or_default());
        locale.say(key, &args).map_err(|error| Error::new(ErrorKind::InvalidOperation, error.to_string()))
    };
    engine.add_function("say", say);
    engine
}

/// Numbers stay numbers, because plural rules look at them.
fn fluent_value(value: &Value) -> FluentValue<'static> {
    i64::try_from(value.clone()).map_or_else(|_| FluentValue::from(value.to_string()), FluentValue::from)
}

/// Renders one page.
///
/// # Panics
/// When a template names what it was not given, which the test of every page with every sample rules out.
pub(super) fn render(engine: &Environment<'_>, template: &str, view: Value) -> String {
    let template = engine.get_template(template).expect("only built-in templates are asked for");
    template.render(view).expect("a built-in page renders with every view")
}
