//! What comes out of files with planted metadata, and what happens to those that mean harm.

use attachments::planting::{self, KEPT, PLANT, is_planted};
use attachments::{Kind, Notice, Outcome, Picture, Reason, Verdict, Written, clean};
use lopdf::{Document, Object};

#[track_caller]
fn cleaned(bytes: &[u8], kind: Kind) -> Picture {
    assert!(is_planted(bytes), "the fixture holds no plant");
    let outcome = clean(bytes);
    assert_eq!(outcome.kind, kind);
    match outcome.verdict {
        Verdict::Clean(picture) => {
            assert!(!is_planted(&picture.bytes), "a plant came through");
            picture
        }
        other => panic!("{}: {:?}", other.as_str(), other.why()),
    }
}

#[track_caller]
fn words_of(bytes: &[u8], kind: Kind) -> (String, Vec<Picture>) {
    let outcome = clean(bytes);
    assert_eq!(outcome.kind, kind);
    match outcome.verdict {
        Verdict::Text { text, pictures } => {
            assert!(!is_planted(text.as_bytes()), "a plant came through: {text}");
            assert!(pictures.iter().all(|picture| !is_planted(&picture.bytes)), "a plant came through in a picture");
            (text, pictures)
        }
        other => panic!("{}: {:?}", other.as_str(), other.why()),
    }
}

#[track_caller]
fn refused(bytes: &[u8], reason: Reason) {
    match clean(bytes).verdict {
        Verdict::Refused(found) => assert_eq!(found, reason),
        other => panic!("{}: {:?}", other.as_str(), other.why()),
    }
}

#[test]
fn a_photograph_comes_out_turned_and_without_metadata() {
    let picture = cleaned(&planting::jpeg(), Kind::Jpeg);
    assert_eq!(picture.written, Written::Jpeg);
    let pixels = image::load_from_memory(&picture.bytes).expect("it reads").into_rgb8();
    // It lay on its side: what was 64 × 48 stands, and its red corner is now on the right.
    assert_eq!(pixels.dimensions(), (48, 64));
    assert!(pixels.get_pixel(46, 2)[0] > 180 && pixels.get_pixel(2, 2)[0] < 160, "it was not turned");
    // Start, JFIF, and nothing else that is not needed to decode it.
    let told = picture.bytes.windows(2).filter(|pair| pair[0] == 0xFF && matches!(pair[1], 0xE1..=0xEF | 0xFE)).count();
    assert_eq!(told, 0);
    assert!(picture.bytes.ends_with(&[0xFF, 0xD9]));
}

#[test]
fn png_webp_and_gif_come_out_without_metadata() {
    assert_eq!(cleaned(&planting::png(), Kind::Png).written, Written::Png);
    assert_eq!(cleaned(&planting::webp(), Kind::WebP).written, Written::Jpeg);
    assert_eq!(cleaned(&planting::gif(), Kind::Gif).written, Written::Png);
}

/// Everything in a document: its bytes, every string, every stream unpacked.
fn everything_in(bytes: &[u8]) -> Vec<u8> {
    let document = Document::load_mem(bytes).expect("it reads");
    let mut all = bytes.to_vec();
    for object in document.objects.values() {
        all.extend(format!("{object:?}").as_bytes());
        if let Object::Stream(stream) = object {
            all.extend(stream.get_plain_content().unwrap_or_else(|_| stream.content.clone()));
        }
        if let Object::String(string, _) = object {
            all.extend(string);
        }
    }
    all
}

#[test]
fn a_document_keeps_its_text_and_loses_the_rest() {
    for bytes in [planting::pdf(), planting::revised()] {
        let picture = cleaned(&bytes, Kind::Pdf);
        assert!(!is_planted(&everything_in(&picture.bytes)), "a plant is left in an object");
        let document = Document::load_mem(&picture.bytes).expect("it reads");
        let pages: Vec<u32> = document.get_pages().into_keys().collect();
        assert_eq!(pages.len(), 2);
        let text = document.extract_text(&pages).expect("it has text");
        assert!(text.contains(&format!("{KEPT} wage 4500")) && text.contains("more"), "{text}");
        for key in [
            "/Info",
            "/ID",
            "/Prev",
            "/Metadata",
            "/Names",
            "/Annots",
            "/AcroForm",
            "/OpenAction",
            "/PieceInfo",
            "/URI",
            "/ICCBased",
        ] {
            assert!(!String::from_utf8_lossy(&picture.bytes).contains(key), "{key} is left");
        }
        assert_eq!(String::from_utf8_lossy(&picture.bytes).matches("startxref").count(), 1, "there is more than one version");
        assert!(String::from_utf8_lossy(&picture.bytes).contains("/DCTDecode"), "the picture is gone");
    }
}

#[test]
fn a_clean_document_stays_as_it_is_when_cleaned_again() {
    let Verdict::Clean(once) = clean(&planting::pdf()).verdict else { panic!("it is clean") };
    let Verdict::Clean(twice) = clean(&once.bytes).verdict else { panic!("it is clean") };
    let text = |bytes: &[u8]| Document::load_mem(bytes).expect("it reads").extract_text(&[1, 2]).expect("it has text");
    assert_eq!(text(&once.bytes), text(&twice.bytes));
    assert_eq!(once.bytes.len(), twice.bytes.len());
}

#[test]
fn a_document_that_cannot_be_trusted_is_refused() {
    let plain = planting::pdf_of_pages(1);
    let text = String::from_utf8_lossy(&plain).into_owned();
    assert!(text.contains("/Root"));
    // The library would make an empty document of it.
    let locked: Vec<u8> = [&plain[..], b"\n/Encrypt 9 0 R"].concat();
    refused(&locked, Reason::Encrypted);
    refused(&planting::pdf_of_pages(0), Reason::NoPages);
    refused(&planting::pdf_of_pages(201), Reason::TooManyPages);
    refused(b"%PDF-1.7\nnothing", Reason::Damaged);
    assert!(matches!(clean(&planting::pdf_of_pages(200)).verdict, Verdict::Clean(_)));
}

#[test]
fn a_name_in_pieces_does_not_hide_that_a_document_is_encrypted() {
    let text = planting::pdf_of_pages(1);
    let at = text.windows(5).rposition(|window| window == b"/Root").expect("it has a root");
    let locked = [&text[..at], b"/Encr#79pt<</Filter/Standard/V 1/R 2/O(x)/U(x)/P -4>>", &text[at..]].concat();
    assert!(matches!(clean(&locked).verdict, Verdict::Refused(_)));
}

#[test]
fn a_word_document_becomes_the_words_that_a_reader_sees() {
    let (text, pictures) = words_of(&planting::docx(), Kind::Docx);
    for shown in ["", "Inserted", "Shown", "Commented", "Field", "Cell", "Header"] {
        assert!(text.contains(&format!("{KEPT}{shown}")), "{shown} is missing in {text}");
    }
    assert!(text.contains("wage & hours") && text.contains("[picture 1]") && !text.contains("[picture 2]"), "{text}");
    assert_eq!(pictures.len(), 1);
}

#[test]
fn a_workbook_becomes_its_visible_cells() {
    let (text, pictures) = words_of(&planting::xlsx(), Kind::Xlsx);
    let rows: Vec<&str> = text.lines().collect();
    assert_eq!(rows[..3], ["KeptWordsSheet", "KeptWordsShared\t4500", "2023-11-01\tKeptWordsInline\tTRUE"], "{text}");
    assert_eq!(pictures.len(), 1);
}

#[test]
fn a_presentation_becomes_its_visible_slides() {
    let (text, pictures) = words_of(&planting::pptx(), Kind::Pptx);
    assert!(text.contains("KeptWordsSlide"), "{text}");
    assert_eq!(pictures.len(), 1);
}

#[test]
fn opendocument_files_become_what_they_show() {
    let (text, pictures) = words_of(&planting::odt(), Kind::Odt);
    assert!(text.contains("KeptWords  wage 4500"), "{text}");
    assert_eq!(pictures.len(), 1);
    let (text, _) = words_of(&planting::ods(), Kind::Ods);
    assert_eq!(text, "KeptWordsSheet\nKeptWordsCell");
    let (text, _) = words_of(&planting::odp(), Kind::Odp);
    assert_eq!(text, "KeptWordsSlide");
}

#[test]
fn documents_with_programs_or_entities_are_refused() {
    let main: (&str, &[u8]) = ("word/document.xml", b"<w:document/>");
    let types: (&str, &[u8]) = ("[Content_Types].xml", b"<Types/>");
    refused(&planting::package(&[types, main, ("word/vbaProject.bin", b"x")]), Reason::Macros);
    let bomb = b"<!DOCTYPE a [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><w:document>&b;</w:document>";
    refused(&planting::package(&[types, ("word/document.xml", bomb)]), Reason::Entities);
    refused(&planting::package(&[types, ("word/document.xml", b"<w:document>&b;</w:document>")]), Reason::Entities);
    refused(&planting::package(&[types, ("word/document.xml", "<a>".repeat(100_000).as_bytes())]), Reason::Damaged);
    let locked = [
        ("mimetype", &b"application/vnd.oasis.opendocument.text"[..]),
        ("META-INF/manifest.xml", b"<encryption-data/>"),
        ("content.xml", b"x"),
    ];
    refused(&planting::package(&locked), Reason::Encrypted);
}

#[test]
fn bombs_are_refused_before_they_go_off() {
    refused(&planting::pixel_bomb(), Reason::TooManyPixels);
    let zeros = vec![0; 60 << 20];
    refused(&planting::package(&[("a", &zeros)]), Reason::UnpacksTooFar);
    let types: (&str, &[u8]) = ("[Content_Types].xml", b"<Types/>");
    refused(&planting::package(&[types, ("word/document.xml", &zeros)]), Reason::UnpacksTooFar);
    let names: Vec<String> = (0..2001).map(|number| number.to_string()).collect();
    let many: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &b""[..])).collect();
    refused(&planting::package(&many), Reason::TooManyMembers);
    refused(&vec![0; (20 << 20) + 1], Reason::TooLarge);
    refused(b"", Reason::Empty);
}

#[test]
fn a_directory_that_lies_about_a_size_is_found_out() {
    let types: (&str, &[u8]) = ("[Content_Types].xml", b"<Types/>");
    let words = format!("<w:document>{}</w:document>", " ".repeat(300_000));
    let mut package = planting::package(&[types, ("word/document.xml", words.as_bytes())]);
    let honest = u32::try_from(words.len()).expect("short").to_le_bytes();
    let places: Vec<usize> = (0..package.len() - 4).filter(|at| package[*at..at + 4] == honest).collect();
    assert!(!places.is_empty());
    for place in places {
        package[place..place + 4].copy_from_slice(&100_u32.to_le_bytes());
    }
    assert!(matches!(clean(&package).verdict, Verdict::Refused(_)));
}

#[test]
fn archives_voices_and_films_are_kept_sealed() {
    let inner = planting::docx();
    for bytes in [
        planting::package(&[("folder/of/ann/a.docx", &inner), ("../../b", b"x")]),
        b"ID3\x04\0\0\0\0\0\0".to_vec(),
        b"OggS".to_vec(),
        b"\0\0\0\x18ftypmp42".to_vec(),
        b"\0\0\0\x18ftypheic".to_vec(),
        b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>".to_vec(),
        b"<!doctype html><p>".to_vec(),
        b"II*\0\x08\0\0\0".to_vec(),
        b"just words".to_vec(),
    ] {
        let Outcome { verdict: Verdict::Sealed(notice), .. } = clean(&bytes) else { panic!("{:?}", clean(&bytes)) };
        assert_eq!(notice, Notice::NotCleanable);
    }
}

#[test]
fn a_file_that_ends_too_early_costs_nothing_but_itself() {
    let whole = [
        planting::jpeg(),
        planting::png(),
        planting::webp(),
        planting::gif(),
        planting::pdf(),
        planting::docx(),
        planting::odt(),
    ];
    for bytes in whole {
        for part in 1..24 {
            if let Verdict::Clean(picture) = clean(&bytes[..bytes.len() * part / 24]).verdict {
                assert!(!is_planted(&picture.bytes));
            }
        }
    }
}

#[test]
fn what_a_file_is_called_is_never_asked() {
    // The function takes bytes; a PDF that is called a photograph is a PDF.
    assert_eq!(clean(&planting::pdf()).kind, Kind::Pdf);
    assert_eq!(format!("{:?}", clean(&planting::pdf())), "Outcome(pdf, clean)");
    assert!(!format!("{:?}", clean(&planting::docx())).contains(PLANT));
}
