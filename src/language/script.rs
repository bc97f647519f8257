//! Which writing system a letter belongs to.
//!
//! Some languages own their script, so that one look at the letters decides. Knows nothing of words.

/// A writing system, as far as telling languages apart needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Script {
    /// Latin letters, shared by many languages.
    Latin,
    /// Cyrillic letters, likewise.
    Cyrillic,
    /// Arabic letters, likewise.
    Arabic,
    /// Devanagari, likewise.
    Devanagari,
    /// Chinese characters, which Japanese uses too.
    Han,
    /// Hiragana and katakana.
    Kana,
    /// A script of one language, by its code.
    Only(&'static str),
}

impl Script {
    /// The script of a letter or mark; `None` for what belongs to none or to several.
    pub(super) fn of(character: char) -> Option<Self> {
        let script = match u32::from(character) {
            0x41..=0x5A
            | 0x61..=0x7A
            | 0xAA
            | 0xBA
            | 0xC0..=0xD6
            | 0xD8..=0xF6
            | 0xF8..=0x2AF
            | 0x1E00..=0x1EFF
            | 0x2C60..=0x2C7F => Self::Latin,
            0x370..=0x3FF | 0x1F00..=0x1FFF => Self::Only("ell"),
            0x400..=0x52F | 0x1C80..=0x1C8F | 0x2DE0..=0x2DFF | 0xA640..=0xA69F => Self::Cyrillic,
            0x531..=0x58F => Self::Only("hye"),
            0x591..=0x5F4 => Self::Only("heb"),
            0x610..=0x61A | 0x620..=0x6FF | 0x750..=0x77F | 0x8A0..=0x8FF | 0xFB50..=0xFDFF | 0xFE70..=0xFEFC => Self::Arabic,
            // The danda serves most scripts of India.
            0x964 | 0x965 => return None,
            0x900..=0x97F | 0xA8E0..=0xA8FF => Self::Devanagari,
            // Assamese is written in Bengali letters and two of its own.
            0x9F0 | 0x9F1 => Self::Only("asm"),
            0x980..=0x9FF => Self::Only("ben"),
            0xA00..=0xA7F => Self::Only("pan"),
            0xA80..=0xAFF => Self::Only("guj"),
            0xB00..=0xB7F => Self::Only("ori"),
            0xB80..=0xBFF => Self::Only("tam"),
            0xC00..=0xC7F => Self::Only("tel"),
            0xC80..=0xCFF => Self::Only("kan"),
            0xD00..=0xD7F => Self::Only("mal"),
            0xD80..=0xDFF => Self::Only("sin"),
            0xE00..=0xE7F => Self::Only("tha"),
            0xE80..=0xEFF => Self::Only("lao"),
            0x1000..=0x109F | 0xA9E0..=0xA9FF | 0xAA60..=0xAA7F => Self::Only("mya"),
            0x10A0..=0x10FF | 0x1C90..=0x1CBF | 0x2D00..=0x2D2F => Self::Only("kat"),
            // Tigrinya is written in Ethiopic letters and one row of its own.
            0x1250..=0x125D => Self::Only("tir"),
            0x1200..=0x139F | 0x2D80..=0x2DDF | 0xAB00..=0xAB2F => Self::Only("amh"),
            0x1100..=0x11FF | 0x3130..=0x318F | 0xA960..=0xA97F | 0xAC00..=0xD7FF => Self::Only("kor"),
            0x1780..=0x17FF | 0x19E0..=0x19FF => Self::Only("khm"),
            0x3041..=0x309F | 0x30A1..=0x30FA | 0x30FC..=0x30FF | 0x31F0..=0x31FF | 0xFF66..=0xFF9D => Self::Kana,
            0x3005..=0x3007 | 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xF900..=0xFAFF | 0x20000..=0x3FFFF => Self::Han,
            _ => return None,
        };
        Some(script)
    }

    /// How many Latin letters one of these says as much as.
    pub(super) fn weight(self) -> f64 {
        match self {
            Self::Han => 3.0,
            Self::Only("kor" | "amh" | "tir") | Self::Kana => 2.0,
            Self::Latin | Self::Cyrillic | Self::Arabic | Self::Devanagari | Self::Only(_) => 1.0,
        }
    }
}
