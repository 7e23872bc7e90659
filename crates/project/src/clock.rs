//! Times as a person reads them.

use std::time::SystemTime;

/// Returns a time to the minute, with its zone: `2026-12-01 04:49 UTC`.
pub fn utc(time: SystemTime) -> String {
    let time = jiff::Timestamp::try_from(time).unwrap_or_default();
    time.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::utc;

    #[test]
    fn a_time_is_told_with_its_zone() {
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(951_782_399);
        assert_eq!(utc(time), "2000-02-28 23:59 UTC");
    }
}
