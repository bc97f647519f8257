//! Pictures with planted metadata.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};

use super::PLANT;

/// A picture whose left upper corner is red and whose rest is grey, so that turning it shows.
fn pixels(width: u32, height: u32) -> DynamicImage {
    DynamicImage::ImageRgb8(RgbImage::from_fn(width, height, |x, y| {
        if x < width / 4 && y < height / 4 {
            Rgb([220, 10, 10])
        } else {
            Rgb([120, 120, u8::try_from((x ^ y) & 63).unwrap_or(0) + 90])
        }
    }))
}

fn encoded(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).expect("a vector takes everything");
    bytes.into_inner()
}

/// A plain JPEG of this size.
#[must_use]
pub fn raw_jpeg(width: u32, height: u32) -> Vec<u8> {
    encoded(&pixels(width, height), ImageFormat::Jpeg)
}

/// TIFF tags as cameras write them: orientation, artist, place, and a small picture.
fn exif(orientation: u8) -> Vec<u8> {
    let artist = format!("{PLANT} artist\0");
    let thumbnail = format!("\u{0}{PLANT} thumbnail").into_bytes();
    let mut tiff = b"II*\0\x08\0\0\0".to_vec();
    let entries = 4_u16;
    let after = 8 + 2 + u32::from(entries) * 12 + 4;
    let artist_at = after;
    let gps_at = artist_at + u32::try_from(artist.len()).expect("short");
    let gps_name_at = gps_at + 2 + 12 + 4;
    let thumbnail_at = gps_name_at + u32::try_from(artist.len()).expect("short");
    let entry = |tag: u16, kind: u16, count: u32, value: u32| {
        [tag.to_le_bytes().to_vec(), kind.to_le_bytes().to_vec(), count.to_le_bytes().to_vec(), value.to_le_bytes().to_vec()]
            .concat()
    };
    let length = u32::try_from(artist.len()).expect("short");
    tiff.extend(entries.to_le_bytes());
    tiff.extend(entry(0x0112, 3, 1, u32::from(orientation)));
    tiff.extend(entry(0x013B, 2, length, artist_at));
    tiff.extend(entry(0x0201, 4, 1, thumbnail_at));
    tiff.extend(entry(0x8825, 4, 1, gps_at));
    tiff.extend(0_u32.to_le_bytes());
    tiff.extend(artist.as_bytes());
    tiff.extend(1_u16.to_le_bytes());
    tiff.extend(entry(0x001D, 2, length, gps_name_at));
    tiff.extend(0_u32.to_le_bytes());
    tiff.extend(artist.as_bytes());
    tiff.extend(thumbnail);
    tiff
}

fn xmp() -> String {
    format!("<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><dc:creator>{PLANT} creator</dc:creator></x:xmpmeta>")
}

fn segment(marker: u8, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len() + 2).expect("a short segment");
    [&[0xFF, marker][..], &length.to_be_bytes(), body].concat()
}

/// A JPEG with a plant in every place there is, lying on its side.
#[must_use]
pub fn jpeg() -> Vec<u8> {
    jpeg_of(64, 48)
}

/// The same in another size.
#[must_use]
pub fn jpeg_of(width: u32, height: u32) -> Vec<u8> {
    let plain = raw_jpeg(width, height);
    let mut planted = plain[..2].to_vec();
    planted.extend(segment(0xE1, &[b"Exif\0\0", exif(6).as_slice()].concat()));
    planted.extend(segment(0xE1, &[b"http://ns.adobe.com/xap/1.0/\0", xmp().as_bytes()].concat()));
    planted.extend(segment(0xE2, &[b"ICC_PROFILE\0\x01\x01", PLANT.as_bytes()].concat()));
    planted.extend(segment(0xED, &[b"Photoshop 3.0\08BIM\x04\x04\0\0\0\0", PLANT.as_bytes()].concat()));
    planted.extend(segment(0xEB, &[b"JP", PLANT.as_bytes()].concat()));
    planted.extend(segment(0xEF, PLANT.as_bytes()));
    planted.extend(segment(0xFE, PLANT.as_bytes()));
    planted.extend(&plain[2..]);
    planted.extend(PLANT.as_bytes());
    // A second picture after the end, as some telephones append.
    planted.extend(&plain[..2]);
    planted.extend(segment(0xFE, PLANT.as_bytes()));
    planted.extend(&plain[2..]);
    planted
}

fn chunk(kind: [u8; 4], body: &[u8]) -> Vec<u8> {
    let sum = crc(kind.iter().chain(body));
    [&u32::try_from(body.len()).expect("a short chunk").to_be_bytes()[..], &kind, body, &sum.to_be_bytes()].concat()
}

fn crc<'a>(bytes: impl Iterator<Item = &'a u8>) -> u32 {
    !bytes.fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| if sum & 1 == 1 { (sum >> 1) ^ 0xEDB8_8320 } else { sum >> 1 })
    })
}

/// A PNG with a plant in every kind of chunk, and after its end.
#[must_use]
pub fn png() -> Vec<u8> {
    let plain = encoded(&pixels(40, 30), ImageFormat::Png);
    // After the header's chunk.
    let (head, tail) = plain.split_at(33);
    let mut planted = head.to_vec();
    planted.extend(chunk(*b"tEXt", format!("Author\0{PLANT}").as_bytes()));
    planted.extend(chunk(*b"iTXt", format!("XML:com.adobe.xmp\0\0\0\0\0{}", xmp()).as_bytes()));
    planted.extend(chunk(*b"eXIf", &exif(1)));
    planted.extend(chunk(*b"prVt", PLANT.as_bytes()));
    planted.extend(tail);
    planted.extend(PLANT.as_bytes());
    planted
}

/// A PNG that says it is 60,000 pixels wide and high.
#[must_use]
pub fn pixel_bomb() -> Vec<u8> {
    let side = 60_000_u32.to_be_bytes();
    let header = [&side[..], &side, &[8, 2, 0, 0, 0]].concat();
    [
        b"\x89PNG\r\n\x1a\n".to_vec(),
        chunk(*b"IHDR", &header),
        chunk(*b"IDAT", &[0x78, 0x9C, 3, 0, 0, 0, 0, 1]),
        chunk(*b"IEND", &[]),
    ]
    .concat()
}

/// A WebP with planted EXIF and XMP.
#[must_use]
pub fn webp() -> Vec<u8> {
    let plain = encoded(&pixels(40, 30), ImageFormat::WebP);
    let chunk = |kind: &[u8; 4], body: &[u8]| {
        let mut chunk = [&kind[..], &u32::try_from(body.len()).expect("short").to_le_bytes(), body].concat();
        if body.len() % 2 == 1 {
            chunk.push(0);
        }
        chunk
    };
    let extended = chunk(b"VP8X", &[0b0000_1100, 0, 0, 0, 39, 0, 0, 29, 0, 0]);
    let body =
        [b"WEBP".to_vec(), extended, plain[12..].to_vec(), chunk(b"EXIF", &exif(1)), chunk(b"XMP ", xmp().as_bytes())].concat();
    [&b"RIFF"[..], &u32::try_from(body.len()).expect("short").to_le_bytes(), &body].concat()
}

/// A GIF with a planted comment, and after its end.
#[must_use]
pub fn gif() -> Vec<u8> {
    let plain = encoded(&pixels(40, 30), ImageFormat::Gif);
    let colours = if plain[10] & 0x80 == 0 { 0 } else { 3 << ((plain[10] & 7) + 1) };
    let (head, tail) = plain.split_at(13 + colours);
    let length = u8::try_from(PLANT.len()).expect("short");
    [head, &[0x21, 0xFE, length], PLANT.as_bytes(), &[0], tail, PLANT.as_bytes()].concat()
}
