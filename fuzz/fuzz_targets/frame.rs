//! What a child may answer.

#![no_main]

use attachments::frame;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Some(outcome) = frame::read(bytes) {
        let mut again = Vec::new();
        frame::write(&outcome, &mut again).expect("a vector takes everything");
        assert!(frame::read(&again).is_some());
    }
});
