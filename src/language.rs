//! What language a report is written in, "undetermined" being an honest answer.
//!
//! One of the two modules that read raw words.

mod codes;
mod evidence;
mod lexicon;
mod ngrams;
mod rank;
mod script;
mod words;

use std::fmt;

use channels::{Hints, RawText};

use self::script::Script;
use self::words::Words;

/// A language by its ISO 639-3 code, with a script suffix where a language is written in borrowed letters (`hin-Latn`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Language(&'static str);

impl Language {
    /// Nobody knows.
    pub const UNDETERMINED: Self = Self("und");

    /// The code as written in JSON and in file names.
    #[must_use]
    pub const fn code(self) -> &'static str {
        self.0
    }

    /// Reads a three-letter code, a two-letter code, or a tag such as `zh-Hans`; `None` for a language unknown here.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        if code.trim().eq_ignore_ascii_case("und") {
            return Some(Self::UNDETERMINED);
        }
        codes::interned(code).map(Self)
    }
}

impl fmt::Display for Language {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0)
    }
}

/// A language decision.
#[derive(Debug, Clone, PartialEq)]
pub struct Detected {
    /// The answer, or [`Language::UNDETERMINED`].
    pub language: Language,
    /// How sure, 0 to 1; 0 when undetermined.
    pub confidence: f64,
    /// The best candidates, best first, at most three; kept also when the answer is undetermined.
    pub candidates: Vec<(Language, f64)>,
}

/// An answer is given only where it is more likely right than wrong.
const THRESHOLD: f64 = 0.5;

/// Candidates less likely than this are noise.
const LEAST_CANDIDATE: f64 = 0.01;

/// What a language has ahead because the sender's form or account is in it, in natural logarithms of odds.
const LANGUAGE_HINT: f64 = 2.0;

/// The same for all languages of the sender's country together.
const COUNTRY_HINT: f64 = 1.0;

/// Decides the language of a text. Hints help; they never decide.
#[must_use]
pub fn detect(text: &RawText, hints: &Hints) -> Detected {
    #[expect(clippy::disallowed_methods, reason = "one of the two stages that must read")]
    let words = Words::read(text.expose());
    decide(candidates(&words, hints))
}

/// Takes the best candidate if it is good enough, alone or together with a language whose readers understand it.
fn decide(mut candidates: Vec<(Language, f64)>) -> Detected {
    let likely = candidates.first().is_some_and(|(language, confidence)| {
        let kin = candidates.iter().find(|(other, _)| are_kin(*language, *other)).map_or(0.0, |(_, share)| *share);
        confidence + kin >= THRESHOLD
    });
    candidates.retain(|(_, confidence)| *confidence >= LEAST_CANDIDATE);
    candidates.truncate(3);
    match candidates.first() {
        Some((language, confidence)) if likely => Detected { language: *language, confidence: *confidence, candidates },
        Some(_) | None => Detected { language: Language::UNDETERMINED, confidence: 0.0, candidates },
    }
}

/// Indonesian and Malay, Hindi and Urdu in Latin letters: whoever writes one reads an answer in the other.
fn are_kin(one: Language, other: Language) -> bool {
    const KIN: [(&str, &str); 2] = [("ind", "zsm"), ("hin-Latn", "urd-Latn")];
    KIN.contains(&(one.code(), other.code())) || KIN.contains(&(other.code(), one.code()))
}

/// All languages the words may be in, best first.
fn candidates(words: &Words, hints: &Hints) -> Vec<(Language, f64)> {
    let n_letters: usize = words.profile().iter().map(|(_, n_letters)| n_letters).sum();
    // One Chinese character is a word; one letter is nothing.
    let is_word = words.n_letters(Script::Han) > 0;
    let Some((script, share)) = main_script(words).filter(|_| n_letters >= 2 || is_word) else {
        return Vec::new();
    };
    let (Some(lexicon), Some(model)) = (lexicon::of(script), ngrams::of(script)) else {
        return vec![(owner(words, script), 0.5 + share / 2.0)];
    };
    let hinted = hints.language.as_deref().and_then(Language::parse);
    let spoken = hints.country.as_deref().map_or(&[][..], lexicon::spoken_in);
    rank::rank(words, script, lexicon, model, |language| prior(language, hinted, spoken))
}

/// The script that carries most of the text, and its share of the letters, each counted for what it says.
fn main_script(words: &Words) -> Option<(Script, f64)> {
    let weighed: Vec<(Script, f64)> = words
        .profile()
        .iter()
        .map(|(script, n_letters)| (*script, script.weight() * f64::from(u32::try_from(*n_letters).unwrap_or(u32::MAX))))
        .collect();
    let sum: f64 = weighed.iter().map(|(_, weight)| weight).sum();
    // Brand names and borrowed words in Latin letters stand in texts of every script, hardly ever the other way round.
    let favour = |script: Script, weight: f64| if script == Script::Latin { weight / 2.0 } else { weight };
    let main = weighed
        .into_iter()
        .max_by(|(one, weight), (other, other_weight)| favour(*one, *weight).total_cmp(&favour(*other, *other_weight)));
    main.map(|(script, weight)| (script, weight / sum))
}

/// The language of a script that only one language uses.
fn owner(words: &Words, script: Script) -> Language {
    let (n_han, n_kana) = (words.n_letters(Script::Han), words.n_letters(Script::Kana));
    let code = match script {
        // Japanese never gets by without its own letters; Chinese uses one now and then.
        Script::Han if n_kana * 100 > (n_han + n_kana) * 6 => "jpn",
        Script::Han => "cmn",
        Script::Kana => "jpn",
        Script::Only("ben") if words.n_letters(Script::Only("asm")) > 0 => "asm",
        Script::Only("amh") if words.n_letters(Script::Only("tir")) > 0 => "tir",
        Script::Only(code) => code,
        Script::Latin | Script::Cyrillic | Script::Arabic | Script::Devanagari => "und",
    };
    Language(code)
}

/// What the hints say for a language, in natural logarithms of odds.
fn prior(language: Language, hinted: Option<Language>, spoken: &[Language]) -> f64 {
    // Whoever has an account in Hindi may write Hindi in Latin letters.
    let same = |other: Language| language.code().trim_end_matches("-Latn") == other.code().trim_end_matches("-Latn");
    let by_language = if hinted.is_some_and(same) { LANGUAGE_HINT } else { 0.0 };
    let by_country = if spoken.contains(&language) { COUNTRY_HINT } else { 0.0 };
    by_language + by_country
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn detected(text: &str) -> Detected {
        detect(&channels::planting::text(text), &Hints::default())
    }

    #[track_caller]
    fn check(text: &str, code: &str) {
        assert_eq!(detected(text).language.code(), code);
    }

    #[test]
    fn codes_and_tags_are_read_in_every_usual_spelling() {
        for (written, code) in [
            ("vie", "vie"),
            ("vi", "vie"),
            ("VI", "vie"),
            ("zh-Hans", "cmn"),
            ("zh_TW", "cmn"),
            ("fil", "tgl"),
            ("pt-BR", "por"),
            ("hi-Latn", "hin-Latn"),
            ("hin-Latn", "hin-Latn"),
            ("ur-latn-PK", "urd-Latn"),
            ("en-Latn", "eng"),
            ("uz-Cyrl", "uzb"),
            ("ms", "zsm"),
            ("fa", "pes"),
            ("und", "und"),
            ("nl", "nld"),
        ] {
            assert_eq!(Language::parse(written).map(Language::code), Some(code), "{written}");
        }
        for written in ["", "-", "x", "qqq", "english", "de de", "zh-Hans-CN-x-something-very-long-to-read"] {
            assert_eq!(Language::parse(written), None, "{written}");
        }
    }

    #[test]
    fn every_code_is_named_once_and_reads_as_itself() {
        for named in codes::NAMED {
            assert_eq!(Language::parse(named.code).map(Language::code), Some(named.code));
            for other in named.also.split(' ') {
                assert_eq!(Language::parse(other).map(Language::code), Some(named.code), "{other}");
            }
        }
        for lang in whatlang::Lang::all() {
            assert_eq!(Language::parse(lang.code()).map(Language::code), Some(lang.code()));
        }
    }

    #[test]
    fn a_script_of_one_language_decides_at_once() {
        check("เจ้านายไม่จ่ายเงินเดือน", "tha");
        check("ເງິນເດືອນ", "lao");
        check("ប្រាក់ខែ", "khm");
        check("လစာမရသေးဘူး", "mya");
        check("আমার বেতন দেয় নাই", "ben");
        check("ਮੇਰੀ ਤਨਖਾਹ ਨਹੀਂ ਮਿਲੀ", "pan");
        check("மேலாளர் சம்பளம் தரவில்லை", "tam");
        check("වැටුප දුන්නේ නැහැ", "sin");
        check("ደሞዝ አልተከፈለም", "amh");
        check("월급을 못 받았어요", "kor");
        check("ხელფასი არ გადამიხადეს", "kat");
        check("老板三个月没发工资", "cmn");
        check("給料がまだ払われていません", "jpn");
        check("工", "cmn");
    }

    #[test]
    fn languages_of_one_script_are_told_apart() {
        check("my boss has not paid us for two months please help", "eng");
        check("công ty không trả lương tăng ca cho chúng tôi", "vie");
        check("cong ty khong tra luong tang ca cho chung toi", "vie");
        check("sudah dua bulan gaji kami belum dibayar oleh perusahaan", "ind");
        check("majikan saya tak bayar gaji, syarikat ambil wang kami", "zsm");
        check("hindi pa po kami binabayaran ng amo namin", "tgl");
        check("el jefe no nos paga las horas extra desde hace dos meses", "spa");
        check("o chefe não paga as nossas horas há dois meses", "por");
        check("patron iki aydır maaşımızı vermiyor lütfen yardım edin", "tur");
        check("bosi wangu hajalipa mshahara wa mwezi huu, tafadhali nisaidie", "swa");
        check("начальник не платит нам зарплату уже два месяца", "rus");
        check("начальник не платить нам зарплату вже два місяці, що робити", "ukr");
        check("मालिक ने दो महीने से वेतन नहीं दिया है", "hin");
        check("मालिकाने दोन महिने पगार दिला नाही आहे", "mar");
        check("मालिकले दुई महिनादेखि तलब दिएको छैन", "nep");
        check("صاحب المصنع لم يدفع لنا الراتب منذ شهرين", "ara");
        check("مالک نے دو مہینے سے تنخواہ نہیں دی ہے", "urd");
        check("کارفرما دو ماه است که حقوق ما را نداده است", "pes");
        check("malik ne do mahine se paise nahi diye hain, kya karu", "hin-Latn");
        check("amar beton dey nai, malik taka dibe na bolche", "ben-Latn");
    }

    #[test]
    fn what_holds_no_words_is_undetermined() {
        for text in [
            "",
            "   ",
            "1234 5678",
            "👍🙏",
            "https://example.org/a/b",
            "x",
            "+84 90 555 0123",
            "@somebody",
            "a.b@example.org",
            "?!",
        ] {
            assert_eq!(
                detected(text),
                Detected { language: Language::UNDETERMINED, confidence: 0.0, candidates: Vec::new() },
                "{text}"
            );
        }
    }

    #[test]
    fn an_undetermined_text_keeps_its_candidates() {
        let detected = detected("kotak barang");
        assert!((1..=3).contains(&detected.candidates.len()));
        assert!(detected.language != Language::UNDETERMINED || detected.confidence == 0.0);
    }

    #[test]
    fn borrowed_words_do_not_change_the_language() {
        check("boss က overtime ကြေး မပေးဘူး", "mya");
        check("หัวหน้า factory ไม่จ่าย OT", "tha");
    }

    #[test]
    fn a_hint_decides_between_close_languages_and_not_against_the_words() {
        let hints = |language: &str| Hints { language: Some(language.into()), country: None, site: None };
        let gaji = channels::planting::text("gaji saya belum dibayar");
        assert_eq!(detect(&gaji, &hints("ms")).language.code(), "zsm");
        assert_eq!(detect(&gaji, &hints("id")).language.code(), "ind");
        let english = channels::planting::text("my boss has not paid us for two months please help");
        assert_eq!(detect(&english, &hints("vi")).language.code(), "eng");
        assert_eq!(detect(&english, &hints("no such language")).language.code(), "eng");
        let country = Hints { language: None, country: Some("sg".into()), site: None };
        assert_eq!(detect(&gaji, &country).language.code(), "zsm");
    }

    proptest! {
        #[test]
        fn any_text_gets_an_answer_and_always_the_same(text in "\\PC{0,80}|[a-zñạığ \u{300}-\u{310}'’.@/]{0,60}|\\p{Arabic}{0,20}|.{0,30}") {
            let one = detected(&text);
            prop_assert!((0.0..=1.0).contains(&one.confidence));
            prop_assert!(one.candidates.len() <= 3);
            prop_assert_eq!(one, detected(&text));
        }
    }
}
