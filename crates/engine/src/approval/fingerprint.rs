//! What tells one plan from any other.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Error, PlanFile};

/// The SHA-256 of a plan in hexadecimal: of all that it says, but for the answers of whoever agrees to it
/// and for the opinions of `undrift lint`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// Reads one: 64 digits, so that it can be nothing else, such as the path of a file.
    pub fn parse(text: &str) -> Option<Self> {
        let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        (text.len() == 64 && text.bytes().all(is_digit)).then(|| Self(text.to_owned()))
    }

    /// Works out the fingerprint of a plan whose answers are only those that it is made of.
    pub(super) fn of(plan: &PlanFile) -> Result<Self, Error> {
        let text = text(&without_opinions(plan.clone()))?;
        Ok(Self(project::checksum(text.as_bytes())))
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The plan without what a file of it does not give back.
pub(super) fn without_opinions(mut plan: PlanFile) -> PlanFile {
    for script in &mut plan.scripts {
        script.findings.clear();
        for statement in &mut script.statements {
            statement.findings.clear();
        }
    }
    plan
}

/// What is signed, and what is taken the fingerprint of: the same value is always the same text.
pub(super) fn text<T: Serialize>(value: &T) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|cause| Error::Unapproved {
        problem: format!("writing an approval: {cause}"),
        next: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::Fingerprint;

    #[test]
    fn a_fingerprint_is_nothing_else() {
        let digits = "0123456789abcdef".repeat(4);
        assert!(Fingerprint::parse(&digits).is_some());
        for other in [
            digits.to_uppercase(),
            digits.replace('0', "/"),
            format!("{digits}\n"),
            format!("../{}", digits.get(3..).unwrap_or_default()),
            String::new(),
        ] {
            assert_eq!(Fingerprint::parse(&other), None, "{other}");
        }
    }
}
