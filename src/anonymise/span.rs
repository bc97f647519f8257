//! Places to be taken out, and how they give way to each other.

use std::ops::Range;

use super::RedactionKind;

/// A place in a text, in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) range: Range<usize>,
    pub(super) kind: RedactionKind,
    /// How sure it is.
    pub(super) rank: Rank,
}

/// How sure it is that a place shows who somebody is, the least sure first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    /// It looks like it.
    Form,
    /// The writer says so, or a checksum.
    Cued,
    /// It was found elsewhere in the case.
    Again,
    /// The channel knows it to be the sender's own.
    Known,
}

/// Makes overlapping spans one: all that either covers is taken out, and the sender's own value, then the longer one, says
/// what it is. The result is sorted and disjoint.
pub(super) fn merged(mut spans: Vec<Span>) -> Vec<Span> {
    spans.retain(|span| !span.range.is_empty());
    spans.sort_by_key(|span| (span.range.start, span.range.end));
    let mut merged: Vec<Span> = Vec::with_capacity(spans.len());
    // The length of the span that gave the last merged one its kind.
    let mut deciding = 0;
    for span in spans {
        let length = span.range.len();
        match merged.last_mut().filter(|last| span.range.start < last.range.end) {
            Some(last) => {
                if (span.rank, length) > (last.rank, deciding) {
                    last.kind = span.kind;
                    last.rank = span.rank;
                    deciding = length;
                }
                last.range.end = last.range.end.max(span.range.end);
            }
            None => {
                deciding = length;
                merged.push(span);
            }
        }
    }
    merged
}

/// Cuts `holes` (sorted, disjoint) out of the spans.
pub(super) fn without(spans: Vec<Span>, holes: &[Range<usize>]) -> Vec<Span> {
    if holes.is_empty() {
        return spans;
    }
    let mut left = Vec::with_capacity(spans.len());
    for span in spans {
        let mut start = span.range.start;
        for hole in holes.iter().filter(|hole| hole.start < span.range.end && span.range.start < hole.end) {
            if start < hole.start {
                left.push(Span { range: start..hole.start, ..span.clone() });
            }
            start = start.max(hole.end);
        }
        if start < span.range.end {
            left.push(Span { range: start..span.range.end, ..span });
        }
    }
    left
}
