//! When a provider says that a message was sent, in whatever way it writes that. A time that cannot be read is no time, and
//! never a reason to lose a message.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, fmt::strtime};

use super::path::Path;

/// Where the time stands, how it is written and where its clock hangs.
#[derive(Debug, Clone)]
pub(super) struct TimeRule {
    pub(super) paths: Vec<Path>,
    pub(super) formats: Vec<TimeFormat>,
    pub(super) zone: TimeZone,
}

/// One way of writing a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TimeFormat {
    /// `2026-11-02T10:20:30Z`, with any offset.
    Rfc3339,
    /// Seconds since 1970.
    Unix,
    /// Milliseconds since 1970.
    UnixMs,
    /// Seconds or milliseconds, by their size.
    UnixAuto,
    /// As `strftime` writes it.
    Pattern(String),
}

impl TimeFormat {
    /// Reads the name of a format, or a pattern. `None` for a word that is neither.
    pub(super) fn parse(written: &str) -> Option<Self> {
        match written {
            "rfc3339" => Some(Self::Rfc3339),
            "unix" => Some(Self::Unix),
            "unix_ms" => Some(Self::UnixMs),
            "unix_auto" => Some(Self::UnixAuto),
            pattern if pattern.contains('%') => Some(Self::Pattern(pattern.to_owned())),
            _ => None,
        }
    }

    fn read(&self, written: &str, zone: &TimeZone) -> Option<Timestamp> {
        match self {
            // The library reads shorter forms too, which providers do not mean.
            Self::Rfc3339 if written.len() >= 20 && written.as_bytes()[10].eq_ignore_ascii_case(&b'T') => written.parse().ok(),
            Self::Rfc3339 => None,
            Self::Unix => seconds(written),
            Self::UnixMs => Timestamp::from_millisecond(written.parse().ok()?).ok(),
            Self::UnixAuto => match written.parse::<i64>() {
                // As seconds this would be after the year 5000.
                Ok(number) if number.abs() >= 100_000_000_000 => Timestamp::from_millisecond(number).ok(),
                Ok(_) | Err(_) => seconds(written),
            },
            Self::Pattern(pattern) => {
                let broken_down = strtime::parse(pattern, written).ok()?;
                if let Ok(timestamp) = broken_down.to_timestamp() {
                    return Some(timestamp);
                }
                let civil: DateTime = broken_down.to_datetime().ok()?;
                Some(civil.to_zoned(zone.clone()).ok()?.timestamp())
            }
        }
    }
}

/// Whole or broken seconds.
fn seconds(written: &str) -> Option<Timestamp> {
    if let Ok(whole) = written.parse() {
        return Timestamp::from_second(whole).ok();
    }
    let broken: f64 = written.parse().ok()?;
    #[expect(clippy::cast_possible_truncation, reason = "what is out of range is no time, and refused right after")]
    Timestamp::from_millisecond((broken * 1000.0) as i64).ok()
}

impl TimeRule {
    /// The time, if one of the formats fits.
    pub(super) fn read(&self, written: &str) -> Option<Timestamp> {
        let written = written.trim();
        self.formats.iter().find_map(|format| format.read(written, &self.zone))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(format: &str, zone: &str, written: &str, expect: Option<&str>) {
        let rule = TimeRule {
            paths: Vec::new(),
            formats: vec![TimeFormat::parse(format).expect("a format")],
            zone: TimeZone::get(zone).expect("a zone"),
        };
        assert_eq!(rule.read(written).map(|time| time.to_string()).as_deref(), expect, "{format}");
    }

    #[test]
    fn times_are_read_as_each_provider_writes_them() {
        check("rfc3339", "UTC", "2025-06-15T21:06:40.000+06:00", Some("2025-06-15T15:06:40Z"));
        check("rfc3339", "UTC", "2016-09-14 18:20:16", None);
        check("rfc3339", "UTC", "20170623T123000Z", None);
        check("unix", "UTC", "1493735509", Some("2017-05-02T14:31:49Z"));
        check("unix_ms", "UTC", "1678794364855", Some("2023-03-14T11:46:04.855Z"));
        check("unix_auto", "UTC", "1487673600123", Some("2017-02-21T10:40:00.123Z"));
        check("unix_auto", "UTC", "1487673600", Some("2017-02-21T10:40:00Z"));
        check("%Y-%m-%dT%H:%M:%S%.f%z", "UTC", "2016-10-06T09:28:39.220+0000", Some("2016-10-06T09:28:39.22Z"));
        check("%Y-%m-%d%H:%M:%S", "Asia/Kuala_Lumpur", "2016-03-3019:33:06", Some("2016-03-30T11:33:06Z"));
        check(
            "%a %b %d %Y %H:%M:%S GMT+0000 (UTC)",
            "UTC",
            "Fri Nov 22 2013 12:12:13 GMT+0000 (UTC)",
            Some("2013-11-22T12:12:13Z"),
        );
        check("%Y%m%d%H%M%S", "UTC", "20230727004929", Some("2023-07-27T00:49:29Z"));
        check("%Y-%m-%dT%H:%M:%S%.f", "UTC", "2018-07-13T13:57:23.741000", Some("2018-07-13T13:57:23.741Z"));
        check("unix", "UTC", "yesterday", None);
    }
}
