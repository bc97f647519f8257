//! Pictures: decoded, turned as their maker meant, written anew. Only pixels come through.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits};

use crate::kind::Kind;
use crate::limits::{MAX_BYTES_OUT, MAX_DECODED_BYTES, MAX_SIDE_PIXELS};
use crate::outcome::{Picture, Reason, Written};

/// High enough for the small print on a photographed pay slip.
const JPEG_QUALITY: u8 = 90;

/// Writes a picture anew. Of a film of pictures only the first comes through.
///
/// # Errors
/// [`Reason`] when it is damaged or too large.
pub(crate) fn clean(bytes: &[u8], kind: Kind) -> Result<Picture, Reason> {
    let format = match kind {
        Kind::Jpeg => ImageFormat::Jpeg,
        Kind::Png => ImageFormat::Png,
        Kind::WebP => ImageFormat::WebP,
        Kind::Gif => ImageFormat::Gif,
        _ => return Err(Reason::Damaged),
    };
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE_PIXELS);
    limits.max_image_height = Some(MAX_SIDE_PIXELS);
    limits.max_alloc = Some(MAX_DECODED_BYTES);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|error| reason(&error))?;
    let (width, height) = decoder.dimensions();
    if width > MAX_SIDE_PIXELS || height > MAX_SIDE_PIXELS || decoder.total_bytes() > MAX_DECODED_BYTES {
        return Err(Reason::TooManyPixels);
    }
    // A picture whose orientation cannot be read is shown as it lies.
    let orientation = decoder.orientation().unwrap_or(image::metadata::Orientation::NoTransforms);
    let mut picture = DynamicImage::from_decoder(decoder).map_err(|error| reason(&error))?;
    picture.apply_orientation(orientation);
    write(picture, kind)
}

fn reason(error: &ImageError) -> Reason {
    match error {
        ImageError::Limits(_) => Reason::TooManyPixels,
        _ => Reason::Damaged,
    }
}

/// Photographs stay JPEG; what has sharp edges or glass in it becomes PNG.
fn write(picture: DynamicImage, kind: Kind) -> Result<Picture, Reason> {
    let is_photo = match kind {
        Kind::Jpeg => true,
        Kind::WebP => !picture.color().has_alpha(),
        _ => false,
    };
    let mut bytes = Vec::new();
    let written = if is_photo {
        let picture = match picture {
            DynamicImage::ImageLuma8(_) | DynamicImage::ImageRgb8(_) => picture,
            other => DynamicImage::ImageRgb8(other.into_rgb8()),
        };
        picture.write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY)).map_err(|_| Reason::Damaged)?;
        Written::Jpeg
    } else {
        picture.write_with_encoder(PngEncoder::new(&mut bytes)).map_err(|_| Reason::Damaged)?;
        Written::Png
    };
    if bytes.len() > MAX_BYTES_OUT {
        return Err(Reason::UnpacksTooFar);
    }
    Ok(Picture { written, bytes })
}
