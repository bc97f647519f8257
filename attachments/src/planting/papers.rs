//! PDF documents with planted metadata.

use lopdf::{Document, Object, ObjectId, Stream, dictionary};

use super::{KEPT, PLANT, pictures};

fn planted() -> Object {
    Object::string_literal(PLANT)
}

fn font(document: &mut Document) -> ObjectId {
    document
        .add_object(dictionary! { "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Helvetica", "PTEX.Note" => planted() })
}

/// A document of so many pages, with words on each and no metadata.
#[must_use]
pub fn pdf_of_pages(n_pages: usize) -> Vec<u8> {
    document(n_pages, &|page| format!("BT /F1 12 Tf 40 700 Td ({KEPT} page {page}) Tj ET"), false)
}

/// A document of one page with these drawing instructions.
#[must_use]
pub fn pdf_with_content(content: &[u8]) -> Vec<u8> {
    let content = String::from_utf8_lossy(content).into_owned();
    document(1, &|_| content.clone(), false)
}

/// A document with a plant in every place there is.
#[must_use]
pub fn pdf() -> Vec<u8> {
    let content = |_| {
        format!(
            "% {PLANT}\nBT /F1 12 Tf 40 700 Td ({KEPT} wage 4500) Tj ET /Span <</ActualText ({PLANT})>> BDC BT /F1 9 Tf 40 600 Td (more) Tj ET EMC q 100 0 0 80 40 400 cm /Im1 Do Q /Fm1 Do"
        )
    };
    document(2, &content, true)
}

fn document(n_pages: usize, content: &dyn Fn(usize) -> String, is_planted: bool) -> Vec<u8> {
    let mut document = Document::with_version("1.5");
    let tree = document.new_object_id();
    let font = font(&mut document);
    let picture = document.add_object(Stream::new(
        dictionary! { "Type" => "XObject", "Subtype" => "Image", "Width" => 64, "Height" => 48, "ColorSpace" => "DeviceRGB",
        "BitsPerComponent" => 8, "Filter" => "DCTDecode", "PieceInfo" => dictionary! { "Maker" => planted() } },
        pictures::jpeg(),
    ));
    let profile = document.add_object(Stream::new(dictionary! { "N" => 3 }, PLANT.into()));
    let form = document.add_object(Stream::new(
        dictionary! { "Type" => "XObject", "Subtype" => "Form", "BBox" => vec![0.into(), 0.into(), 10.into(), 10.into()],
        "Resources" => dictionary! { "ColorSpace" => dictionary! { "CS0" => vec!["ICCBased".into(), profile.into()] } },
        "LastModified" => planted(), "PieceInfo" => dictionary! { "Maker" => planted() } },
        format!("% {PLANT}\n/CS0 cs 1 0 0 scn 0 0 5 5 re f").into_bytes(),
    ));
    let xmp = document.add_object(Stream::new(dictionary! { "Type" => "Metadata", "Subtype" => "XML" }, PLANT.into()));
    let embedded = document.add_object(Stream::new(dictionary! { "Type" => "EmbeddedFile" }, PLANT.into()));
    let attached =
        document.add_object(dictionary! { "Type" => "Filespec", "F" => planted(), "EF" => dictionary! { "F" => embedded } });
    let script = document.add_object(dictionary! { "S" => "JavaScript", "JS" => planted() });
    let note = document
        .add_object(dictionary! { "Type" => "Annot", "Subtype" => "Text", "T" => planted(), "Contents" => planted(),
        "Rect" => vec![0.into(), 0.into(), 10.into(), 10.into()], "A" => dictionary! { "S" => "URI", "URI" => planted() } });
    let mut kids = Vec::new();
    for page in 0..n_pages {
        let mut stream = Stream::new(dictionary! {}, content(page).into_bytes());
        stream.compress().expect("it packs");
        let stream = document.add_object(stream);
        let mut entry = dictionary! { "Type" => "Page", "Parent" => tree, "Contents" => stream };
        if is_planted {
            for (key, value) in [
                ("Metadata", Object::from(xmp)),
                ("Annots", vec![note.into()].into()),
                ("AA", script.into()),
                ("AF", vec![attached.into()].into()),
                ("PieceInfo", dictionary! { "Maker" => planted() }.into()),
                ("LastModified", planted()),
                ("Note", planted()),
            ] {
                entry.set(key, value);
            }
        }
        kids.push(document.add_object(entry).into());
    }
    let resources = dictionary! { "Font" => dictionary! { "F1" => font },
    "XObject" => dictionary! { "Im1" => picture, "Fm1" => form },
    "Properties" => dictionary! { "MC0" => dictionary! { "Title" => planted() } } };
    let count = i64::try_from(n_pages).expect("few pages");
    let pages = dictionary! { "Type" => "Pages", "Kids" => kids, "Count" => count, "Resources" => resources,
    "MediaBox" => vec![0.into(), 0.into(), 595.into(), 842.into()] };
    document.objects.insert(tree, pages.into());
    let mut catalog = dictionary! { "Type" => "Catalog", "Pages" => tree };
    if is_planted {
        for (key, value) in [
            ("Metadata", Object::from(xmp)),
            ("OpenAction", script.into()),
            ("AA", script.into()),
            ("AF", vec![attached.into()].into()),
            ("PieceInfo", dictionary! { "Maker" => planted() }.into()),
            ("URI", dictionary! { "Base" => planted() }.into()),
            ("AcroForm", dictionary! { "Fields" => Vec::new(), "DA" => planted() }.into()),
            ("Names", dictionary! { "EmbeddedFiles" => dictionary! { "Names" => vec![planted(), attached.into()] } }.into()),
            ("Outlines", dictionary! { "Title" => planted() }.into()),
        ] {
            catalog.set(key, value);
        }
        let info = dictionary! { "Author" => planted(), "Creator" => Object::String(
        [0xFE, 0xFF].into_iter().chain(PLANT.encode_utf16().flat_map(u16::to_be_bytes)).collect(), lopdf::StringFormat::Hexadecimal) };
        let info = document.add_object(info);
        document.trailer.set("Info", info);
        document.trailer.set("ID", vec![planted(), planted()]);
    }
    let catalog = document.add_object(catalog);
    document.trailer.set("Root", catalog);
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).expect("a vector takes everything");
    bytes
}

/// A document whose older version held a plant that the newer one has not.
#[must_use]
pub fn revised() -> Vec<u8> {
    let mut bytes = pdf();
    let old_table = String::from_utf8_lossy(&bytes)
        .rsplit("startxref")
        .next()
        .and_then(|tail| tail.split_whitespace().next().map(str::to_owned))
        .expect("it has a table");
    let old = Document::load_mem(&bytes).expect("it reads");
    let info = old.trailer.get(b"Info").and_then(Object::as_reference).expect("it has one");
    let root = old.trailer.get(b"Root").and_then(Object::as_reference).expect("it has one");
    let at = bytes.len();
    let newer = format!("{} 0 obj\n<</Author(nobody)>>\nendobj\n", info.0);
    let table_at = at + newer.len();
    let table = format!(
        "xref\n{} 1\n{at:010} 00000 n \ntrailer\n<</Size {}/Root {} 0 R/Info {} 0 R/Prev {old_table}>>\nstartxref\n{table_at}\n%%EOF\n",
        info.0,
        old.max_id + 1,
        root.0,
        info.0
    );
    bytes.extend(newer.as_bytes());
    bytes.extend(table.as_bytes());
    bytes
}
