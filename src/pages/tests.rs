//! Renders every page with every sample in every language, and looks at what came out.

use channels::SiteCode;

use super::*;
use crate::triage::Severity;

const PROBLEMS: [WebProblem; 6] = [
    WebProblem::NothingWritten,
    WebProblem::TooLong,
    WebProblem::FilesTooLarge,
    WebProblem::Unreadable,
    WebProblem::TryAgain,
    WebProblem::NotFound,
];

fn pages() -> PublicPages {
    PublicPages::new(Arc::new(Locales::built_in()), "en")
}

fn languages(pages: &PublicPages) -> Vec<&'static str> {
    pages.locales.with_pages().map(crate::locale::Locale::tag).collect()
}

fn form(pages: &PublicPages, language: &str, site: Option<&SiteCode>) -> String {
    pages.form(&FormView { language, action: "/report", once: "00112233445566778899aabbccddeeff", site })
}

fn receipt(pages: &PublicPages, language: &str, can_be_answered: bool) -> String {
    pages.receipt(&ReceiptView { language, reference: "K7MQ-4XPD", can_be_answered })
}

fn home(queue: &[(Severity, u64)]) -> String {
    internal_home(&InternalHomeView {
        desk: "Desk <North> & \"South\"",
        version: "0.1.0",
        queue,
        n_journal_waiting: 3,
        n_set_aside: 2,
        n_quarantined: 1,
    })
}

/// Every page with every sample in every language: name, language, HTML.
fn all() -> Vec<(String, &'static str, String)> {
    let pages = pages();
    let site = SiteCode::parse("HN-07");
    let mut all = vec![
        ("home".to_owned(), "en", home(&Severity::ALL.map(|severity| (severity, 7)))),
        ("home-without-queue".to_owned(), "en", home(&[])),
    ];
    for language in languages(&pages) {
        all.push((format!("form-{language}"), language, form(&pages, language, None)));
        all.push((format!("form-site-{language}"), language, form(&pages, language, site.as_ref())));
        for can_be_answered in [true, false] {
            let name = format!("receipt-{can_be_answered}-{language}");
            all.push((name, language, receipt(&pages, language, can_be_answered)));
        }
        for problem in PROBLEMS {
            all.push((format!("{problem:?}-{language}"), language, pages.problem(language, problem)));
        }
    }
    all
}

/// The start tags of one element.
fn tags<'a>(html: &'a str, element: &str) -> Vec<&'a str> {
    let opening = format!("<{element} ");
    html.split(opening.as_str()).skip(1).map(|rest| rest.split('>').next().unwrap_or_default()).collect()
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let opening = format!("{name}=\"");
    tag.split_once(opening.as_str()).and_then(|(_, rest)| rest.split('"').next())
}

#[test]
fn english_and_chinese_have_every_page() {
    assert!(languages(&pages()).starts_with(&["en", "zh-Hans"]));
}

#[test]
fn every_page_says_its_language_and_direction() {
    for (name, language, html) in all() {
        let root = tags(&html, "html");
        assert_eq!(attribute(root[0], "lang"), Some(language), "{name}");
        assert_eq!(attribute(root[0], "dir"), Some("ltr"), "{name}");
    }
}

#[test]
fn no_page_loads_anything() {
    for (name, _, html) in all() {
        for unwelcome in
            ["<script", "<img", "<iframe", "http://", "src=", "@import", "url(", "style=\"", "onclick", "onload", "onfocus"]
        {
            assert!(!html.contains(unwelcome), "{name} has `{unwelcome}`");
        }
        let links = tags(&html, "link");
        assert_eq!(links, ["rel=\"icon\" href=\"data:,\""], "{name}");
    }
}

#[test]
fn no_key_or_placeholder_is_left_standing() {
    for (name, _, html) in all() {
        for unwelcome in ["{{", "{%", "{ $", "undefined", "problem-", "receipt-keep", "form-heading"] {
            assert!(!html.contains(unwelcome), "{name} has `{unwelcome}`");
        }
    }
}

#[test]
fn every_box_has_a_label_and_a_hint_that_exist() {
    for (name, _, html) in all() {
        let boxes: Vec<&str> = [tags(&html, "input"), tags(&html, "textarea")].concat();
        for tag in boxes.into_iter().filter(|tag| attribute(tag, "type") != Some("hidden")) {
            let id = attribute(tag, "id").expect("a visible box has an id");
            assert!(html.contains(&format!("<label for=\"{id}\">")), "{name}: {id} has no label");
            let hint = attribute(tag, "aria-describedby").expect("a visible box has a hint");
            assert!(html.contains(&format!("id=\"{hint}\"")), "{name}: {id} has no hint");
        }
    }
}

#[test]
fn the_form_posts_the_fields_the_web_channel_reads() {
    let html = form(&pages(), "zh-Hans", SiteCode::parse("HN-07").as_ref());
    let fields = [tags(&html, "input"), tags(&html, "textarea")].concat();
    let mut names: Vec<&str> = fields.into_iter().filter_map(|tag| tag.split_once("name=\"")?.1.split('"').next()).collect();
    names.sort_unstable();
    assert_eq!(names, ["contact", "files", "lang", "once", "place", "site", "text"]);
    assert!(html.contains("enctype=\"multipart/form-data\""));
    assert!(html.contains("name=\"lang\" value=\"zh-Hans\""));
    assert!(html.contains("value=\"HN-07\""));
}

#[test]
fn the_browser_is_asked_to_remember_and_to_check_nothing() {
    let html = form(&pages(), "en", SiteCode::parse("HN-07").as_ref());
    for tag in [tags(&html, "input"), tags(&html, "textarea")].concat() {
        if attribute(tag, "type") != Some("hidden") {
            assert_eq!((attribute(tag, "autocomplete"), attribute(tag, "spellcheck")), (Some("off"), Some("false")));
        }
    }
}

#[test]
fn another_language_keeps_the_place_code() {
    let html = form(&pages(), "en", SiteCode::parse("HN-07").as_ref());
    assert!(html.contains("href=\"?lang=zh-Hans&amp;site=HN-07\" lang=\"zh-Hans\""));
}

#[test]
fn only_the_operators_page_has_a_telling_title() {
    for (name, language, html) in all() {
        let title = html.split_once("<title>").and_then(|(_, rest)| rest.split("</title>").next());
        if !name.starts_with("home") {
            assert_eq!(title, Some(if language == "en" { "Write to us" } else { "给我们写信" }), "{name}");
        }
    }
}

#[test]
fn the_receipt_shows_the_reference_once_and_unbroken() {
    for can_be_answered in [true, false] {
        let html = receipt(&pages(), "en", can_be_answered);
        assert_eq!(html.matches(">K7MQ-4XPD<").count(), 1);
        assert_eq!(html.contains("cannot answer you yet"), !can_be_answered);
    }
    assert!(receipt(&pages(), "en", true).contains("the answer comes to the phone number"));
}

#[test]
fn a_page_in_a_language_without_pages_is_english_and_says_so() {
    assert_eq!(form(&pages(), "\"><b>", None), form(&pages(), "en", None));
}

#[test]
fn what_is_put_into_a_page_is_escaped() {
    let html = pages().form(&FormView { language: "en", action: "/\"><b>", once: "<i>", site: None });
    assert!(!html.contains("<b>\"") && !html.contains("<i>"));
    let html = home(&[]);
    assert!(html.contains("Desk &lt;North&gt; &amp; &quot;South&quot;"));
}

#[test]
fn every_page_is_under_14_kilobytes_even_before_compression() {
    for (name, _, html) in all() {
        assert!(html.len() < 14 * 1024, "{name} has {} bytes", html.len());
    }
}

#[test]
fn the_policy_lets_exactly_the_style_of_the_page_through() {
    let html = form(&pages(), "en", None);
    let style = html.split_once("<style>").and_then(|(_, rest)| rest.split("</style>").next());
    assert_eq!(style, Some(style::STYLE));
    // A browser turns CR LF into LF before it computes the hash.
    assert!(!style::STYLE.contains('\r') && !style::STYLE.contains('<'));
    let source = style_csp_source();
    assert!(source.starts_with("'sha256-") && source.ends_with("='") && source.len() == 53);
}
