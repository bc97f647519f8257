//! Takes out of a file what names its maker: places, names, devices, older versions, hidden words.
//!
//! What cannot be cleaned for certain is not passed on: it is kept sealed, or refused with a reason. This crate knows bytes
//! only. It knows no case, no channel and no store, it ignores file names, and it reads nothing in the gateway's own process:
//! [`Cleaner`] starts a child with next to no rights (see [`cell`]) and hands it the bytes.

pub mod limits;
pub mod kind;
pub mod outcome;
pub mod clean;
#[cfg(feature = "formats")]
mod picture;
#[cfg(feature = "formats")]
mod jpeg;
#[cfg(feature = "formats")]
mod pdf;
#[cfg(feature = "formats")]
mod package;
#[cfg(feature = "formats")]
mod xml;
#[cfg(feature = "formats")]
mod office;
pub mod frame;
pub mod cell;
pub mod cleaner;
#[doc(hidden)]
#[cfg(any(test, feature = "planting"))]
pub mod planting;

pub use clean::clean;
pub use cleaner::Cleaner;
pub use kind::Kind;
pub use outcome::{Notice, Outcome, Picture, Reason, Verdict, Written};
