//! Packages: the directory, its sizes, and what lies in it.

#![no_main]

use attachments::clean;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let file = if bytes.starts_with(b"PK") { bytes.to_vec() } else { [b"PK\x03\x04", bytes].concat() };
    drop(clean(&file));
});
