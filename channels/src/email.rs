//! Reads one mail: who sent it, what kind of mail it is, and the words a person wrote.
//!
//! A first version for `process`; the mailbox, the forward tables and the replies come with the e-mail channel. Limits
//! stand before the parser, because one hostile mail must not stop the rest.

use std::borrow::Cow;

use mail_parser::{HeaderValue, Message, MessageParser, MimeHeaders, PartType};

use crate::identity::{Identity, KnownKind};
use crate::import::MailKind;
use crate::inbound::RawText;

/// Nested messages and parts beyond these make a mail a bomb: the parser recurses into them.
const MAX_NESTED_MESSAGES: usize = 50;
const MAX_PARTS: usize = 2_000;
const MAX_TEXT_BYTES: usize = 1 << 20;

/// A mail, read.
pub struct Mail {
    /// The sender.
    pub identity: Identity,
    /// The subject line.
    pub subject: Option<RawText>,
    /// The visible words.
    pub text: RawText,
    /// What kind it is.
    pub kind: MailKind,
}

/// Why a mail was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MailProblem {
    /// It nests or repeats more than any mail a person sends.
    #[error("the mail nests more parts than a mail may have")]
    TooNested,
    /// It is no mail.
    #[error("the file is not a mail")]
    NotAMail,
}

/// Reads one mail.
///
/// # Errors
/// [`MailProblem`] when it is no mail or a bomb.
pub fn read(bytes: &[u8]) -> Result<Mail, MailProblem> {
    if count(bytes, b"message/rfc822") > MAX_NESTED_MESSAGES || count(bytes, b"\n--") > MAX_PARTS {
        return Err(MailProblem::TooNested);
    }
    let message = MessageParser::default().parse(bytes).ok_or(MailProblem::NotAMail)?;
    let subject = message.subject().map(str::trim).filter(|subject| !subject.is_empty());
    let mut visible = visible_text(&message);
    let kind = kind_of(&message, subject.unwrap_or_default(), &visible);
    if kind == MailKind::Reply {
        visible = without_quotes(&visible);
    }
    Ok(Mail { identity: identity_of(&message), subject: subject.map(RawText::new), text: RawText::new(visible), kind })
}

/// Counts `needle`, letter case ignored.
fn count(haystack: &[u8], needle: &[u8]) -> usize {
    haystack.windows(needle.len()).filter(|window| window.eq_ignore_ascii_case(needle)).count()
}

/// Everything the headers say of the sender goes into the identity.
fn identity_of(message: &Message<'_>) -> Identity {
    let senders = [message.from(), message.reply_to(), message.sender()];
    let mut addresses = senders.iter().flatten().filter_map(|address| address.first());
    let first = addresses.next();
    let mut identity = match first.and_then(|address| address.address()) {
        Some(address) => Identity::email(address),
        None => Identity::nobody(message.message_id().unwrap_or("mail without sender")),
    };
    for address in senders.iter().flatten().flat_map(|address| address.iter()) {
        if let Some(value) = address.address() {
            identity.also(KnownKind::Email, &value.to_lowercase());
        }
        if let Some(name) = address.name() {
            identity.also(KnownKind::Name, name);
        }
    }
    identity
}

/// The plain text, else the words of the HTML with its lines kept apart.
fn visible_text(message: &Message<'_>) -> String {
    let mut pieces: Vec<Cow<'_, str>> = Vec::new();
    let body = if message.text_body.is_empty() { &message.html_body } else { &message.text_body };
    for at in body {
        let Some(part) = message.parts.get(usize::try_from(*at).unwrap_or(usize::MAX)) else { continue };
        // A file that happens to be text is an attachment, not the sender's words.
        if part.attachment_name().is_some() && body.len() > 1 {
            continue;
        }
        match &part.body {
            PartType::Text(text) => pieces.push(Cow::Borrowed(text.as_ref())),
            PartType::Html(html) => pieces.push(Cow::Owned(text_of_html(html))),
            PartType::Binary(_) | PartType::InlineBinary(_) | PartType::Message(_) | PartType::Multipart(_) => {}
        }
    }
    let mut text = pieces.join("\n").replace("\r\n", "\n");
    if text.len() > MAX_TEXT_BYTES {
        let cut = (0..=MAX_TEXT_BYTES).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        text.truncate(cut);
    }
    text.trim().to_owned()
}

/// Flat and linear on purpose: a tree builder needs minutes for a mail of nested boxes.
fn text_of_html(html: &str) -> String {
    let mut spaced = String::with_capacity(html.len() + html.len() / 8);
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        spaced.push_str(&rest[..at]);
        let name: String = rest[at + 1..]
            .chars()
            .take(11)
            .take_while(|character| character.is_ascii_alphanumeric() || *character == '/')
            .collect();
        if matches!(
            name.trim_start_matches('/').to_ascii_lowercase().as_str(),
            "p" | "div" | "br" | "li" | "tr" | "td" | "h1" | "h2" | "h3" | "blockquote" | "ul" | "ol" | "table"
        ) {
            spaced.push_str(" <br>");
        }
        spaced.push('<');
        rest = &rest[at + 1..];
    }
    spaced.push_str(rest);
    mail_parser::decoders::html::html_to_text(&spaced)
}

fn header<'a>(message: &'a Message<'_>, name: &str) -> Option<&'a str> {
    message.header(name.to_owned()).and_then(HeaderValue::as_text).map(str::trim)
}

fn kind_of(message: &Message<'_>, subject: &str, visible: &str) -> MailKind {
    let content = message.content_type();
    let subtype = content.and_then(|content| content.subtype()).unwrap_or_default().to_ascii_lowercase();
    let report_type = content.and_then(|content| content.attribute("report-type")).unwrap_or_default().to_ascii_lowercase();
    let sender =
        message.from().and_then(|from| from.first()).and_then(|address| address.address()).unwrap_or_default().to_lowercase();
    let mailbox = sender.split('@').next().unwrap_or_default();
    if (subtype == "report" && report_type == "delivery-status") || matches!(mailbox, "mailer-daemon" | "postmaster") {
        return MailKind::Bounce;
    }
    let says_auto = header(message, "Auto-Submitted").is_some_and(|value| !value.to_ascii_lowercase().starts_with("no"));
    let precedence = header(message, "Precedence").unwrap_or_default().to_ascii_lowercase();
    if says_auto
        || subtype == "report"
        || header(message, "X-Autoreply").is_some()
        || header(message, "X-Autorespond").is_some()
        || matches!(precedence.as_str(), "auto_reply" | "bulk" | "junk" | "list")
        || matches!(header(message, "Return-Path"), Some("<>"))
        || matches!(mailbox, "noreply" | "no-reply" | "donotreply" | "do-not-reply")
    {
        return MailKind::Auto;
    }
    let has_message = message.parts.iter().any(|part| matches!(part.body, PartType::Message(_)));
    let prefix = subject.split([':', '：']).next().unwrap_or_default().trim().to_lowercase();
    let is_prefix = subject.contains([':', '：']);
    let forwards = ["fwd", "fw", "wg", "tr", "rv", "i", "转发", "轉寄", "enc", "vs", "pd", "doorst", "iletme", "ilt"];
    if has_message || (is_prefix && forwards.contains(&prefix.as_str())) || visible.contains("---------- Forwarded message") {
        return MailKind::Forward;
    }
    let answers = ["re", "aw", "sv", "antw", "odp", "ynt", "ref", "回复", "答复", "回覆", "res", "r"];
    if header(message, "In-Reply-To").is_some()
        || message.in_reply_to().as_text().is_some()
        || (is_prefix && answers.contains(&prefix.as_str()))
    {
        return MailKind::Reply;
    }
    MailKind::Direct
}

/// Drops the quoted lines at the end of an answer, and the line that introduces them.
fn without_quotes(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let Some(first_quote) = lines.iter().position(|line| line.starts_with('>')) else { return text.to_owned() };
    if lines[first_quote..].iter().any(|line| !line.starts_with('>') && !line.trim().is_empty()) {
        return text.to_owned();
    }
    let mut keep = &lines[..first_quote];
    while keep.last().is_some_and(|line| line.trim().is_empty()) {
        keep = &keep[..keep.len() - 1];
    }
    if keep.last().is_some_and(|line| line.trim_end().ends_with([':', '：'])) {
        keep = &keep[..keep.len() - 1];
    }
    keep.join("\n").trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(mail: &str) -> MailKind {
        read(mail.replace('\n', "\r\n").as_bytes()).expect("it is a mail").kind
    }

    #[test]
    fn kinds_of_mail_are_told_apart() {
        let from = "From: Ann <ann@example.org>\nTo: intake@example.org\n";
        assert_eq!(kind(&format!("{from}Subject: no pay\n\nhelp")), MailKind::Direct);
        assert_eq!(
            kind(&format!("{from}Subject: Re: no pay\nIn-Reply-To: <a@example.org>\n\nyes\n\nOn Monday you wrote:\n> what")),
            MailKind::Reply
        );
        assert_eq!(kind(&format!("{from}Subject: Fwd: no pay\n\nsee below")), MailKind::Forward);
        assert_eq!(kind(&format!("{from}Subject: away\nAuto-Submitted: auto-replied\n\nback on Monday")), MailKind::Auto);
        assert_eq!(kind("From: MAILER-DAEMON@example.org\nSubject: failed\n\nno such user"), MailKind::Bounce);
    }

    #[test]
    fn list_items_of_a_html_mail_do_not_run_together() {
        assert_eq!(text_of_html("<ul><li>one<li>two</ul>three").split_whitespace().collect::<Vec<_>>(), ["one", "two", "three"]);
    }

    #[test]
    fn a_bomb_of_nested_messages_is_refused() {
        let mail = "Content-Type: message/rfc822\r\n\r\n".repeat(100);
        assert_eq!(read(mail.as_bytes()).err(), Some(MailProblem::TooNested));
    }

    #[test]
    fn the_quoted_end_of_an_answer_is_dropped() {
        assert_eq!(without_quotes("yes it is\n\nOn Monday you wrote:\n> is it?\n> tell me\n"), "yes it is");
        assert_eq!(without_quotes("> is it?\nyes it is"), "> is it?\nyes it is");
    }
}
