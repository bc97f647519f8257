//! Drawing instructions of a PDF's page.

#![no_main]

use attachments::{clean, planting};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    drop(clean(&planting::pdf_with_content(bytes)));
});
