//! The drawing instructions of a page, without what is said beside them.
//!
//! Remarks after `%` and the property lists of marked content (spoken words, replaced words, layers) draw nothing. Everything
//! else is copied byte for byte, so that no letter of the text is lost.

/// The instructions without remarks.
pub(super) fn without_remarks(content: &[u8]) -> Vec<u8> {
    let mut kept = Vec::with_capacity(content.len());
    let mut at = 0;
    // Where the last property list or name before an operator begins in `kept`.
    let mut operands: Vec<usize> = Vec::new();
    while at < content.len() {
        let rest = &content[at..];
        match rest[0] {
            b'%' => {
                at += rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(rest.len());
            }
            b'(' => {
                let end = string_end(rest);
                kept.extend_from_slice(&rest[..end]);
                at += end;
            }
            b'<' if rest.get(1) == Some(&b'<') => {
                operands.push(kept.len());
                let end = list_end(rest);
                kept.extend_from_slice(&rest[..end]);
                at += end;
            }
            b'/' => {
                operands.push(kept.len());
                let end = 1 + rest[1..].iter().position(|byte| is_delimiter(*byte)).unwrap_or(rest.len() - 1);
                kept.extend_from_slice(&rest[..end]);
                at += end;
            }
            byte if byte.is_ascii_alphabetic() || matches!(byte, b'\'' | b'"') => {
                let end = rest.iter().position(|byte| is_delimiter(*byte)).unwrap_or(rest.len());
                let operator = &rest[..end];
                match operator {
                    b"BDC" | b"DP" => {
                        // The tag stays, the list goes: `/Span <<…>> BDC` becomes `/Span BMC`.
                        if let Some(list) = operands.last().filter(|_| operands.len() >= 2) {
                            kept.truncate(*list);
                        }
                        kept.extend_from_slice(if operator == b"BDC" { b" BMC" } else { b" MP" });
                        at += end;
                    }
                    b"ID" => {
                        // The bytes of a picture within the instructions: any byte may stand in them.
                        let end = image_end(rest);
                        kept.extend_from_slice(&rest[..end]);
                        at += end;
                    }
                    operator => {
                        kept.extend_from_slice(operator);
                        at += end;
                    }
                }
                operands.clear();
            }
            byte => {
                kept.push(byte);
                at += 1;
            }
        }
    }
    kept
}

fn is_delimiter(byte: u8) -> bool {
    byte.is_ascii_whitespace() || matches!(byte, 0 | b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%')
}

/// One past the end of a string in brackets, which may hold brackets in pairs.
fn string_end(bytes: &[u8]) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 1,
            b'(' => depth += 1,
            b')' => {
                depth -= 1;
                if depth == 0 {
                    return at + 1;
                }
            }
            _ => {}
        }
        at += 1;
    }
    bytes.len()
}

/// One past the end of a property list, which may hold lists and strings.
fn list_end(bytes: &[u8]) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < bytes.len() {
        match &bytes[at..] {
            [b'<', b'<', ..] => {
                depth += 1;
                at += 2;
            }
            [b'>', b'>', ..] => {
                depth = depth.saturating_sub(1);
                at += 2;
                if depth == 0 {
                    return at;
                }
            }
            rest @ [b'(', ..] => at += string_end(rest),
            _ => at += 1,
        }
    }
    bytes.len()
}

/// One past the end of the bytes of a picture, before its `EI`.
fn image_end(bytes: &[u8]) -> usize {
    let ends = |at: usize| {
        bytes[at].is_ascii_whitespace()
            && bytes[at + 1..].starts_with(b"EI")
            && bytes.get(at + 3).is_none_or(|byte| is_delimiter(*byte))
    };
    (2..bytes.len().saturating_sub(2)).find(|at| ends(*at)).unwrap_or(bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(before: &str, after: &str) {
        assert_eq!(String::from_utf8_lossy(&without_remarks(before.as_bytes())), after);
    }

    #[test]
    fn remarks_and_property_lists_go_and_the_text_stays() {
        check("BT % by Ann\n(100% \\) of (it)) Tj ET", "BT \n(100% \\) of (it)) Tj ET");
        check("/Span <</ActualText (Ann \\) >>) /MCID 3>> BDC (a) Tj EMC", "/Span  BMC (a) Tj EMC");
        check("/OC /Layer1 BDC (a) Tj EMC", "/OC  BMC (a) Tj EMC");
        check("/P DP", "/P  MP");
        check("BI /W 1 ID % x (\n EI Q % y", "BI /W 1 ID % x (\n EI Q ");
        check("[(a)-3(b%c)]TJ <41> Tj /F1 12 Tf", "[(a)-3(b%c)]TJ <41> Tj /F1 12 Tf");
        check("(unfinished", "(unfinished");
        check("/Span <<", "/Span <<");
    }
}
