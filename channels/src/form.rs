//! Form fields as bytes: URL-encoded and multipart.
//!
//! Values stay bytes, because some gateways send them in a charset that they name in another field. A signature needs the
//! same fields as the reader, so both take them from here. Knows nothing of what a field means.

/// One field: its name, and its value before any charset.
pub(crate) type Pair = (String, Vec<u8>);

/// Fields of a query string or a URL-encoded body, in their order.
pub(crate) fn url_encoded(encoded: &[u8]) -> Vec<Pair> {
    encoded
        .split(|byte| *byte == b'&')
        .filter(|field| !field.is_empty())
        .map(|field| {
            let (name, value) = match field.iter().position(|byte| *byte == b'=') {
                Some(at) => (&field[..at], &field[at + 1..]),
                None => (field, &[][..]),
            };
            (String::from_utf8_lossy(&unescape(name)).into_owned(), unescape(value))
        })
        .collect()
}

/// Undoes `+` and `%41`. A percent sign that begins no such pair stays what it is.
pub(crate) fn unescape(escaped: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(escaped.len());
    let mut at = 0;
    while at < escaped.len() {
        let pair = escaped.get(at + 1..at + 3).and_then(|pair| hex::decode(pair).ok());
        match (escaped[at], pair) {
            (b'%', Some(byte)) => {
                bytes.extend_from_slice(&byte);
                at += 2;
            }
            (b'+', _) => bytes.push(b' '),
            (byte, _) => bytes.push(byte),
        }
        at += 1;
    }
    bytes
}

/// A file of a multipart form.
pub(crate) struct FilePart {
    pub(crate) file_name: String,
    pub(crate) content_type: Option<String>,
    pub(crate) bytes: Vec<u8>,
}

/// The fields of a multipart body, without its files. `None` when it is none.
pub(crate) fn multipart(content_type: &str, body: &[u8]) -> Option<Vec<Pair>> {
    multipart_with_files(content_type, body).map(|(fields, _)| fields)
}

/// The fields and the files of a multipart body. `None` when it is none.
pub(crate) fn multipart_with_files(content_type: &str, body: &[u8]) -> Option<(Vec<Pair>, Vec<FilePart>)> {
    let boundary = parameter(content_type, "boundary").filter(|boundary| !boundary.is_empty())?;
    let delimiter = format!("--{boundary}");
    let (mut fields, mut files) = (Vec::new(), Vec::new());
    for part in between(body, delimiter.as_bytes())? {
        let part = part.strip_prefix(b"\r\n").or_else(|| part.strip_prefix(b"\n")).unwrap_or(part);
        let (head, value) = split_at_empty_line(part)?;
        let head = String::from_utf8_lossy(head);
        let disposition = head.lines().find(|line| line.to_ascii_lowercase().starts_with("content-disposition:"))?;
        let value = value.strip_suffix(b"\r\n").or_else(|| value.strip_suffix(b"\n")).unwrap_or(value).to_vec();
        match (parameter(disposition, "filename"), parameter(disposition, "name")) {
            (Some(file_name), _) => {
                let kind = head.lines().find_map(|line| {
                    let (name, kind) = line.split_once(':')?;
                    name.trim().eq_ignore_ascii_case("content-type").then(|| kind.trim().to_owned())
                });
                files.push(FilePart { file_name, content_type: kind, bytes: value });
            }
            (None, Some(name)) => fields.push((name, value)),
            (None, None) => {}
        }
    }
    Some((fields, files))
}

/// What stands between the delimiters; `None` when there is no closing one.
fn between<'b>(body: &'b [u8], delimiter: &[u8]) -> Option<Vec<&'b [u8]>> {
    let mut rest = &body[find(body, delimiter)? + delimiter.len()..];
    let mut parts = Vec::new();
    while !rest.starts_with(b"--") {
        let end = find(rest, delimiter)?;
        parts.push(&rest[..end]);
        rest = &rest[end + delimiter.len()..];
    }
    Some(parts)
}

fn split_at_empty_line(part: &[u8]) -> Option<(&[u8], &[u8])> {
    for line in [&b"\r\n\r\n"[..], b"\n\n"] {
        if let Some(at) = find(part, line) {
            return Some((&part[..at], &part[at + line.len()..]));
        }
    }
    None
}

fn find(hay: &[u8], needle: &[u8]) -> Option<usize> {
    if needle.is_empty() || hay.len() < needle.len() {
        return None;
    }
    hay.windows(needle.len()).position(|window| window == needle)
}

/// A parameter of a header's value, such as `charset` or `boundary`.
pub(crate) fn parameter(header: &str, name: &str) -> Option<String> {
    header.split(';').skip(1).find_map(|parameter| {
        let (key, value) = parameter.split_once('=')?;
        key.trim().eq_ignore_ascii_case(name).then(|| value.trim().trim_matches('"').to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_survive_that_are_no_text() {
        assert_eq!(
            url_encoded(b"a=%E9+%2b&b&&c=1%"),
            [("a".to_owned(), b"\xE9 +".to_vec()), ("b".to_owned(), Vec::new()), ("c".to_owned(), b"1%".to_vec()),]
        );
    }

    #[test]
    fn a_multipart_form_gives_its_fields_and_not_its_files() {
        let body = b"--x\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\ntwo\r\nlines\r\n--x\r\ncontent-disposition: form-data; name=\"f\"; filename=\"a.jpg\"\r\n\r\n\xFF\xD8\r\n--x--\r\n";
        let fields = multipart("multipart/form-data; boundary=\"x\"", body).expect("a form");
        assert_eq!(fields, [("text".to_owned(), b"two\r\nlines".to_vec())]);
        assert!(multipart("multipart/form-data; boundary=x", b"--x\r\nbroken").is_none());
        assert!(multipart("multipart/form-data", body).is_none());
    }
}
