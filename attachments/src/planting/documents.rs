//! Office and OpenDocument files with planted names, notes, hidden words and paths.

use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::{KEPT, PLANT, pictures};

/// A package of these members.
#[must_use]
pub fn package(members: &[(&str, &[u8])]) -> Vec<u8> {
    packed(members, CompressionMethod::Deflated)
}

/// The same, with this way of packing.
#[must_use]
pub fn packed(members: &[(&str, &[u8])], method: CompressionMethod) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        writer.start_file(*name, SimpleFileOptions::default().compression_method(method)).expect("a good name");
        writer.write_all(bytes).expect("a vector takes everything");
    }
    writer.set_comment(PLANT).expect("a short comment");
    writer.finish().expect("it ends").into_inner()
}

const WORD: &str = "xmlns:w=\"w\" xmlns:r=\"r\" xmlns:wp=\"wp\" xmlns:a=\"a\" xmlns:pic=\"pic\" xmlns:mc=\"mc\" xmlns:v=\"v\"";

/// A document with a plant in every place there is.
#[must_use]
pub fn docx() -> Vec<u8> {
    let body = format!(
        "<w:p><w:r><w:t xml:space=\"preserve\">{KEPT} wage &amp; hours </w:t></w:r>\
         <w:ins w:author=\"{PLANT}\" w:date=\"2026-01-01T00:00:00Z\"><w:r><w:t>{KEPT}Inserted</w:t></w:r></w:ins>\
         <w:del w:author=\"{PLANT}\"><w:r><w:delText>{PLANT} deleted</w:delText></w:r></w:del>\
         <w:moveFrom w:author=\"{PLANT}\"><w:r><w:t>{PLANT} moved</w:t></w:r></w:moveFrom>\
         <w:r><w:rPr><w:vanish/></w:rPr><w:t>{PLANT} hidden</w:t></w:r>\
         <w:r><w:rPr><w:rStyle w:val=\"Veiled\"/></w:rPr><w:t>{PLANT} hidden by style</w:t></w:r>\
         <w:r><w:rPr><w:vanish w:val=\"0\"/></w:rPr><w:t>{KEPT}Shown</w:t></w:r>\
         <w:r><w:instrText>AUTHOR {PLANT}</w:instrText></w:r>\
         <w:commentRangeStart w:id=\"0\"/><w:r><w:t>{KEPT}Commented</w:t></w:r></w:p>\
         <w:p><w:pPr><w:pStyle w:val=\"VeiledPara\"/></w:pPr><w:r><w:t>{PLANT} hidden paragraph</w:t></w:r></w:p>\
         <w:sdt><w:sdtPr><w:alias w:val=\"{PLANT}\"/></w:sdtPr><w:sdtContent><w:p><w:r><w:t>{KEPT}Field</w:t></w:r></w:p></w:sdtContent></w:sdt>\
         <w:tbl><w:tr><w:tc><w:p><w:r><w:t>day</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>{KEPT}Cell</w:t></w:r></w:p></w:tc></w:tr>\
         <w:tr><w:trPr><w:hidden/></w:trPr><w:tc><w:p><w:r><w:t>{PLANT} hidden row</w:t></w:r></w:p></w:tc></w:tr></w:tbl>\
         <w:p><w:r><w:rPr><w:vanish/></w:rPr><w:pict><v:textbox><w:txbxContent><w:p><w:r><w:t>{PLANT} box in hidden run</w:t></w:r></w:p></w:txbxContent></v:textbox></w:pict></w:r></w:p>\
         <w:p><w:r><w:drawing><wp:inline><wp:docPr id=\"1\" name=\"C:\\Users\\{PLANT}\\a.jpg\" descr=\"{PLANT}\"/>\
         <a:graphic><pic:pic><pic:nvPicPr><pic:cNvPr id=\"1\" name=\"{PLANT}\" descr=\"{PLANT}\"/></pic:nvPicPr><pic:blipFill><a:blip r:embed=\"rId1\"/></pic:blipFill></pic:pic></a:graphic></wp:inline></w:drawing></w:r></w:p>\
         <w:p><w:r><w:drawing><wp:inline><wp:docPr id=\"2\" hidden=\"1\"/><a:graphic><a:blip r:embed=\"rId1\"/></a:graphic></wp:inline></w:drawing></w:r></w:p>\
         <w:sectPr><w:headerReference w:type=\"default\" r:id=\"rId2\"/></w:sectPr>"
    );
    docx_with(&body)
}

/// A document with this body, and plants around it.
#[must_use]
pub fn docx_with(body: &str) -> Vec<u8> {
    let main = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?><w:document {WORD}><w:body>{body}</w:body></w:document>");
    let styles = format!(
        "<w:styles {WORD}><w:style w:styleId=\"Secret\" w:type=\"character\"><w:rPr><w:vanish/></w:rPr></w:style>\
         <w:style w:styleId=\"Veiled\" w:type=\"character\"><w:basedOn w:val=\"Secret\"/></w:style>\
         <w:style w:styleId=\"VeiledPara\" w:type=\"paragraph\"><w:rPr><w:vanish/></w:rPr></w:style></w:styles>"
    );
    let relations = format!(
        "<Relationships><Relationship Id=\"rId1\" Target=\"media/image1.jpg\"/><Relationship Id=\"rId2\" Target=\"header1.xml\"/>\
         <Relationship Id=\"rId3\" TargetMode=\"External\" Target=\"file:///C:/Users/{PLANT}/Normal.dotm\"/></Relationships>"
    );
    let header = format!("<w:hdr {WORD}><w:p><w:r><w:t>{KEPT}Header</w:t></w:r></w:p></w:hdr>");
    let unused = format!("<w:hdr {WORD}><w:p><w:r><w:t>{PLANT} old header</w:t></w:r></w:p></w:hdr>");
    let comments = format!(
        "<w:comments {WORD}><w:comment w:author=\"{PLANT}\"><w:p><w:r><w:t>{PLANT}</w:t></w:r></w:p></w:comment></w:comments>"
    );
    let core = format!(
        "<cp:coreProperties xmlns:cp=\"c\" xmlns:dc=\"d\"><dc:creator>{PLANT}</dc:creator><cp:lastModifiedBy>{PLANT}</cp:lastModifiedBy></cp:coreProperties>"
    );
    let app =
        format!("<Properties><Company>{PLANT}</Company><Manager>{PLANT}</Manager><Template>{PLANT}</Template></Properties>");
    package(&[
        ("[Content_Types].xml", b"<Types/>"),
        ("word/document.xml", main.as_bytes()),
        ("word/styles.xml", styles.as_bytes()),
        ("word/_rels/document.xml.rels", relations.as_bytes()),
        ("word/header1.xml", header.as_bytes()),
        ("word/header2.xml", unused.as_bytes()),
        ("word/comments.xml", comments.as_bytes()),
        ("word/media/image1.jpg", &pictures::jpeg()),
        ("docProps/core.xml", core.as_bytes()),
        ("docProps/app.xml", app.as_bytes()),
        ("docProps/custom.xml", PLANT.as_bytes()),
    ])
}

/// A workbook with a plant in every place there is.
#[must_use]
pub fn xlsx() -> Vec<u8> {
    let sheet = format!(
        "<worksheet xmlns:r=\"r\"><cols><col min=\"3\" max=\"3\" hidden=\"1\"/></cols><sheetData>\
         <row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"B1\"><f>'C:\\Users\\{PLANT}\\[a.xlsx]x'!A1</f><v>4500</v></c><c r=\"C1\" t=\"s\"><v>1</v></c></row>\
         <row r=\"2\" hidden=\"1\"><c r=\"A2\" t=\"s\"><v>1</v></c></row>\
         <row r=\"3\"><c r=\"A3\" s=\"1\"><v>45231</v></c><c r=\"B3\" t=\"inlineStr\"><is><t>{KEPT}Inline</t><rPh><t>{PLANT}</t></rPh></is></c><c r=\"D3\" t=\"b\"><v>1</v></c></row>\
         </sheetData><drawing r:id=\"rId1\"/></worksheet>"
    );
    xlsx_with(&sheet)
}

/// A workbook with this first sheet, and plants around it.
#[must_use]
pub fn xlsx_with(sheet: &str) -> Vec<u8> {
    let book = format!(
        "<workbook xmlns:r=\"r\" xmlns:x15ac=\"x\"><fileSharing userName=\"{PLANT}\"/><x15ac:absPath url=\"C:\\Users\\{PLANT}\\\"/>\
         <sheets><sheet name=\"{KEPT}Sheet\" sheetId=\"1\" r:id=\"rId1\"/><sheet name=\"{PLANT}\" sheetId=\"2\" state=\"veryHidden\" r:id=\"rId2\"/></sheets>\
         <definedNames><definedName name=\"{PLANT}\">{PLANT}</definedName></definedNames></workbook>"
    );
    let relations = "<Relationships><Relationship Id=\"rId1\" Target=\"worksheets/sheet1.xml\"/><Relationship Id=\"rId2\" Target=\"worksheets/sheet2.xml\"/></Relationships>";
    let hidden =
        format!("<worksheet><sheetData><row r=\"1\"><c r=\"A1\" t=\"str\"><v>{PLANT}</v></c></row></sheetData></worksheet>");
    let strings = format!("<sst><si><t>{KEPT}Shared</t></si><si><r><t>{PLANT}</t></r></si></sst>");
    let styles = "<styleSheet><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/></cellXfs></styleSheet>";
    let drawing = format!(
        "<xdr:wsDr xmlns:xdr=\"x\" xmlns:a=\"a\" xmlns:r=\"r\"><xdr:pic><xdr:cNvPr descr=\"{PLANT}\"/><a:blip r:embed=\"rId1\"/></xdr:pic></xdr:wsDr>"
    );
    let to_drawing = "<Relationships><Relationship Id=\"rId1\" Target=\"../drawings/drawing1.xml\"/></Relationships>";
    let to_picture = "<Relationships><Relationship Id=\"rId1\" Target=\"../media/image1.png\"/></Relationships>";
    let comments = format!("<comments><authors><author>{PLANT}</author></authors></comments>");
    package(&[
        ("[Content_Types].xml", b"<Types/>"),
        ("xl/workbook.xml", book.as_bytes()),
        ("xl/_rels/workbook.xml.rels", relations.as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
        ("xl/worksheets/_rels/sheet1.xml.rels", to_drawing.as_bytes()),
        ("xl/worksheets/sheet2.xml", hidden.as_bytes()),
        ("xl/sharedStrings.xml", strings.as_bytes()),
        ("xl/styles.xml", styles.as_bytes()),
        ("xl/drawings/drawing1.xml", drawing.as_bytes()),
        ("xl/drawings/_rels/drawing1.xml.rels", to_picture.as_bytes()),
        ("xl/media/image1.png", &pictures::png()),
        ("xl/comments1.xml", comments.as_bytes()),
        ("docProps/core.xml", PLANT.as_bytes()),
    ])
}

/// A presentation with a plant in every place there is.
#[must_use]
pub fn pptx() -> Vec<u8> {
    pptx_with(&format!(
        "<p:sp><p:nvSpPr><p:cNvPr id=\"2\" name=\"{PLANT}\" descr=\"{PLANT}\"/></p:nvSpPr><p:txBody><a:p><a:r><a:t>{KEPT}Slide</a:t></a:r></a:p></p:txBody></p:sp>\
         <p:sp><p:nvSpPr><p:cNvPr id=\"3\" hidden=\"1\"/></p:nvSpPr><p:txBody><a:p><a:r><a:t>{PLANT} hidden shape</a:t></a:r></a:p></p:txBody></p:sp>\
         <p:pic><p:nvPicPr><p:cNvPr id=\"4\" name=\"{PLANT}\"/></p:nvPicPr><p:blipFill><a:blip r:embed=\"rId1\"/></p:blipFill></p:pic>"
    ))
}

/// A presentation with these shapes on its first slide, and plants around them.
#[must_use]
pub fn pptx_with(shapes: &str) -> Vec<u8> {
    let names = "xmlns:p=\"p\" xmlns:a=\"a\" xmlns:r=\"r\"";
    let main = format!(
        "<p:presentation {names}><p:sldIdLst><p:sldId id=\"256\" r:id=\"rId1\"/><p:sldId id=\"257\" r:id=\"rId2\"/></p:sldIdLst></p:presentation>"
    );
    let relations = "<Relationships><Relationship Id=\"rId1\" Target=\"slides/slide1.xml\"/><Relationship Id=\"rId2\" Target=\"slides/slide2.xml\"/></Relationships>";
    let slide = format!("<p:sld {names}><p:cSld><p:spTree>{shapes}</p:spTree></p:cSld></p:sld>");
    let hidden = format!("<p:sld {names} show=\"0\"><a:p><a:r><a:t>{PLANT} hidden slide</a:t></a:r></a:p></p:sld>");
    let notes = format!("<p:notes {names}><a:p><a:r><a:t>{PLANT} notes</a:t></a:r></a:p></p:notes>");
    let to_picture = "<Relationships><Relationship Id=\"rId1\" Target=\"../media/image1.gif\"/><Relationship Id=\"rId2\" Target=\"../notesSlides/notesSlide1.xml\"/></Relationships>";
    package(&[
        ("[Content_Types].xml", b"<Types/>"),
        ("ppt/presentation.xml", main.as_bytes()),
        ("ppt/_rels/presentation.xml.rels", relations.as_bytes()),
        ("ppt/slides/slide1.xml", slide.as_bytes()),
        ("ppt/slides/_rels/slide1.xml.rels", to_picture.as_bytes()),
        ("ppt/slides/slide2.xml", hidden.as_bytes()),
        ("ppt/notesSlides/notesSlide1.xml", notes.as_bytes()),
        ("ppt/media/image1.gif", &pictures::gif()),
        ("ppt/commentAuthors.xml", PLANT.as_bytes()),
        ("docProps/core.xml", PLANT.as_bytes()),
    ])
}

const OPEN: &str = "xmlns:office=\"o\" xmlns:text=\"t\" xmlns:table=\"b\" xmlns:draw=\"d\" xmlns:style=\"s\" xmlns:xlink=\"x\" xmlns:dc=\"c\" xmlns:svg=\"v\" xmlns:presentation=\"p\"";

/// An OpenDocument text with a plant in every place there is.
#[must_use]
pub fn odt() -> Vec<u8> {
    odt_with(&format!(
        "<text:tracked-changes><text:deletion><text:p>{PLANT} deleted</text:p></text:deletion></text:tracked-changes>\
         <text:p>{KEPT}<text:s text:c=\"2\"/>wage<office:annotation><dc:creator>{PLANT}</dc:creator><text:p>{PLANT} note</text:p></office:annotation> 4500\
         <text:span text:style-name=\"T1\">{PLANT} hidden</text:span><text:author-name>{PLANT}</text:author-name><text:sender-lastname>{PLANT}</text:sender-lastname></text:p>\
         <text:p><draw:frame draw:name=\"{PLANT}\"><draw:image xlink:href=\"Pictures/a.webp\"/><svg:title>{PLANT}</svg:title><svg:desc>{PLANT}</svg:desc></draw:frame></text:p>"
    ))
}

/// An OpenDocument text with this body, and plants around it.
#[must_use]
pub fn odt_with(body: &str) -> Vec<u8> {
    open_document("text", &format!("<office:text>{body}</office:text>"))
}

/// An OpenDocument spreadsheet with a plant in every place there is.
#[must_use]
pub fn ods() -> Vec<u8> {
    open_document(
        "spreadsheet",
        &format!(
            "<office:spreadsheet><table:table table:name=\"{KEPT}Sheet\"><table:table-row><table:table-cell><text:p>{KEPT}Cell</text:p></table:table-cell></table:table-row>\
             <table:table-row table:visibility=\"collapse\"><table:table-cell><text:p>{PLANT}</text:p></table:table-cell></table:table-row></table:table>\
             <table:table table:name=\"{PLANT}\" table:style-name=\"ta1\"><table:table-row><table:table-cell><text:p>{PLANT}</text:p></table:table-cell></table:table-row></table:table></office:spreadsheet>"
        ),
    )
}

/// An OpenDocument presentation with a plant in every place there is.
#[must_use]
pub fn odp() -> Vec<u8> {
    open_document(
        "presentation",
        &format!(
            "<office:presentation><draw:page draw:name=\"{PLANT}\"><draw:frame><draw:text-box><text:p>{KEPT}Slide</text:p></draw:text-box></draw:frame>\
             <presentation:notes><text:p>{PLANT} notes</text:p></presentation:notes></draw:page>\
             <draw:page draw:style-name=\"dp1\"><text:p>{PLANT} hidden page</text:p></draw:page></office:presentation>"
        ),
    )
}

fn open_document(kind: &str, body: &str) -> Vec<u8> {
    let content = format!(
        "<office:document-content {OPEN}><office:automatic-styles>\
         <style:style style:name=\"T1\" style:family=\"text\"><style:text-properties text:display=\"none\"/></style:style>\
         <style:style style:name=\"ta1\" style:family=\"table\"><style:table-properties table:display=\"false\"/></style:style>\
         <style:style style:name=\"dp1\" style:family=\"drawing-page\"><style:drawing-page-properties presentation:visibility=\"hidden\"/></style:style>\
         </office:automatic-styles><office:body>{body}</office:body></office:document-content>"
    );
    let media_type = format!("application/vnd.oasis.opendocument.{kind}");
    package(&[
        ("mimetype", media_type.as_bytes()),
        ("content.xml", content.as_bytes()),
        ("meta.xml", PLANT.as_bytes()),
        ("Pictures/a.webp", &pictures::webp()),
        ("META-INF/manifest.xml", b"<manifest/>"),
    ])
}
