//! Lengths of time as PostgreSQL's settings have them: `500ms`, `2s`, `15min`.

use std::time::Duration;

use serde::de::{Deserialize as _, Deserializer, Error as _};

/// The units, each in milliseconds.
const UNITS: [(&str, u64); 5] =
    [("ms", 1), ("s", 1000), ("min", 60_000), ("h", 3_600_000), ("d", 86_400_000)];

/// Reads a length of time: a whole number and a unit of `ms`, `s`, `min`, `h`, `d`, or `0`.
///
/// # Errors
/// With what is expected instead.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let milliseconds = number.parse::<u64>().ok().and_then(|number| match unit.trim() {
        "" if number == 0 => Some(0),
        unit => {
            let (_, factor) = UNITS.iter().find(|(name, _)| *name == unit)?;
            number.checked_mul(*factor)
        }
    });
    // The server keeps such settings in 31 bits.
    milliseconds
        .filter(|milliseconds| *milliseconds <= 2_147_483_647)
        .map(Duration::from_millis)
        .ok_or_else(|| format!("{text:?} is no length of time: write 500ms, 2s, 15min or 0"))
}

/// Reads one from a file.
pub(crate) fn written<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Duration>, D::Error> {
    let text = String::deserialize(from)?;
    parse_duration(&text).map(Some).map_err(D::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::parse_duration;

    #[test]
    fn units_are_postgresqls_and_must_be_said() {
        for (text, milliseconds) in
            [("500ms", 500), ("2s", 2000), (" 15 min ", 900_000), ("1h", 3_600_000), ("0", 0)]
        {
            assert_eq!(parse_duration(text).unwrap().as_millis(), milliseconds, "{text}");
        }
        for text in ["", "5", "s", "-1s", "2 sec", "1.5s", "99999999999999999999s", "30d"] {
            assert!(parse_duration(text).is_err(), "{text}");
        }
    }
}
