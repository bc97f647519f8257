//! The net itself: it must catch a leak, or none of the other tests means anything.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::harness::canary::{Canary, catch_log};

/// Whether the check fails.
fn is_caught(check: impl FnOnce()) -> bool {
    catch_unwind(AssertUnwindSafe(check)).is_err()
}

#[test]
fn a_number_in_a_file_is_caught_in_every_spelling() {
    let canary = Canary::new();
    let folder = tempfile::tempdir().expect("a folder");
    canary.assert_not_on_disk(folder.path());
    let national = &canary.phone[2..];
    for spelling in
        [canary.phone.clone(), national.to_owned(), format!("{}-{}-{}", &national[..3], &national[3..6], &national[6..])]
    {
        let deep = folder.path().join("a/b");
        std::fs::create_dir_all(&deep).expect("a folder");
        std::fs::write(deep.join("c.bin"), [b"\x00\xFF", spelling.as_bytes(), b"\x00"].concat()).expect("a file");
        assert!(is_caught(|| canary.assert_not_on_disk(folder.path())), "{spelling} slipped through");
    }
}

#[test]
fn a_name_in_the_log_is_caught() {
    catch_log();
    let canary = Canary::new();
    canary.assert_not_in_log();
    tracing::trace!(target: "some::library", "parsed {:?}", canary.name);
    assert!(is_caught(|| canary.assert_not_in_log()));
}

#[test]
fn an_address_in_an_answer_is_caught_and_so_is_its_plain_hash() {
    use sha2::Digest;
    let canary = Canary::new();
    canary.assert_not_in_answers(&["Thank you. K7MQ-4XPD".to_owned()]);
    assert!(is_caught(|| canary.assert_not_in_answers(&[canary.email.to_uppercase()])));
    let hash = hex::encode(sha2::Sha256::digest(canary.phone.as_bytes()));
    assert!(is_caught(|| canary.assert_not_in_answers(&[hash])));
}
