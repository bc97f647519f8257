//! The pepper: the key under which a reporter is found again. It changes, and takes old links along when it goes.
//!
//! Two live at a time, the present one and the one before. Who is met under the older one is known by the present one from
//! then on; who is not met within the window is known by none. One file, `pepper`: a line for each, with the day it was made.

use std::path::Path;

use channels::PseudonymKey;
use jiff::civil::Date;
use zeroize::Zeroizing;

use super::{KeyError, files};
use crate::clock::Rng;

/// The peppers that live now.
pub struct Peppers {
    /// Everybody is known under this one.
    pub present: PseudonymKey,
    /// Some may still be known under this one.
    pub before: Option<PseudonymKey>,
    /// When the present one began; `None` until the first upkeep writes it down.
    pub since: Option<Date>,
}

impl Peppers {
    pub(super) fn read(file: &Path) -> Result<Self, KeyError> {
        let text = files::read_text(file)?;
        let mut lines = text.lines().filter(|line| !line.trim().is_empty());
        let (present, since) = line(lines.next().unwrap_or_default(), file)?;
        let before = lines.next().map(|text| line(text, file)).transpose()?;
        if lines.next().is_some() {
            return Err(KeyError::Damaged(file.to_owned()));
        }
        let before = before.map(|(before, _)| PseudonymKey::new(*before));
        Ok(Self { present: PseudonymKey::new(*present), before, since })
    }
}

fn line(text: &str, file: &Path) -> Result<(Zeroizing<[u8; 32]>, Option<Date>), KeyError> {
    let (digits, day) = text.trim().split_once(' ').map_or((text, None), |(digits, day)| (digits, Some(day)));
    let day = day.map(|day| day.parse().map_err(|_| KeyError::Damaged(file.to_owned()))).transpose()?;
    Ok((files::digits(digits, file)?, day))
}

/// Notes the day from which the present pepper counts.
pub(super) fn stamp(file: &Path, today: Date) -> Result<(), KeyError> {
    let text = files::read_text(file)?;
    let (first, rest) = text.split_once('\n').unwrap_or((&text, ""));
    let digits = first.split(' ').next().unwrap_or_default().trim();
    let stamped = Zeroizing::new(format!("{digits} {today}\n{}", rest.trim_end()));
    files::replace(file, stamped.trim_end()).map_err(|_| KeyError::Unreadable(file.to_owned()))
}

/// Makes a new pepper. The present one becomes the one before, and the one before is destroyed.
pub(super) fn turn(file: &Path, today: Date, rng: &dyn Rng) -> Result<(), KeyError> {
    let text = files::read_text(file)?;
    let present = text.lines().next().unwrap_or_default();
    let mut new = Zeroizing::new([0; 32]);
    rng.fill(new.as_mut());
    let both = Zeroizing::new(format!("{} {today}\n{present}", hex::encode(new.as_slice())));
    files::replace(file, &both).map_err(|_| KeyError::Unreadable(file.to_owned()))
}
