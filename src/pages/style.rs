//! The one style sheet, and what a content security policy must say to let it through.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

/// Sits inside every page: a second request costs seconds on a slow line.
pub(super) const STYLE: &str = include_str!("../../templates/public/style.css");

/// What goes after `style-src` in the content security policy, with its quotes: `'sha256-…'`.
///
/// The pages need no more than `default-src 'none'; style-src <this>; form-action 'self'; base-uri 'none';
/// frame-ancestors 'none'; img-src data:`.
#[must_use]
pub fn style_csp_source() -> String {
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(STYLE.as_bytes())))
}
