//! What a probe finds, and how it is told.

use lint::Severity;
use serde::Serialize;

/// Something that stands in the way of a deploy, or that it would do harm to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct PreflightFinding {
    /// What sort of finding it is, as `not-owner`.
    pub code: &'static str,
    /// How bad it is: with an error the deploy fails, or something else does for certain.
    pub severity: Severity,
    /// What is the matter.
    pub cause: String,
    /// What happens if the deploy goes on.
    pub effect: String,
    /// What to do: SQL or a line for the shell.
    pub command: String,
}

impl PreflightFinding {
    /// Makes a finding.
    pub(super) fn new(
        code: &'static str,
        severity: Severity,
        cause: impl Into<String>,
        effect: impl Into<String>,
        command: impl Into<String>,
    ) -> Self {
        Self { code, severity, cause: cause.into(), effect: effect.into(), command: command.into() }
    }
}

/// As one line of an error: `not-owner: public.users belongs to app. The migration fails`.
impl std::fmt::Display for PreflightFinding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}. {}", self.code, self.cause, self.effect)
    }
}

/// Seconds as a person says them: `40 s`, `12 min`, `3 h`, `5 days`.
pub(crate) fn duration(seconds: i64) -> String {
    match seconds {
        ..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds / 60),
        7200..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    }
}

/// Bytes as a person says them: `812 MB`, `3.4 GB`.
pub(crate) fn bytes(bytes: u64) -> String {
    const UNITS: [(u64, &str); 3] = [(1 << 40, "TB"), (1 << 30, "GB"), (1 << 20, "MB")];
    for (unit, name) in UNITS {
        if bytes >= unit {
            let tenths = bytes.saturating_mul(10) / unit;
            return if tenths >= 100 {
                format!("{} {name}", tenths / 10)
            } else {
                format!("{}.{} {name}", tenths / 10, tenths % 10)
            };
        }
    }
    format!("{} kB", bytes.div_ceil(1024))
}

#[cfg(test)]
mod tests {
    use super::{bytes, duration};

    #[test]
    fn numbers_are_told_as_people_say_them() {
        assert_eq!(
            [0, 119, 120, 7200, 172_800].map(duration).join(", "),
            "0 s, 119 s, 2 min, 2 h, 2 days"
        );
        assert_eq!([1, 1 << 20, 15 << 30].map(bytes).join(", "), "1 kB, 1.0 MB, 15 GB");
    }
}
