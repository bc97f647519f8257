//! Files with bytes changed at random: none may crash the reader. The fuzz targets in `fuzz/` look longer and deeper; this runs
//! in every test, in bounded time.

use attachments::{clean, planting};

/// A small generator, so that a failure comes again.
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).expect("31 bits fit") % most.max(1)
    }

    fn mutate(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut mutated = bytes.to_vec();
        for _ in 0..=self.below(6) {
            let at = self.below(mutated.len());
            match self.below(5) {
                0 => mutated[at] ^= 1 << self.below(8),
                1 => mutated[at] = [0, 0xFF, 0x7F, 0x80][self.below(4)],
                2 => mutated.truncate(at.max(16)),
                3 => {
                    let end = (at + self.below(64)).min(mutated.len());
                    let piece = mutated[at..end].to_vec();
                    let to = self.below(mutated.len());
                    mutated.splice(to..to, piece);
                }
                _ => {
                    let end = (at + self.below(16)).min(mutated.len());
                    mutated.drain(at..end);
                }
            }
            if mutated.is_empty() {
                break;
            }
        }
        mutated
    }
}

#[track_caller]
fn check(seed: u64, n_rounds: usize, files: &[Vec<u8>]) {
    let mut chance = Chance(seed);
    for bytes in files {
        for _ in 0..n_rounds {
            drop(clean(&chance.mutate(bytes)));
        }
    }
}

#[test]
fn changed_pictures_do_not_crash_the_reader() {
    check(11, 400, &[planting::jpeg(), planting::png(), planting::webp(), planting::gif()]);
}

#[test]
fn changed_documents_do_not_crash_the_reader() {
    check(12, 150, &[planting::pdf(), planting::revised()]);
}

#[test]
fn changed_packages_do_not_crash_the_reader() {
    let plain = |members: &[(&str, &[u8])]| planting::packed(members, zip::CompressionMethod::Stored);
    let book = plain(&[("[Content_Types].xml", b"<Types/>"), ("word/document.xml", b"<a><t>words</t></a>")]);
    check(13, 200, &[planting::docx(), planting::xlsx(), planting::pptx(), planting::odt(), book]);
}

#[test]
fn changed_words_do_not_crash_the_reader() {
    let mut chance = Chance(14);
    let body = "<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>a &amp; b</w:t></w:r><w:del><w:r><w:t>x</w:t></w:r></w:del></w:p><w:tbl><w:tr><w:tc/></w:tr></w:tbl>";
    for _ in 0..600 {
        let mutated = chance.mutate(body.as_bytes());
        let words = String::from_utf8_lossy(&mutated);
        for bytes in
            [planting::docx_with(&words), planting::xlsx_with(&words), planting::pptx_with(&words), planting::odt_with(&words)]
        {
            drop(clean(&bytes));
        }
        drop(clean(&planting::pdf_with_content(&mutated)));
    }
}
