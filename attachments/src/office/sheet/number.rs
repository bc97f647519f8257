//! Numbers of a workbook as a reader sees them: a day is stored as a count of days, and nobody would know it again.

use std::collections::HashMap;

use crate::outcome::Reason;
use crate::xml::{Element, Visitor};

/// How the cells of each style show their numbers.
pub(super) struct Formats {
    /// For each style whether it shows days, times of day, or neither.
    styles: Vec<Shows>,
    own: HashMap<u32, Shows>,
    first_day: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shows {
    Number,
    Day,
    Time,
    DayAndTime,
}

impl Formats {
    pub(super) fn new(counts_from_1904: bool) -> Self {
        // Day 1 is the first of January 1900, and a 29th of February that never was is counted too.
        let first_day = if counts_from_1904 { days_from_civil(1904, 1, 1) } else { days_from_civil(1899, 12, 30) };
        Self { styles: Vec::new(), own: HashMap::new(), first_day }
    }

    /// The number as shown.
    pub(super) fn shown(&self, style: usize, value: &str) -> String {
        let shows = self.styles.get(style).copied().unwrap_or(Shows::Number);
        let Some(number) =
            value.parse::<f64>().ok().filter(|number| shows != Shows::Number && (0.0..3_000_000.0).contains(number))
        else {
            return value.to_owned();
        };
        #[expect(clippy::cast_possible_truncation, reason = "bounded just above")]
        let minutes = (number * 1440.0).round() as i64;
        let (year, month, day) = civil_from_days(self.first_day + minutes.div_euclid(1440));
        let (hour, minute) = (minutes.rem_euclid(1440) / 60, minutes.rem_euclid(60));
        match shows {
            Shows::Number => value.to_owned(),
            Shows::Day => format!("{year:04}-{month:02}-{day:02}"),
            Shows::Time => format!("{hour:02}:{minute:02}"),
            Shows::DayAndTime => format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}"),
        }
    }

    fn of_format(&self, number: u32) -> Shows {
        match number {
            14..=17 | 27..=31 | 34..=36 | 50..=58 => Shows::Day,
            18..=21 | 32..=33 | 45 | 47 => Shows::Time,
            22 => Shows::DayAndTime,
            number => self.own.get(&number).copied().unwrap_or(Shows::Number),
        }
    }
}

impl Visitor for Formats {
    fn begin(&mut self, path: &[String], element: &Element<'_>) -> Result<(), Reason> {
        let format = element.attribute("numFmtId").and_then(|number| number.parse().ok());
        match (path.last().map_or("", String::as_str), format) {
            ("numFmt", Some(number)) => {
                let code = element.attribute("formatCode").unwrap_or_default();
                self.own.insert(number, of_code(&code));
            }
            ("xf", number) if path.iter().any(|name| name == "cellXfs") => {
                let shows = self.of_format(number.unwrap_or(0));
                self.styles.push(shows);
            }
            _ => {}
        }
        Ok(())
    }

    fn end(&mut self, _: &[String]) -> Result<(), Reason> {
        Ok(())
    }

    fn words(&mut self, _: &[String], _: &str) -> Result<(), Reason> {
        Ok(())
    }
}

/// What a format shows, by its letters outside quotes and brackets.
fn of_code(code: &str) -> Shows {
    let (mut in_quotes, mut in_brackets, mut is_escaped) = (false, false, false);
    let mut letters = String::new();
    for character in code.chars() {
        match character {
            _ if is_escaped => is_escaped = false,
            '\\' | '_' | '*' => is_escaped = true,
            '"' => in_quotes = !in_quotes,
            '[' if !in_quotes => in_brackets = true,
            ']' if !in_quotes => in_brackets = false,
            // Only the part for positive numbers is asked.
            ';' if !in_quotes => break,
            _ if in_quotes || in_brackets => {}
            _ => letters.push(character.to_ascii_lowercase()),
        }
    }
    let letters = letters.replace("general", "");
    let has_day = letters.contains(['y', 'd']) || letters.contains("mmm");
    let has_time = letters.contains(['h', 's']);
    match (has_day, has_time) {
        (true, true) => Shows::DayAndTime,
        (true, false) => Shows::Day,
        (false, true) => Shows::Time,
        (false, false) => Shows::Number,
    }
}

/// Days since 1970 of a day of our calendar.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// The day of our calendar, of days since 1970.
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day_of_year - (153 * shifted + 2) / 5 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_shown_as_a_day() {
        let mut formats = Formats::new(false);
        formats.styles = vec![Shows::Number, Shows::Day, Shows::DayAndTime, Shows::Time];
        assert_eq!(formats.shown(1, "45231"), "2023-11-01");
        assert_eq!(formats.shown(1, "1"), "1899-12-31");
        assert_eq!(formats.shown(2, "45231.5"), "2023-11-01 12:00");
        assert_eq!(formats.shown(3, "0.25"), "06:00");
        assert_eq!(formats.shown(0, "45231"), "45231");
        assert_eq!(formats.shown(9, "1500000"), "1500000");
        assert_eq!(Formats { first_day: days_from_civil(1904, 1, 1), ..formats }.shown(1, "0"), "1904-01-01");
    }

    #[test]
    fn a_format_says_what_it_shows() {
        assert_eq!(of_code("dd/mm/yyyy"), Shows::Day);
        assert_eq!(of_code("[$-409]d-mmm-yy;@"), Shows::Day);
        assert_eq!(of_code("#,##0.00\" days\""), Shows::Number);
        assert_eq!(of_code("General"), Shows::Number);
        assert_eq!(of_code("hh:mm"), Shows::Time);
        assert_eq!(of_code("yyyy-mm-dd hh:mm"), Shows::DayAndTime);
        assert_eq!(of_code("[Red]0.0"), Shows::Number);
    }
}
