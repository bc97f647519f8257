//! The names of a desk's keys in Redis.
//!
//! All of them share one hash tag, so that a cluster keeps a desk on one node and a script may touch any of them.

use channels::{DeliveryKey, Kept, Pseudonym};

use crate::case::Reference;
use crate::triage::Severity;

/// The keys of one desk.
#[derive(Debug)]
pub(super) struct Keys {
    tag: String,
}

impl Keys {
    /// A desk is named by lower-case letters, digits and hyphens; a brace would move the hash tag.
    pub(super) fn of_desk(desk: &str) -> Option<Self> {
        let fits = (1..=32).contains(&desk.len())
            && desk.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        fits.then(|| Self { tag: format!("{{{desk}}}") })
    }

    /// What the key of a queue begins with.
    pub(super) fn queues(&self) -> String {
        format!("{}:queue:", self.tag)
    }

    /// The stream of a severity.
    pub(super) fn queue(&self, severity: Severity) -> String {
        self.queues() + severity.as_str()
    }

    /// Every queue, most urgent first.
    pub(super) fn all_queues(&self) -> Vec<String> {
        Severity::ALL.into_iter().map(|severity| self.queue(severity)).collect()
    }

    /// What the key of a case begins with.
    pub(super) fn cases(&self) -> String {
        format!("{}:case:", self.tag)
    }

    pub(super) fn case(&self, reference: &Reference) -> String {
        self.cases() + reference.as_str()
    }

    pub(super) fn messages(&self, reference: &Reference) -> String {
        format!("{}:messages:{reference}", self.tag)
    }

    pub(super) fn contact(&self, reference: &Reference) -> String {
        format!("{}:contact:{reference}", self.tag)
    }

    pub(super) fn original(&self, reference: &Reference) -> String {
        format!("{}:original:{reference}", self.tag)
    }

    /// What every key begins with.
    pub(super) fn tag(&self) -> &str {
        &self.tag
    }

    /// What the key of a wrap begins with.
    pub(super) fn wrap_prefix(&self) -> String {
        format!("{}:wrap:", self.tag)
    }

    pub(super) fn wrap(&self, kept: Kept, reference: &Reference) -> String {
        format!("{}:wrap:{}:{reference}", self.tag, kept.as_str())
    }

    /// All wraps by epoch.
    pub(super) fn wraps(&self) -> String {
        format!("{}:wraps", self.tag)
    }

    /// Which case is whose.
    pub(super) fn links(&self) -> String {
        format!("{}:links", self.tag)
    }

    /// When a case was first seen to be finished.
    pub(super) fn closures(&self) -> String {
        format!("{}:closures", self.tag)
    }

    /// The present epoch.
    pub(super) fn epoch(&self) -> String {
        format!("{}:epoch", self.tag)
    }

    pub(super) fn delivery(&self, delivery: DeliveryKey) -> String {
        format!("{}:delivery:{}", self.tag, delivery.to_hex())
    }

    /// What the key of a reporter begins with.
    pub(super) fn reporters(&self) -> String {
        format!("{}:reporter:", self.tag)
    }

    pub(super) fn reporter(&self, reporter: Pseudonym) -> String {
        self.reporters() + &reporter.to_hex()
    }

    /// All references in order of arrival.
    pub(super) fn arrivals(&self) -> String {
        format!("{}:cases", self.tag)
    }

    /// The number of the newest case.
    pub(super) fn newest(&self) -> String {
        format!("{}:newest", self.tag)
    }

    /// Marks one request, so that it can be tried again.
    pub(super) fn request(&self, id: &str) -> String {
        format!("{}:request:{id}", self.tag)
    }

    /// What the key of a message's parts begins with.
    pub(super) fn part_groups(&self) -> String {
        format!("{}:parts:", self.tag)
    }

    /// The parts of one message.
    pub(super) fn parts(&self, group: DeliveryKey) -> String {
        self.part_groups() + &group.to_hex()
    }

    /// All messages whose parts wait for the rest.
    pub(super) fn parts_waiting(&self) -> String {
        format!("{}:parts", self.tag)
    }

    /// Written to find out whether writes are taken.
    pub(super) fn probe(&self) -> String {
        format!("{}:probe", self.tag)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_desk_cannot_leave_its_hash_tag() {
        assert!(Keys::of_desk("hanoi-1").is_some());
        for desk in ["", "a}b", "{", "Hanoi", "a b", "a:b"] {
            assert!(Keys::of_desk(desk).is_none());
        }
    }
}
