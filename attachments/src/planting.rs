//! Files with planted metadata, made in code, for tests and fuzzing.
//!
//! Whatever must not come through holds [`PLANT`]; what must come through holds [`KEPT`].

mod documents;
mod papers;
mod pictures;

pub use documents::{docx, docx_with, odp, ods, odt, odt_with, package, packed, pptx, pptx_with, xlsx, xlsx_with};
pub use papers::{pdf, pdf_of_pages, pdf_with_content, revised};
pub use pictures::{gif, jpeg, jpeg_of, pixel_bomb, png, raw_jpeg, webp};

/// Stands in everything that must not come through.
pub const PLANT: &str = "PlantedZq7";
/// Stands in everything that must.
pub const KEPT: &str = "KeptWords";

/// Whether the plant stands in `bytes`, in any of the spellings in which formats keep words.
#[must_use]
pub fn is_planted(bytes: &[u8]) -> bool {
    let wide: Vec<u8> = PLANT.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let narrow: Vec<u8> = PLANT.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let hex = |bytes: &[u8]| -> Vec<u8> {
        bytes.iter().flat_map(|byte| [byte >> 4, byte & 15].map(|digit| b"0123456789ABCDEF"[usize::from(digit)])).collect()
    };
    let spellings = [PLANT.as_bytes().to_vec(), hex(PLANT.as_bytes()), hex(&wide), wide, narrow];
    spellings.iter().any(|spelling| {
        let lower = spelling.to_ascii_lowercase();
        bytes.windows(spelling.len()).any(|window| window.to_ascii_lowercase() == lower)
    })
}
