//! The times at which RDS maintains and backs up by itself.

use lint::Severity;

use super::{Judged, Probe, Surroundings, nothing};
use crate::preflight::finding::{PreflightFinding, duration};
use crate::preflight::round::Answer;

pub(super) const PROBE: Probe = Probe {
    name: "windows",
    about: "maintenance and backup windows that are open or near",
    question: nothing,
    judge,
};

const DAY: i64 = 86_400;
const WEEK: i64 = 7 * DAY;

/// This near is worth telling, in seconds.
const NEAR: i64 = 1800;

fn judge(around: &Surroundings<'_>, _: &Answer) -> Judged {
    let Some(instance) = around.instance else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    if instance.status != "available" {
        found.push(PreflightFinding::new(
            "instance-status",
            if instance.status == "storage-full" { Severity::Error } else { Severity::Warning },
            format!("instance {} is {}", instance.identifier, instance.status),
            "RDS works on it, and may restart it meanwhile",
            format!(
                "aws rds wait db-instance-available --db-instance-identifier {}",
                instance.identifier
            ),
        ));
    }
    let windows = [
        (
            "maintenance-window",
            "maintenance",
            &instance.maintenance_window,
            "RDS may restart the instance in it",
        ),
        ("backup-window", "backup", &instance.backup_window, "Writing may be slow in it"),
    ];
    for (code, what, window, effect) in windows {
        let Some(window) = window else { continue };
        let Some(until) = until(window, around.now).filter(|until| *until <= NEAR) else {
            continue;
        };
        let when =
            if until == 0 { "is open".to_owned() } else { format!("opens in {}", duration(until)) };
        found.push(PreflightFinding::new(
            code,
            Severity::Warning,
            format!("the {what} window ({window} UTC) {when}"),
            effect,
            format!(
                "aws rds describe-pending-maintenance-actions --filters Name=db-instance-id,Values={}",
                instance.identifier
            ),
        ));
    }
    Ok(found)
}

/// The seconds until a window opens: none while it is open. A window is `07:00-07:30`, or
/// `sun:05:00-sun:06:00`; `now` is in seconds since 1970.
fn until(window: &str, now: i64) -> Option<i64> {
    let (from, to) = window.split_once('-')?;
    let (from, period) = second(from)?;
    let (to, _) = second(to)?;
    // The first of January 1970 was a Thursday.
    let now = (now + 3 * DAY).rem_euclid(period);
    let length = (to - from).rem_euclid(period);
    let since = (now - from).rem_euclid(period);
    Some(if since < length { 0 } else { period - since })
}

/// The second of the day, or of the week from Monday on, and how many there are.
fn second(text: &str) -> Option<(i64, i64)> {
    const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let parts: Vec<&str> = text.trim().split(':').collect();
    let (day, hour, minute) = match parts.as_slice() {
        [day, hour, minute] => (Some(*day), hour, minute),
        [hour, minute] => (None, hour, minute),
        _ => return None,
    };
    let second = hour.parse::<i64>().ok()? * 3600 + minute.parse::<i64>().ok()? * 60;
    let Some(day) = day else { return Some((second, DAY)) };
    let day = DAYS.iter().position(|name| day.eq_ignore_ascii_case(name))?;
    Some((i64::try_from(day).ok()? * DAY + second, WEEK))
}

#[cfg(test)]
mod tests {
    use super::until;

    #[test]
    fn windows_open_by_the_clock() {
        // 2026-12-01 is a Tuesday; this is its midnight.
        let midnight = 1_796_083_200;
        let check = |window, hours: i64, minutes: i64| {
            until(window, midnight + hours * 3600 + minutes * 60)
        };
        assert_eq!(check("07:00-07:30", 7, 10), Some(0));
        assert_eq!(check("07:00-07:30", 6, 45), Some(900));
        assert_eq!(check("23:45-00:15", 0, 5), Some(0));
        assert_eq!(check("tue:05:00-tue:06:00", 5, 0), Some(0));
        assert_eq!(check("tue:05:00-tue:06:00", 6, 0), Some(7 * 86_400 - 3600));
        assert_eq!(check("sun:23:30-mon:00:30", 0, 0), Some(5 * 86_400 + 84_600));
        assert_eq!(check("whenever", 0, 0), None);
    }
}
