//! Reads a browser's `Accept-Language`.
//!
//! The header is a stranger's text: it is bounded, and what cannot be read counts for nothing.

/// More wishes than any browser sends; the rest is not looked at.
const MAX_WISHES: usize = 32;

/// The tags a browser accepts, best first; `*` and what is refused (`q=0`) are left out.
pub(super) fn preferred(header: &str) -> Vec<&str> {
    let mut wishes: Vec<(&str, u16)> = header.split(',').take(MAX_WISHES).filter_map(wish).collect();
    // Stable: of two equal wishes the first one counts.
    wishes.sort_by_key(|(_, weight)| std::cmp::Reverse(*weight));
    wishes.into_iter().map(|(tag, _)| tag).collect()
}

/// One wish and its weight in thousandths.
fn wish(part: &str) -> Option<(&str, u16)> {
    let (tag, parameters) = part.split_once(';').unwrap_or((part, ""));
    let tag = tag.trim();
    let is_tag = !tag.is_empty() && tag.len() <= 35 && tag.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let weight = match parameters.trim().strip_prefix("q=") {
        None => 1000,
        Some(written) => thousandths(written.trim())?,
    };
    (is_tag && weight > 0).then_some((tag, weight))
}

/// Reads `1`, `0.8`, `0.85`, as RFC 9110 writes weights.
fn thousandths(written: &str) -> Option<u16> {
    let (whole, fraction) = written.split_once('.').unwrap_or((written, ""));
    if fraction.len() > 3 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let fraction: u16 = format!("{fraction:0<3}").parse().ok()?;
    match whole {
        "0" => Some(fraction),
        "1" if fraction == 0 => Some(1000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_heaviest_wish_comes_first_and_equals_keep_their_order() {
        assert_eq!(preferred("en;q=0.5, zh-CN, zh;q=0.9,vi;q=0.9"), ["zh-CN", "zh", "vi", "en"]);
    }

    #[test]
    fn refused_and_unreadable_wishes_count_for_nothing() {
        assert_eq!(preferred("zh;q=0, *, en;q=2, <b>, vi;q=x, , id;q=0.001"), ["id"]);
    }
}
