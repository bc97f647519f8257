//! Holds language detection to what it promises, on texts of our own.

use proptest::prelude::*;

use super::*;

fn detected(text: &str) -> Detected {
    Detector::default().detect(&channels::planting::text(text), &Clues::default())
}

/// What a web form in this language, or of this country, makes of a text.
fn hinted(text: &str, language: Option<&str>, country: Option<&str>) -> Language {
    let hints = Hints { language: language.map(str::to_owned), country: country.map(str::to_owned), site: None };
    let clues = Clues { hints: Some(&hints), medium: Some(Medium::Web), earlier: None };
    Detector::default().detect(&channels::planting::text(text), &clues).language
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
        for other in named.also.split_whitespace() {
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
fn every_sentence_of_ours_in_a_script_of_its_own_is_decided_at_once() {
    for (code, sentences) in [
        ("mya", include_str!("../../config/language/mya.txt")),
        ("khm", include_str!("../../config/language/khm.txt")),
        ("tha", include_str!("../../config/language/tha.txt")),
        ("ben", include_str!("../../config/language/ben.txt")),
        ("cmn", include_str!("../../config/language/cmn.txt")),
        ("lao", include_str!("../../config/language/lao.txt")),
        ("sin", include_str!("../../config/language/sin.txt")),
        ("tam", include_str!("../../config/language/tam.txt")),
        ("amh", include_str!("../../config/language/amh.txt")),
        ("tel", include_str!("../../config/language/tel.txt")),
        ("kor", include_str!("../../config/language/kor.txt")),
        ("guj", include_str!("../../config/language/guj.txt")),
        ("pan", include_str!("../../config/language/pan.txt")),
        ("jpn", include_str!("../../config/language/jpn.txt")),
        ("kat", include_str!("../../config/language/kat.txt")),
    ] {
        for sentence in sentences.lines() {
            assert_eq!(detected(sentence).language.code(), code, "{sentence}");
        }
    }
}

#[test]
fn the_tables_hold_the_languages_of_their_script_only() {
    for script in [Script::Latin, Script::Cyrillic, Script::Arabic, Script::Devanagari] {
        let field = evidence::field(script).expect("a shared script");
        for code in ["mya", "khm", "tha", "ben", "cmn", "lao", "sin", "tam", "amh", "tel", "kor", "guj", "pan", "jpn", "kat"] {
            assert!(!field.languages.contains(&Language(code)), "{code}");
        }
    }
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
    for text in
        ["", "   ", "1234 5678", "👍🙏", "https://example.org/a/b", "x", "+84 90 555 0123", "@somebody", "a.b@example.org", "?!"]
    {
        assert_eq!(detected(text), Detected::nothing(), "{text}");
    }
}

#[test]
fn english_that_may_be_nigerian_pidgin_is_answered_in_english() {
    let detected = detected("no pay for 3 months, call me");
    assert_eq!((detected.settled().code(), detected.sure), ("eng", true));
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
    let gaji = "gaji saya belum dibayar";
    assert_eq!(hinted(gaji, Some("ms"), None).code(), "zsm");
    assert_eq!(hinted(gaji, Some("id"), None).code(), "ind");
    let english = "my boss has not paid us for two months please help";
    assert_eq!(hinted(english, Some("vi"), Some("VN")).code(), "eng");
    assert_eq!(hinted(english, Some("no such language"), None).code(), "eng");
    let vietnamese = "cong ty khong tra luong tang ca cho chung toi";
    assert_eq!(hinted(vietnamese, Some("hi"), Some("IN")).code(), "vie");
}

#[test]
fn earlier_messages_and_the_desk_speak_for_a_language() {
    let text = channels::planting::text("gaji saya belum dibayar");
    let earlier = |code: &str| Clues { earlier: Language::parse(code), ..Clues::default() };
    assert_eq!(Detector::default().detect(&text, &earlier("zsm")).language.code(), "zsm");
    assert_eq!(Detector::default().detect(&text, &earlier("ind")).language.code(), "ind");
    let desk = |code: &str| Detector::new(vec![Language::parse(code).expect("a code")]);
    let sure = |detector: Detector| detector.detect(&text, &Clues::default()).candidates[0].1;
    assert!(sure(desk("zsm")) > 0.0);
    assert!(
        desk("zsm").detect(&text, &earlier("zsm")).confidence > Detector::default().detect(&text, &earlier("zsm")).confidence
    );
}

#[test]
fn a_message_in_two_languages_has_both() {
    let detected = detected("আমাদের চার মাস বেতন দেয় নাই, কি করব। My boss says we must wait until the next order comes in.");
    assert_eq!(detected.others.len(), 1);
    let both = [detected.language.code(), detected.others[0].code()];
    assert!(both.contains(&"ben") && both.contains(&"eng"), "{both:?}");
    let sentences = self::detected(
        "Chúng tôi chưa được trả lương ba tháng nay. The manager took our passports and keeps them in his office.",
    );
    let both = [sentences.language.code(), sentences.others[0].code()];
    assert!(both.contains(&"vie") && both.contains(&"eng"), "{both:?}");
}

#[test]
fn a_message_in_one_language_has_no_second() {
    let detected =
        detected("Der Chef hat uns seit zwei Monaten nicht bezahlt. Wir wissen nicht mehr weiter. Bitte helfen Sie uns!");
    assert_eq!((detected.language.code(), detected.others.as_slice()), ("deu", &[][..]));
}

#[test]
fn old_burmese_encodings_are_noticed() {
    let detected = detected("လစာမရေသးဘူး အလုပ္ရွင္က မေပးဘူး");
    assert_eq!((detected.language.code(), detected.zawgyi), ("mya", true));
    assert!(!self::detected("လစာမရသေးဘူး အလုပ်ရှင်က မပေးဘူး").zawgyi);
}

#[test]
fn an_answer_that_names_a_language_is_that_language() {
    for (text, code) in [("Hindi", "hin-Latn"), ("tieng viet", "vie"), ("বাংলা", "ben"), ("English please", "eng")] {
        let detected = detected(text);
        assert!(detected.named && detected.sure, "{text}");
        assert_eq!(detected.settled().code(), code, "{text}");
    }
}

#[test]
fn tags_are_those_of_browsers() {
    for (text, tag) in [
        ("老板三个月没发工资", "zh-Hans"),
        ("老闆三個月沒發工資", "zh-Hant"),
        ("malik ne do mahine se paise nahi diye hain, kya karu", "hi-Latn"),
        ("hindi pa po kami binabayaran ng amo namin", "fil"),
        ("công ty không trả lương tăng ca cho chúng tôi", "vi"),
    ] {
        assert_eq!(detected(text).tag(), tag, "{text}");
    }
}

#[test]
fn a_language_outside_ours_is_not_taken_for_one_of_them() {
    for text in [
        "mijn baas heeft ons al twee maanden niet betaald, wat moeten we doen",
        "chefen har inte betalat oss på två månader och vi vet inte vad vi ska göra",
        "šéf nám už dva měsíce nezaplatil a nevíme co máme dělat",
        "onye isi anyị akwụghị anyị ụgwọ ọnwa abụọ, biko nyere anyị aka",
        "مشر له دوو میاشتو راهیسې موږ ته معاش نه دی راکړی، څه باید وکړو",
    ] {
        let language = detected(text).settled();
        assert!(!codes::is_expected(language.code()), "{text}: {language}");
    }
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
