//! The bounds that hold before and while a file is read.

use std::time::Duration;

/// The largest file that is looked at.
pub const MAX_BYTES_IN: usize = 20 << 20;
/// The most that may come out of one file.
pub const MAX_BYTES_OUT: usize = 100 << 20;
/// How many times its packed size a file may unpack to.
pub const MAX_RATIO: u64 = 100;
/// Below this size a member of a package may shrink by more: small tables of equal rows do.
pub const RATIO_FREE_BYTES: u64 = 1 << 20;
/// The most members of a package.
pub const MAX_MEMBERS: usize = 2_000;
/// The longest side of a picture.
pub const MAX_SIDE_PIXELS: u32 = 12_000;
/// The most memory that one decoded picture may take.
pub const MAX_DECODED_BYTES: u64 = 256 << 20;
/// The most pages of a PDF.
pub const MAX_PAGES: usize = 200;
/// The most words of a document, in bytes.
pub const MAX_TEXT_BYTES: usize = 1 << 20;
/// The most pictures taken out of a document; further ones are left out, and the text says so.
pub const MAX_PICTURES: usize = 50;
/// How deep elements of a document may lie in one another.
pub const MAX_DEPTH: usize = 256;
/// How long one file may take.
pub const PATIENCE: Duration = Duration::from_secs(10);
/// Address space of the child: a decoded picture, its turned copy, the files before and after, and the program itself.
pub const CHILD_ADDRESS_SPACE_BYTES: u64 = 1 << 30;
