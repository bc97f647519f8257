//! The fields of a request, whatever kind of body it has.

use std::collections::HashMap;

use encoding_rs::Encoding;
use serde_json::{Map, Value};

use super::charset::undeclared;
use super::path::{Path, scalar};
use super::preset::BodyKind;
use crate::form::{self, FilePart, Pair};
use crate::verify::Verified;

/// A document nested deeper than this says nothing that a text message needs.
const MAX_DEPTH: usize = 64;

/// One request, or one item of it.
pub(super) struct Fields<'r> {
    content: Content<'r>,
    request: &'r Verified,
    fold_case: bool,
    charset: &'static Encoding,
}

enum Content<'r> {
    /// A later field of a name wins over an earlier one, here as in the signatures.
    Pairs(Vec<Pair>),
    Document(Value),
    Item(&'r Value),
}

/// The items of a request.
pub(super) enum Items<'f> {
    /// These; none when the provider sent an empty list.
    Some(Vec<Fields<'f>>),
    /// There is no such list.
    Missing,
}

impl<'r> Fields<'r> {
    /// Reads the body as `kind` says. `None` when it is something else.
    pub(super) fn read(kind: BodyKind, fold_case: bool, charset: &'static Encoding, request: &'r Verified) -> Option<Self> {
        let content = match kind {
            BodyKind::Query => Content::Pairs(query(request)),
            BodyKind::Form => Content::Pairs(query_and_form(request)?),
            BodyKind::Json => Content::Document(json(request.body(), charset)?),
            BodyKind::Xml => Content::Document(xml(request.body(), charset)?),
            BodyKind::Auto => any_kind(request, charset)?,
        };
        Some(Self { content, request, fold_case, charset })
    }

    /// The items under `path`.
    pub(super) fn items<'f>(&'f self, path: &Path) -> Items<'f> {
        let document = match &self.content {
            Content::Pairs(_) => return Items::Missing,
            Content::Document(document) => document,
            Content::Item(item) => item,
        };
        let found = path.all(document, self.fold_case);
        let is_root_empty = document.as_object().is_some_and(Map::is_empty) && self.is_xml();
        if found.is_empty() && !is_root_empty && !path.has_list(document, self.fold_case) {
            return Items::Missing;
        }
        let item = |item| Fields {
            content: Content::Item(item),
            request: self.request,
            fold_case: self.fold_case,
            charset: self.charset,
        };
        Items::Some(found.into_iter().map(item).collect())
    }

    fn is_xml(&self) -> bool {
        self.request.body().trim_ascii_start().starts_with(b"<")
    }

    /// The bytes under a path: of a form's field as they came, of a document's value in UTF-8.
    pub(super) fn bytes(&self, path: &Path) -> Option<Vec<u8>> {
        let name = path.written();
        if let Some(special) = name.strip_prefix(':') {
            return self.special(special);
        }
        match &self.content {
            Content::Pairs(pairs) => {
                let fits = |key: &str| key == name || (self.fold_case && key.eq_ignore_ascii_case(name));
                pairs.iter().rev().find(|(key, _)| fits(key)).map(|(_, value)| value.clone())
            }
            Content::Document(value) => self.in_document(value, path).or_else(|| self.in_query(name)),
            Content::Item(value) => self.in_document(value, path),
        }
    }

    fn in_document(&self, value: &Value, path: &Path) -> Option<Vec<u8>> {
        path.all(value, self.fold_case).into_iter().find_map(scalar).map(String::into_bytes)
    }

    fn in_query(&self, name: &str) -> Option<Vec<u8>> {
        query(self.request).into_iter().rev().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// What stands beside the fields: `:path` the last word of the address, `:body` the bare body, `:header.<name>`.
    fn special(&self, name: &str) -> Option<Vec<u8>> {
        match name {
            "path" => Some(self.request.last_word().as_bytes().to_vec()).filter(|word| !word.is_empty()),
            "body" => Some(self.request.body().to_vec()),
            "charset" => form::parameter(self.request.content_type(), "charset").map(String::into_bytes),
            _ => self.request.header(name.strip_prefix("header.")?).map(|value| value.as_bytes().to_vec()),
        }
    }

    /// The text under a path.
    pub(super) fn text(&self, path: &Path) -> Option<String> {
        self.bytes(path).map(|bytes| undeclared(&bytes, self.charset))
    }

    /// The first text that says something; else the first that is there at all.
    pub(super) fn first(&self, paths: &[Path]) -> Option<String> {
        let mut there = paths.iter().filter_map(|path| self.text(path)).peekable();
        let first = there.peek().cloned();
        there.find(|text| !text.is_empty()).or(first)
    }

    /// Every document value under a path; for a form, every field of that name.
    pub(super) fn all<'f>(&'f self, path: &Path) -> Vec<Fields<'f>> {
        match self.items(path) {
            Items::Some(items) => items,
            Items::Missing => Vec::new(),
        }
    }

    /// Whether anything at all is under a path of a document.
    pub(super) fn is_there(&self, path: &Path) -> bool {
        let value = match &self.content {
            Content::Pairs(_) => return false,
            Content::Document(document) => document,
            Content::Item(item) => item,
        };
        path.all(value, self.fold_case).iter().any(|value| match value {
            Value::Array(list) => !list.is_empty(),
            Value::Object(object) => !object.is_empty(),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
        })
    }

    /// The files of a multipart form. Nobody but the request's secret proves them: signatures over forms leave them out.
    pub(super) fn files(&self) -> Vec<FilePart> {
        let is_multipart = self.request.media_type().starts_with("multipart/");
        let read = || form::multipart_with_files(self.request.content_type(), self.request.body());
        is_multipart.then(read).flatten().map(|(_, files)| files).unwrap_or_default()
    }

    /// Every text under a path.
    pub(super) fn texts(&self, path: &Path) -> Vec<String> {
        match &self.content {
            Content::Pairs(pairs) => {
                let of_name = pairs.iter().filter(|(key, _)| key == path.written());
                of_name.map(|(_, value)| undeclared(value, self.charset)).collect()
            }
            Content::Document(value) => path.all(value, self.fold_case).into_iter().filter_map(scalar).collect(),
            Content::Item(value) => path.all(value, self.fold_case).into_iter().filter_map(scalar).collect(),
        }
    }
}

fn query(request: &Verified) -> Vec<Pair> {
    form::url_encoded(request.query().as_bytes())
}

/// The fields of the query, then those of the body, which win.
fn query_and_form(request: &Verified) -> Option<Vec<Pair>> {
    let mut pairs = query(request);
    if request.media_type().starts_with("multipart/") {
        pairs.extend(form::multipart(request.content_type(), request.body())?);
    } else {
        pairs.extend(form::url_encoded(request.body()));
    }
    Some(pairs)
}

fn any_kind<'r>(request: &Verified, charset: &'static Encoding) -> Option<Content<'r>> {
    let body = request.body();
    let media_type = request.media_type();
    // Some gateways name no media type or a wrong one, so the first byte decides too.
    let first = body.trim_ascii_start().first();
    if !body.is_empty() && (media_type.ends_with("json") || matches!(first, Some(b'{' | b'['))) {
        return json(body, charset).map(Content::Document);
    }
    if media_type.ends_with("xml") || first == Some(&b'<') {
        return xml(body, charset).map(Content::Document);
    }
    query_and_form(request).map(Content::Pairs)
}

/// The words of a document: UTF-8 with or without a mark, else the preset's charset.
fn words(body: &[u8], charset: &'static Encoding) -> String {
    undeclared(body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body), charset)
}

fn json(body: &[u8], charset: &'static Encoding) -> Option<Value> {
    // serde_json refuses nesting beyond 128 levels, so a bomb ends up in quarantine.
    let words = words(body, charset);
    let value: Value = serde_json::from_str(&words).ok().or_else(|| serde_json::from_str(&without_half_pairs(&words)).ok())?;
    Some(value).filter(|value| value.is_object() || value.is_array())
}

/// Replaces escapes of half a surrogate pair, which a text cut by a careless gateway ends in; everything else stays.
fn without_half_pairs(json: &str) -> String {
    let unit = |at: usize| {
        let escape = json.get(at..at + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(escape, 16).ok()
    };
    let mut mended = String::with_capacity(json.len());
    let mut at = 0;
    while at < json.len() {
        let rest = &json[at..];
        let step = if rest.starts_with("\\u") {
            match (unit(at), unit(at + 6)) {
                (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => {
                    mended.push_str(&rest[..12]);
                    12
                }
                (Some(0xD800..=0xDFFF), _) => {
                    mended.push_str("\\ufffd");
                    6
                }
                (Some(_), _) => {
                    mended.push_str(&rest[..6]);
                    6
                }
                (None, _) => {
                    mended.push_str("\\u");
                    2
                }
            }
        } else {
            // A backslash takes its neighbour along, so that an escaped backslash before a `u` is no escape.
            let n_chars = if rest.starts_with('\\') { 2 } else { 1 };
            let end = rest.char_indices().nth(n_chars).map_or(rest.len(), |(end, _)| end);
            mended.push_str(&rest[..end]);
            end
        };
        at += step;
    }
    mended
}

/// An XML document as the same kind of tree: attributes are `@name`, an element's own text is `#text`, or the element
/// itself where it has nothing else. Entities of the document's own are refused.
fn xml(body: &[u8], charset: &'static Encoding) -> Option<Value> {
    let words = words(body, charset);
    let document = roxmltree::Document::parse(words.trim()).ok()?;
    element(document.root_element(), 0)
}

fn element(node: roxmltree::Node<'_, '_>, depth: usize) -> Option<Value> {
    if depth > MAX_DEPTH {
        return None;
    }
    let mut object = Map::new();
    for attribute in node.attributes() {
        object.insert(format!("@{}", attribute.name()), Value::String(attribute.value().to_owned()));
    }
    let mut children: HashMap<&str, usize> = HashMap::new();
    let mut text = String::new();
    for child in node.children() {
        if child.is_text() {
            text.push_str(child.text().unwrap_or_default());
        }
        if !child.is_element() {
            continue;
        }
        let name = child.tag_name().name();
        let value = element(child, depth + 1)?;
        let n_before = children.entry(name).or_default();
        match (*n_before, object.get_mut(name)) {
            (1, Some(first)) => {
                let first = first.take();
                object.insert(name.to_owned(), Value::Array(vec![first, value]));
            }
            (2.., Some(Value::Array(list))) => list.push(value),
            _ => {
                object.insert(name.to_owned(), value);
            }
        }
        *n_before += 1;
    }
    if children.is_empty() {
        if object.is_empty() && (depth > 0 || !text.trim().is_empty()) {
            return Some(Value::String(text));
        }
        if !object.is_empty() {
            object.insert("#text".to_owned(), Value::String(text));
        }
    }
    Some(Value::Object(object))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_character_at_the_end_loses_no_message() {
        let cut = r#"{"text":"no pay \ud83d","other":"\\ud83d \ud83d\ude00"}"#;
        let value = json(cut.as_bytes(), encoding_rs::WINDOWS_1252).expect("it is read");
        assert_eq!((value["text"].as_str(), value["other"].as_str()), (Some("no pay \u{FFFD}"), Some("\\ud83d 😀")));
    }

    #[test]
    fn xml_becomes_the_same_kind_of_tree() {
        let value = xml(b"<m a='1'><to>5</to><body x='y'>hi &amp; bye</body><i/><i>2</i></m>", encoding_rs::WINDOWS_1252);
        let expect = serde_json::json!({ "@a": "1", "to": "5", "body": { "@x": "y", "#text": "hi & bye" }, "i": ["", "2"] });
        assert_eq!(value, Some(expect));
    }

    #[test]
    fn entities_and_bombs_are_refused() {
        let bomb = b"<!DOCTYPE a [<!ENTITY b \"cc\">]><a>&b;</a>";
        assert_eq!(xml(bomb, encoding_rs::WINDOWS_1252), None);
        let deep = "<a>".repeat(20_000) + &"</a>".repeat(20_000);
        assert_eq!(xml(deep.as_bytes(), encoding_rs::WINDOWS_1252), None);
    }
}
