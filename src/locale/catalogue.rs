//! The list of built-in locales: which file speaks for which codes.
//!
//! Adding a language is one file in `templates/locales/` and one entry here; it gets pages once its file has all the
//! messages of `en.ftl`.

/// Which way a language is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From left to right.
    LeftToRight,
    /// From right to left.
    RightToLeft,
}

impl Direction {
    /// The value of HTML's `dir`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LeftToRight => "ltr",
            Self::RightToLeft => "rtl",
        }
    }
}

/// One built-in locale.
pub(super) struct Entry {
    pub(super) tag: &'static str,
    /// Other codes for it: ISO 639-3, ISO 639-1, and what browsers send.
    pub(super) also: &'static [&'static str],
    pub(super) own_name: &'static str,
    pub(super) direction: Direction,
    pub(super) leave_to: &'static str,
    pub(super) source: &'static str,
}

impl Entry {
    pub(super) fn means(&self, code: &str) -> bool {
        self.tag.eq_ignore_ascii_case(code) || self.also.iter().any(|other| other.eq_ignore_ascii_case(code))
    }
}

/// Loads fast, shows nothing, and nobody wonders why it was opened.
const WIKIPEDIA: &str = "https://www.wikipedia.org/";
/// Wikipedia does not open in mainland China.
const BAIDU: &str = "https://www.baidu.com/";

macro_rules! locales {
    ($($tag:literal $also:expr, $own_name:literal, $direction:ident, $leave_to:ident;)+) => {
        /// All of them; English first, because it is the one to fall back to.
        pub(super) const CATALOGUE: &[Entry] = &[$(Entry {
            tag: $tag,
            also: &$also,
            own_name: $own_name,
            direction: Direction::$direction,
            leave_to: $leave_to,
            source: include_str!(concat!("../../templates/locales/", $tag, ".ftl")),
        }),+];
    };
}

locales! {
    "en" ["eng"], "English", LeftToRight, WIKIPEDIA;
    "zh-Hans" ["cmn", "zh", "zho", "cmn-Hans", "zh-CN", "zh-SG"], "简体中文", LeftToRight, BAIDU;
    "zh-Hant" ["cmn", "zh", "zho", "cmn-Hant", "zh-TW", "zh-HK", "zh-MO", "yue"], "繁體中文", LeftToRight, WIKIPEDIA;
    "vi" ["vie"], "Tiếng Việt", LeftToRight, WIKIPEDIA;
    "id" ["ind", "in"], "Bahasa Indonesia", LeftToRight, WIKIPEDIA;
    "ms" ["zsm", "msa"], "Bahasa Melayu", LeftToRight, WIKIPEDIA;
    "bn" ["ben"], "বাংলা", LeftToRight, WIKIPEDIA;
    "bn-Latn" ["ben-Latn"], "Bangla", LeftToRight, WIKIPEDIA;
    "my" ["mya"], "မြန်မာ", LeftToRight, WIKIPEDIA;
    "km" ["khm"], "ខ្មែរ", LeftToRight, WIKIPEDIA;
    "th" ["tha"], "ไทย", LeftToRight, WIKIPEDIA;
    "hi" ["hin"], "हिन्दी", LeftToRight, WIKIPEDIA;
    "hi-Latn" ["hin-Latn"], "Hindi", LeftToRight, WIKIPEDIA;
    "ne" ["nep", "npi"], "नेपाली", LeftToRight, WIKIPEDIA;
    "ne-Latn" ["nep-Latn", "npi-Latn"], "Nepali", LeftToRight, WIKIPEDIA;
    "ur" ["urd"], "اردو", RightToLeft, WIKIPEDIA;
    "ur-Latn" ["urd-Latn"], "Urdu", LeftToRight, WIKIPEDIA;
    "es" ["spa"], "Español", LeftToRight, WIKIPEDIA;
    "pt" ["por"], "Português", LeftToRight, WIKIPEDIA;
    "fr" ["fra"], "Français", LeftToRight, WIKIPEDIA;
    "tr" ["tur"], "Türkçe", LeftToRight, WIKIPEDIA;
    "ar" ["ara", "arb"], "العربية", RightToLeft, WIKIPEDIA;
    "tl" ["tgl", "fil"], "Tagalog", LeftToRight, WIKIPEDIA;
    "ru" ["rus"], "Русский", LeftToRight, WIKIPEDIA;
    "ta" ["tam"], "தமிழ்", LeftToRight, WIKIPEDIA;
}
