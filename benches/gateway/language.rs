//! How fast languages are told apart, on one core.

use std::path::Path;
use std::time::{Duration, Instant};

use channels::planting;
use pmm_gateway::language::{Clues, Detector};

/// (e) Language detection alone, over our own sentences in every language.
pub fn bench() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/language");
    let mut texts = Vec::new();
    for entry in std::fs::read_dir(folder).expect("the sentences are there") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|extension| extension == "txt") {
            let lines = std::fs::read_to_string(path).expect("text");
            texts.extend(lines.lines().map(planting::text));
        }
    }
    let detector = Detector::default();
    let detect = |text| detector.detect(text, &Clues::default());
    // The tables are read in at the first text.
    let start = Instant::now();
    detect(&texts[0]);
    let first = start.elapsed();
    let mut slowest = Duration::ZERO;
    let mut n_sure = 0_usize;
    let start = Instant::now();
    for text in &texts {
        let one = Instant::now();
        n_sure += usize::from(detect(text).sure);
        slowest = slowest.max(one.elapsed());
    }
    let rate = super::per_second(texts.len(), start.elapsed());
    super::say(&format!(
        "(e) language detection, one core, {} texts: {rate:.0}/s, slowest {:.2} ms, first {:.0} ms, {n_sure} sure (at least 15000/s)\n",
        texts.len(),
        slowest.as_secs_f64() * 1e3,
        first.as_secs_f64() * 1e3
    ));
}
