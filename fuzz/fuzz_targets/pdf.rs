//! PDF documents: whatever comes in, what comes out has pages, one version, and no note of its maker.

#![no_main]

use attachments::{Verdict, clean};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let file = if bytes.starts_with(b"%PDF-") { bytes.to_vec() } else { [b"%PDF-1.5\n", bytes].concat() };
    if let Verdict::Clean(document) = clean(&file).verdict {
        assert!(matches!(clean(&document.bytes).verdict, Verdict::Clean(_)), "what came out cannot be read");
        assert_eq!(document.bytes.windows(9).filter(|window| window == b"startxref").count(), 1);
    }
});
