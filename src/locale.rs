//! The gateway's own words, in the languages of the people who write to it.
//!
//! Speaks, and never reads: it knows language codes, not reports. Which language a report is written in is
//! [`crate::language`]'s business.

mod catalogue;
mod negotiate;

use std::borrow::Cow;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};

use crate::language::Language;
use catalogue::{CATALOGUE, Entry};

pub use catalogue::Direction;

/// Every locale that is built in, ready to speak.
pub struct Locales {
    locales: Vec<Locale>,
}

/// One language the gateway speaks.
pub(crate) struct Locale {
    entry: &'static Entry,
    bundle: FluentBundle<FluentResource>,
}

/// A message could not be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum LocaleError {
    /// The locale has no such message.
    #[error("the message is missing in this language")]
    Missing,
    /// The message names an argument that was not given.
    #[error("the message needs another argument")]
    Arguments,
}

impl Locales {
    /// Reads the built-in locales.
    ///
    /// # Panics
    /// When a built-in file is broken, which the tests of this module rule out.
    #[must_use]
    pub fn built_in() -> Self {
        Self { locales: CATALOGUE.iter().map(Locale::read).collect() }
    }

    /// Says "thank you, this is your number" in `language`, or in the desk's default language when nobody knows the
    /// language or we do not speak it.
    ///
    /// Fits one SMS segment in every language, and says nothing that a stranger should not read.
    #[must_use]
    pub fn receipt(&self, language: Language, default_tag: &str, reference: &str) -> String {
        self.receipt_for_code(language.code(), default_tag, reference)
    }

    /// Says the same in the desk's default language, and asks the writer which language it is: in the two likeliest of
    /// `likely` that we speak, or else in the default one.
    ///
    /// Takes at most four SMS segments.
    #[must_use]
    pub fn receipt_asking(&self, likely: &[Language], default_tag: &str, reference: &str) -> String {
        let mut asking: Vec<&Locale> = Vec::new();
        for locale in likely.iter().filter_map(|language| self.find(language.code())) {
            if asking.len() < 2 && !asking.iter().any(|known| known.tag() == locale.tag()) {
                asking.push(locale);
            }
        }
        if asking.is_empty() {
            asking.push(self.find(default_tag).unwrap_or_else(|| self.fallback()));
        }
        let mut text = self.receipt_for_code(Language::UNDETERMINED.code(), default_tag, reference);
        for locale in asking {
            text.push('\n');
            text.push_str(&locale.say("which-language", &FluentArgs::new()).expect("every locale asks for the language"));
        }
        text
    }

    fn receipt_for_code(&self, code: &str, default_tag: &str, reference: &str) -> String {
        let mut args = FluentArgs::new();
        args.set("reference", reference);
        let locale = self.for_code(code, default_tag);
        locale.say("receipt", &args).expect("every locale has a receipt that needs only the reference")
    }

    /// Whether `tag` names a language with a receipt: a check for the desk's configuration.
    #[must_use]
    pub fn speaks(&self, tag: &str) -> bool {
        self.find(tag).is_some()
    }

    /// The tags of all locales, such as `en`, `zh-Hans`, `hi-Latn`.
    pub fn tags(&self) -> impl Iterator<Item = &'static str> {
        self.locales.iter().map(Locale::tag)
    }

    /// Picks the language of a page among those with pages: the one asked for, else the best one the browser accepts,
    /// else the desk's default, else English.
    #[must_use]
    pub fn choose_page_language(&self, asked: Option<&str>, accept_language: Option<&str>, default_tag: &str) -> &'static str {
        let page_tag = |tag: &str| self.find_among(tag, Locale::has_pages).map(Locale::tag);
        asked
            .and_then(page_tag)
            .or_else(|| accept_language.and_then(|header| negotiate::preferred(header).into_iter().find_map(page_tag)))
            .or_else(|| page_tag(default_tag))
            .unwrap_or_else(|| self.fallback().tag())
    }

    /// The locales in which every page can be shown.
    pub(crate) fn with_pages(&self) -> impl Iterator<Item = &Locale> {
        self.locales.iter().filter(|locale| locale.has_pages())
    }

    /// The locale of a page: any other tag than one from [`Self::choose_page_language`] gives English.
    pub(crate) fn page(&self, tag: &str) -> &Locale {
        self.with_pages().find(|locale| locale.tag() == tag).unwrap_or_else(|| self.fallback())
    }

    fn for_code(&self, code: &str, default_tag: &str) -> &Locale {
        let default = self.find(default_tag).unwrap_or_else(|| self.fallback());
        // Chinese is one language in two scripts: the desk's own default says which one its people read.
        if default.entry.means(code) { default } else { self.find(code).unwrap_or(default) }
    }

    fn find(&self, tag: &str) -> Option<&Locale> {
        self.find_among(tag, |_| true)
    }

    /// Finds a locale by tag or code, then without its last subtag, and so on: `en-GB` is `en`, `tam-Latn` is `ta`.
    fn find_among(&self, tag: &str, is_wanted: impl Fn(&Locale) -> bool) -> Option<&Locale> {
        let mut wanted = tag.trim();
        loop {
            if let Some(locale) = self.locales.iter().find(|locale| locale.entry.means(wanted) && is_wanted(locale)) {
                return Some(locale);
            }
            wanted = wanted.rsplit_once(['-', '_'])?.0;
        }
    }

    fn fallback(&self) -> &Locale {
        self.locales.first().expect("the catalogue begins with English")
    }
}

impl Locale {
    fn read(entry: &'static Entry) -> Self {
        let resource = FluentResource::try_new(entry.source.to_owned()).expect("a built-in locale file is valid Fluent");
        let tag = entry.tag.parse().expect("a built-in tag is a valid language tag");
        let mut bundle = FluentBundle::new_concurrent(vec![tag]);
        // The isolation marks around arguments are not in the SMS alphabet: one of them makes 160 characters 70.
        bundle.set_use_isolating(false);
        bundle.add_resource(resource).expect("a built-in locale file names each message once");
        Self { entry, bundle }
    }

    pub(crate) fn tag(&self) -> &'static str {
        self.entry.tag
    }

    /// The language's name in itself.
    pub(crate) fn own_name(&self) -> &'static str {
        self.entry.own_name
    }

    pub(crate) fn direction(&self) -> Direction {
        self.entry.direction
    }

    /// The neutral page behind "leave this page".
    pub(crate) fn leave_to(&self) -> &'static str {
        self.entry.leave_to
    }

    fn has_pages(&self) -> bool {
        self.bundle.has_message("page-title")
    }

    /// Says one message.
    pub(crate) fn say(&self, key: &str, args: &FluentArgs<'_>) -> Result<String, LocaleError> {
        let pattern = self.bundle.get_message(key).and_then(|message| message.value()).ok_or(LocaleError::Missing)?;
        let mut errors = Vec::new();
        let said = self.bundle.format_pattern(pattern, Some(args), &mut errors);
        if errors.is_empty() { Ok(Cow::into_owned(said)) } else { Err(LocaleError::Arguments) }
    }
}

#[cfg(test)]
mod tests;
