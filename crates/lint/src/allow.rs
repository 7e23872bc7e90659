//! What the author allows, in comments: `-- undrift: allow(rule): reason`.
//!
//! Before a statement, or on one of its lines, it holds for that statement; before everything else, with
//! an empty line behind it, for the whole file. It needs a reason.

use std::ops::Range;

use script::Script;

use crate::finding::{Finding, Severity};
use crate::rules::RULES;

/// A comment that allows something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Allowance {
    /// The rules it names.
    rules: Vec<String>,
    reason: String,
    /// Where the comment is, in bytes.
    span: Range<usize>,
    /// The statement it holds for; none for the whole file.
    statement: Option<usize>,
}

/// Reads the comments that allow something.
pub(crate) fn allowances(script: &Script<'_>) -> Vec<Allowance> {
    let mut found = Vec::new();
    let text = script.text();
    let mut start = 0;
    let lines = text.split_inclusive('\n').peekable();
    for line in lines {
        let span = start..start + line.trim_end().len();
        start += line.len();
        let Some(at) = line.find("--") else { continue };
        if is_inside(script, span.start + at) {
            continue;
        }
        let Some((rules, reason)) = read(line.get(at + 2..).unwrap_or_default()) else { continue };
        let first = script.statements().first().map_or(text.len(), |first| first.span.start);
        // What stands above an empty line at the head is about all of the file.
        let head = text.get(start..first).unwrap_or_default();
        let mut blocks = head.lines();
        let is_head = start <= first && blocks.any(|line| line.trim().is_empty());
        let is_head = is_head || script.statements().is_empty();
        let statement = if is_head { None } else { statement_of(script, &span, at) };
        found.push(Allowance { rules, reason, span: span.start + at..span.end, statement });
    }
    found
}

/// The statement that ends on the line before the comment, or the next one.
fn statement_of(script: &Script<'_>, line: &Range<usize>, comment: usize) -> Option<usize> {
    let statements = script.statements();
    let on_line = statements.iter().rposition(|statement| {
        statement.span.start < line.start + comment && statement.span.end > line.start
    });
    on_line.or_else(|| script.statement_at(line.end))
}

/// Whether a byte is within a string or a name rather than at a comment.
fn is_inside(script: &Script<'_>, byte: usize) -> bool {
    let Some(statement) = script.statements().iter().find(|it| it.span.contains(&byte)) else {
        return false;
    };
    let within = byte - statement.span.start;
    let tokens = script::Tokens::of(script.statement_text(statement));
    let words = tokens.words();
    (0..words.len()).any(|at| words.skip(at).take(1).span().contains(&within))
}

/// The rules and the reason in the text of a comment.
fn read(comment: &str) -> Option<(Vec<String>, String)> {
    let rest = comment.trim().strip_prefix("undrift:")?.trim_start().strip_prefix("allow")?;
    let (rules, rest) = rest.trim_start().strip_prefix('(')?.split_once(')')?;
    let rules = rules.split(',').map(|rule| rule.trim().to_owned());
    let reason = rest.trim().strip_prefix(':').unwrap_or_default().trim();
    Some((rules.filter(|rule| !rule.is_empty()).collect(), reason.to_owned()))
}

/// Takes away what is allowed, and adds what is wrong with the comments themselves.
pub(crate) fn apply(allowances: &[Allowance], findings: &mut Vec<Finding>) {
    findings.retain(|finding| {
        !allowances.iter().any(|allowance| {
            !allowance.reason.is_empty()
                && allowance.rules.iter().any(|rule| rule == finding.rule)
                && allowance.statement.is_none_or(|statement| statement == finding.statement)
        })
    });
    for allowance in allowances {
        let mut add = |rule, message: String, advice: &str| {
            findings.push(Finding {
                rule,
                severity: Severity::Warning,
                message,
                advice: advice.to_owned(),
                span: allowance.span.clone(),
                statement: allowance.statement.unwrap_or_default(),
                takes_as_long_as: None,
            });
        };
        if allowance.reason.is_empty() {
            add(
                "allow-without-reason",
                "Nothing is allowed without a reason".to_owned(),
                "Write it behind a colon: -- undrift: allow(rule): reason",
            );
        }
        for name in &allowance.rules {
            if !RULES.iter().any(|rule| rule.name == name) {
                add(
                    "unknown-rule",
                    format!("There is no rule {name}"),
                    "`undrift lint --rules` lists all of them.",
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{Context, lint};
    use script::Script;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let findings = lint(&Script::parse(text), &Context::none());
        let rules: Vec<&str> = findings.iter().map(|finding| finding.rule).collect();
        assert_eq!(rules, expected, "{text}");
    }

    #[test]
    fn what_is_allowed_is_not_found() {
        check("TRUNCATE a;", &["destroys-data", "no-lock-timeout"]);
        let head = "-- undrift: allow(no-lock-timeout): set by the role\n\n";
        check(&format!("{head}TRUNCATE a;"), &["destroys-data"]);
        check(&format!("{head}-- undrift: allow(destroys-data): a cache\nTRUNCATE a;"), &[]);
        check(&format!("{head}TRUNCATE a; -- undrift: allow(destroys-data): a cache"), &[]);
        check(
            &format!("{head}TRUNCATE a; -- undrift: allow(destroys-data): a cache\nTRUNCATE b;"),
            &["destroys-data"],
        );
        check(
            &format!("{head}SELECT '\n-- undrift: allow(destroys-data): x'; TRUNCATE a;"),
            &["destroys-data"],
        );
    }

    #[test]
    fn an_allowance_needs_a_reason_and_a_rule_that_there_is() {
        check("-- undrift: allow(destroys-data)\nSELECT 1", &["allow-without-reason"]);
        check("-- undrift: allow(what): because\nSELECT 1", &["unknown-rule"]);
    }
}
