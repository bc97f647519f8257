//! Finds mail addresses, web addresses and user names by their form, in folded text.

use std::sync::LazyLock;

use regex::Regex;

use super::RedactionKind;
use super::span::{Rank, Span};

struct Patterns {
    email: Regex,
    foreign_email: Regex,
    spelled_email: Regex,
    url: Regex,
    handle: Regex,
    account: Regex,
    cued_handle: Regex,
}

// Repeats stand on negated or small classes: `\p{L}{1,64}` alone would exceed the size limit of the regex crate.
static PATTERNS: LazyLock<Patterns> = LazyLock::new(|| {
    let compiled = |pattern: &str| Regex::new(pattern).expect("the patterns written here compile");
    let local = r"[a-z0-9_\u{C0}-\u{24F}\u{1E00}-\u{1EFF}][a-z0-9_.%+'\u{C0}-\u{24F}\u{1E00}-\u{1EFF}-]*";
    let domain = r"[a-z0-9-]+(?:(?:\.| \. )[a-z0-9-]+)*(?:\.| \. )[a-z]{2,24}";
    let no_gap = r#"[^\s@<>()\[\]{},;:"!?，。、；：！？]"#;
    let bracketed_at = r"[ \t]?(?:\((?:at|@|arroba)\)|\[(?:at|@|arroba)\]|\{at\}|<at>)[ \t]?";
    let bracketed_dot = r"(?:[ \t]?(?:\.|\((?:dot|punto|ponto)\)|\[dot\]|\{dot\})[ \t]?|[ \t](?:dot|punto|ponto|point|chấm|cham|titik|nokta)[ \t])";
    let word_at = r"[ \t](?:at|arroba|a còng|a cong)[ \t]";
    let word_dot = r"(?:[ \t](?:dot|punto|ponto|chấm|cham|titik|nokta)[ \t]|[ \t]?\(dot\)[ \t]?|[ \t]?\[dot\][ \t]?)";
    let label = r"[a-z0-9-]{1,63}";
    // The hosts where a path is somebody, and common endings of other addresses with a path. A bare domain may stay: it is the employer.
    let endings = "com|net|org|info|biz|io|me|co|app|link|page|site|online|xyz|live|club|top|dev|ly|gl|be|tv|cc|ru|cn|hk|tw|vn|id|my|sg|th|kh|la|mm|bd|in|np|pk|lk|ph|tr|eg|jo|sa|ae|mx|br|es|pt|fr|de|it|pl|ro|ke|ng|za|et|jp|kr|kz|uz|ua|uk|us|eu";
    let path = r"(?:[!#-;=?-~]|/[^\x00-\x7F\s]+)";
    Patterns {
        email: compiled(&format!("(?i){local}[ \\t]?@[ \\t]?{domain}")),
        foreign_email: compiled(&format!(r"{no_gap}{{0,63}}[^\x00-\x7F\s，。、；：！？]@{no_gap}+\.{no_gap}{{2,24}}")),
        spelled_email: compiled(&format!(
            "(?i){local}(?:{bracketed_at}{label}(?:{bracketed_dot}{label}){{1,4}}|{word_at}{label}(?:{word_dot}{label}){{1,4}})"
        )),
        url: compiled(&format!(
            r"(?i)(?:(?:https?|ftps?|tg|viber|whatsapp|weixin|line|zalo|fb)://|(?-u:\b)www\.){path}+|(?-u:\b)(?:[a-z0-9-]{{1,63}}\.){{1,6}}(?:{endings})(?::[0-9]{{1,5}})?/{path}+"
        )),
        handle: compiled(
            r"(?i)(?:^|[^a-z0-9_.%+@\u{C0}-\u{24F}\u{1E00}-\u{1EFF}-])(@[a-z_\u{C0}-\u{24F}\u{1E00}-\u{1EFF}][a-z0-9_.\u{C0}-\u{24F}\u{1E00}-\u{1EFF}-]{1,63}|@[^\x00-\x7F\s，。、；：！？]{2,20})",
        ),
        account: compiled(r"(?i)(?-u:\b)wxid_[a-z0-9_-]{4,40}"),
        // Where a messenger is named in a script of its own, the Latin word behind it is a user name; in a Latin text only a word
        // with a digit or an underscore in it is.
        cued_handle: compiled(&format!(
            r"(?i)(?:(?:微信|微信号|微訊|ไลน์|ไลน์ไอดี|ไอดีไลน์|라인|카톡)(?:[ \t:]|是|为|為|号|號|คือ){{0,4}}(?:id[ \t:]{{0,3}})?({user}{user}{{3,31}})|(?-u:\b)(?:wechat|weixin|telegram|line id|zalo|viber|skype|instagram|insta|ig|tiktok|facebook|fb|messenger|qq)(?: id| ?:| is| là){{0,3}}[ \t:]{{1,3}}({user}{{0,31}}[0-9_]{user}{{0,31}}))",
            user = "[a-z0-9_.-]"
        )),
    }
});

/// All addresses in a folded text. Spans may overlap.
pub(super) fn find(text: &str, spans: &mut Vec<Span>) {
    let mut take = |start: usize, end: usize, kind| {
        // Punctuation at the end belongs to the sentence.
        let tidy =
            text[start..end].trim_end_matches(|last: char| last.is_ascii_punctuation() && !matches!(last, '/' | '_' | '-' | '='));
        spans.push(Span { range: start..start + tidy.len(), kind, rank: Rank::Cued });
    };
    let has_at = text.contains('@');
    if has_at {
        for pattern in [&PATTERNS.email, &PATTERNS.foreign_email] {
            pattern.find_iter(text).for_each(|found| take(found.start(), found.end(), RedactionKind::Email));
        }
        for found in PATTERNS.handle.captures_iter(text).filter_map(|captures| captures.get(1)) {
            take(found.start(), found.end(), RedactionKind::Handle);
        }
    }
    for captures in PATTERNS.cued_handle.captures_iter(text) {
        let found = captures.get(1).or_else(|| captures.get(2));
        // A bare number is a line, a room or a price.
        if let Some(found) =
            found.filter(|found| found.len() >= 4 && found.as_str().bytes().any(|byte| byte.is_ascii_alphabetic()))
        {
            take(found.start(), found.end(), RedactionKind::Handle);
        }
    }
    if has_spelled_at(text) {
        PATTERNS.spelled_email.find_iter(text).for_each(|found| take(found.start(), found.end(), RedactionKind::Email));
    }
    if text.contains('/') || text.contains('.') {
        PATTERNS.url.find_iter(text).for_each(|found| take(found.start(), found.end(), RedactionKind::Url));
    }
    if text.contains('_') {
        PATTERNS.account.find_iter(text).for_each(|found| take(found.start(), found.end(), RedactionKind::Handle));
    }
}

/// A quick look whether a spelled-out mail address can be in the text at all: it needs a spelled `at` and a spelled dot, or brackets.
fn has_spelled_at(text: &str) -> bool {
    static HINT: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)[(\[{<](?:at|@|arroba)[)\]}>]|[ (\[](?:dot|punto|ponto|chấm|cham|titik|nokta)[ )\]]")
            .expect("the pattern written here compiles")
    });
    HINT.is_match(text)
}
