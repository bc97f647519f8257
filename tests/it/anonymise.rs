//! What the anonymiser takes out and what it leaves, in the languages of the cue tables. All people are invented.

use std::collections::BTreeSet;

use channels::planting;
use pmm_gateway::anonymise::{Anonymised, Anonymiser, Doubt, Memory, Tables, ThirdParties};
use pmm_gateway::language::{Clues, Detector, Language};
use proptest::prelude::*;

fn anonymiser() -> Anonymiser {
    Anonymiser::new(Anonymiser::default_regions())
}

fn redacted(text: &str) -> Anonymised {
    let text = planting::text(text);
    let language = Detector::default().detect(&text, &Clues::default()).language;
    anonymiser().redact(&text, &planting::nobody(), language)
}

#[track_caller]
fn check(text: &str, expected: &str) {
    assert_eq!(redacted(text).text.as_str(), expected);
}

#[track_caller]
fn keeps(text: &str) {
    check(text, text);
}

#[test]
fn names_go_however_somebody_says_them() {
    check("Hello sir, my name is Zora Quill and they did not pay us", "Hello sir, my name is [name-1] and they did not pay us");
    check("this is zora quill speaking, please help", "this is [name-1] speaking, please help");
    check(
        "They lock the gate.\n\nBest regards,\nZora Quill\nSewing operator",
        "They lock the gate.\n\nBest regards,\n[name-1]\nSewing operator",
    );
    check("Name: Zora Quill\nBadge no. W-5521", "Name: [name-1]\nBadge no. [employee_id-1]");
    check("我叫欧阳试明，在三号线上班", "我叫[name-1]，在三号线上班");
    check("Tôi tên là Trần Thử Nghiệm, làm ở chuyền 5", "Tôi tên là [name-1], làm ở chuyền 5");
    check("मेरा नाम परीक्षण कुमार है और वेतन नहीं मिला", "मेरा नाम [name-1] है और वेतन नहीं मिला");
    check("আমার নাম নমুনা খাতুন। বেতন দেয় না", "আমার নাম [name-1]। বেতন দেয় না");
    check("Nama saya Uji Cobawati dan gaji belum dibayar", "Nama saya [name-1] dan gaji belum dibayar");
    check("ผมชื่อทดสอบ ตัวอย่างดีครับ", "ผมชื่อ[name-1]ครับ");
}

#[test]
fn what_is_no_name_stays() {
    keeps("I am a sewing operator and I am tired. This is not fair");
    keeps("my name is not important, please help");
    keeps("The company's name is Golden Stitch Apparel Ltd");
    keeps("please call me in the evening only");
    keeps("我是缝纫工，我是从农村来的");
    keeps("I live in the dormitory of the factory with 12 people");
}

#[test]
fn a_name_said_once_goes_everywhere() {
    let (subject, text) = (planting::text("Zora's wages"), planting::text("My name is Zora Quill. ZORA QUILL asks for help"));
    let mut memory = Memory::default();
    let parts = anonymiser().redact_parts(&[&subject, &text], &planting::nobody(), Language::UNDETERMINED, &mut memory, None);
    assert_eq!(parts[1].text.as_str(), "My name is [name-1]. [name-1] asks for help");
    assert!(!parts[0].text.as_str().contains("Zora"));
}

#[test]
fn a_later_message_finds_what_an_earlier_one_said_and_goes_on_counting() {
    // Stands for the desk's keyed digest.
    let digest = |bytes: &[u8]| {
        let mut digest = [7_u8; 16];
        bytes.iter().enumerate().for_each(|(at, byte)| digest[at % 16] = digest[at % 16].rotate_left(3) ^ byte);
        digest
    };
    let nobody = planting::nobody();
    let und = Language::UNDETERMINED;
    let mut memory = Memory::default();
    let first = anonymiser().redact_words(&["my name is Zora Quill"], &nobody, und, &mut memory, Some(&digest));
    assert_eq!(first[0].text.as_str(), "my name is [name-1]");
    let mut memory = Memory::resumed(memory.traces(&digest));
    let later = anonymiser().redact_words(
        &["the guard asked where Zora was. My name is Anna Brook"],
        &nobody,
        und,
        &mut memory,
        Some(&digest),
    );
    assert_eq!(later[0].text.as_str(), "the guard asked where [name-1] was. My name is [name-2]");
}

#[test]
fn numbers_go_by_their_cue_and_orders_stay() {
    check("My badge number, sir, is 69-4060", "My badge number, sir, is [employee_id-1]");
    check("passport no. ZX9912345 was taken", "passport no. [passport-1] was taken");
    check("I was born on 4 March 1996", "I was born on [birth_date-1]");
    check("send it to account no: 269 693 052 206", "send it to account no: [bank-1]");
    check("GB82 WEST 1234 5698 7654 32", "[bank-1]");
    check(
        "my home address is House 12, Green Lane, Testville. They lock us in",
        "my home address is [address-1]. They lock us in",
    );
    check("my location 23.84175, 90.50142", "my location [gps-1]");
    keeps("order no. 4500128734, line 7, 1450 pieces on 17/05/2024, 12 hours");
}

#[test]
fn somebody_who_begins_to_say_a_name_that_nobody_recognises_is_held() {
    let found = redacted("my name is «» Zora");
    assert!(found.doubts.is_empty() || found.doubts.contains(&Doubt::NameNotRecognised));
    let und = Language::UNDETERMINED;
    let runes = planting::text("\u{16A0}\u{16A2}\u{16A6}\u{16A8} \u{16B1}\u{16B2}\u{16B7} \u{16B9}\u{16BA}\u{16BE}");
    let found = anonymiser().redact(&runes, &planting::nobody(), und);
    assert_eq!(found.doubts, BTreeSet::from([Doubt::LanguageNotCovered]));
}

#[test]
fn names_of_others_go_where_the_desk_does_not_want_them() {
    let text = planting::text("The supervisor Zora Quill threatened us");
    let language = Language::parse("eng").expect("it is known");
    let kept = anonymiser().redact(&text, &planting::nobody(), language);
    assert_eq!(kept.text.as_str(), "The supervisor Zora Quill threatened us");
    let other = anonymiser().with(Tables::built_in(), ThirdParties::Placeholder, &[]);
    let gone = other.redact(&text, &planting::nobody(), language);
    assert_eq!(gone.text.as_str(), "The supervisor [name-1] threatened us");
}

#[test]
fn tables_with_a_problem_are_refused_with_file_and_key() {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    let english = include_str!("../../config/anonymise/eng.toml");
    std::fs::write(folder.path().join("eng.toml"), english.replace("\"my name\"", "\"my (name\"")).expect("a file");
    let problems = Tables::load(folder.path()).expect_err("a bracket is open");
    assert!(problems.iter().any(|problem| problem.file == "eng.toml" && problem.key.as_deref() == Some("name.strong")));
    std::fs::write(folder.path().join("eng.toml"), english).expect("a file");
    let tables = Tables::load(folder.path()).expect("it is right");
    assert_eq!(tables.n_languages(), 1);
    assert_ne!(tables.hash(), Tables::built_in().hash());
}

/// Words that mean something to the anonymiser, in any order.
fn soup() -> impl Strategy<Value = String> {
    let words = [
        "my name is",
        "Zora",
        "quill",
        "call me",
        "0905550123",
        "is",
        "badge",
        "W-552",
        "我叫",
        "王",
        "小明",
        "在",
        "ผมชื่อ",
        "สมมุติ",
        "ครับ",
        "मेरा नाम",
        "है",
        "tên tôi là",
        "Ánh",
        "address:",
        "House 12",
        ",",
        ".",
        "\n",
        " ",
        "[name-1]",
        "[phone-2]",
        "a@b.co",
        "born on",
        "4 March",
        "1996",
        "account",
        "123456789",
        "Regards,",
        "--",
        "<",
        ">",
        "From:",
        "\u{200b}",
        "é",
        "12",
        "taka",
        "t.me/x",
        "(",
        ")",
        "'",
        "Ltd",
        "23.84175",
    ];
    prop::collection::vec(prop::sample::select(words.to_vec()), 0..16).prop_map(|words| words.join(" "))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn redacting_twice_changes_nothing_and_the_result_is_bounded(text in soup()) {
        let once = redacted(&text);
        let language = Detector::default().detect(&planting::text(&text), &Clues::default()).language;
        let again = anonymiser().redact(&planting::text(once.text.as_str()), &planting::nobody(), language);
        prop_assert_eq!(once.text.as_str(), again.text.as_str());
        prop_assert!(once.text.as_str().len() <= text.len() + 20 * once.redactions.len());
        let n_chars = text.chars().count();
        let mut last = 0;
        for place in &once.redactions {
            prop_assert!(last <= place.start && place.start < place.end && place.end <= n_chars);
            last = place.end;
        }
    }
}
