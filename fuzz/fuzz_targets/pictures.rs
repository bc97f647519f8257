//! JPEG, PNG, WebP and GIF: whatever comes in, what comes out can be read and holds nothing but pixels.

#![no_main]

use attachments::{Verdict, clean};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    // The first byte chooses the kind, so that the fuzzer need not guess four signatures.
    let Some((kind, rest)) = bytes.split_first() else { return };
    let magic: &[u8] = [&b"\xFF\xD8\xFF"[..], b"\x89PNG\r\n\x1a\n", b"RIFF\0\0\0\0WEBP", b"GIF89a", b""][usize::from(kind % 5)];
    let file = [magic, rest].concat();
    if let Verdict::Clean(picture) = clean(&file).verdict {
        assert!(matches!(clean(&picture.bytes).verdict, Verdict::Clean(_)), "what came out cannot be read");
    }
});
