//! Rules on migrations that a project does without: `[lint.allow]` in `undrift.toml`.
//!
//! ```toml
//! [lint.allow]
//! no-lock-timeout = "the role that deploys has one"    # the rule, and why
//! ```

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde::de::IgnoredAny;
use toml::Spanned;

use crate::Error;
use crate::undrift_toml::{Tables, UndriftToml};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Lint {
    #[serde(default)]
    allow: BTreeMap<Spanned<String>, String>,
}

/// Returns the rules that a project does without, and why; `is_rule` knows the names of all.
///
/// # Errors
/// When the file cannot be read, names a rule that there is not, or gives no reason.
pub fn lint_allowances(
    current_directory: &Path,
    is_rule: impl Fn(&str) -> bool,
) -> Result<BTreeMap<String, String>, Error> {
    let Some(file) = UndriftToml::find(current_directory)? else { return Ok(BTreeMap::new()) };
    let tables: Tables<IgnoredAny, IgnoredAny, Lint> = file.parse()?;
    let allow = tables.lint.map(|lint| lint.allow).unwrap_or_default();
    let check = |(rule, reason): (Spanned<String>, String)| {
        let start = rule.span().start;
        let rule = rule.into_inner();
        if !is_rule(&rule) {
            return Err(file.malformed(start, &format!("there is no rule {rule}")));
        }
        if reason.trim().is_empty() {
            return Err(file.malformed(start, "nothing is allowed without a reason"));
        }
        Ok((rule, reason))
    };
    allow.into_iter().map(check).collect()
}

#[cfg(test)]
mod tests {
    use super::lint_allowances;

    #[track_caller]
    fn check(text: &str, expected: Result<&[(&str, &str)], &str>) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("undrift.toml"), text).unwrap();
        let read = lint_allowances(folder.path(), |rule| rule == "a-rule");
        match expected {
            Ok(expected) => {
                let read = read.unwrap();
                let read: Vec<_> = read.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
                assert_eq!(read, expected);
            }
            Err(expected) => {
                let error = read.unwrap_err().to_string();
                assert!(error.contains(expected), "{error}");
            }
        }
    }

    #[test]
    fn a_rule_is_allowed_with_a_reason() {
        check("[lint.allow]\na-rule = \"because\"", Ok(&[("a-rule", "because")]));
        check("[[drift.ignore]]\nschema = \"a\"", Ok(&[]));
        check("[lint.allow]\na-rule = \" \"", Err("line 2: nothing is allowed without a reason"));
        check("[lint.allow]\n\nmine = \"x\"", Err("line 3: there is no rule mine"));
        check("[lint]\nmine = 1", Err("unknown field"));
    }
}
