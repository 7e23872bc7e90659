//! Checks as Markdown: a comment for a pull request, with what the migrations do folded in.

use std::fmt::Write as _;

use engine::{Check, CheckState, Checked, Issue, PlannedScript, Severity, Work};

use super::count;

/// How long a comment may be: GitHub refuses more than 65,536 characters, GitLab far more.
const LONGEST: usize = 60_000;

/// The comment.
pub(crate) fn comment(check: &Check, strict: bool) -> String {
    let passes = check.passes(strict);
    let mut page = format!(
        "<!-- undrift check -->\n## {} undrift check: {}\n\n{}\n",
        if passes { "✅" } else { "❌" },
        if passes { "passes" } else { "does not pass" },
        about(check)
    );
    page.push_str("\n| | check | |\n|---|---|---|\n");
    for checked in &check.checks {
        let (sign, words) = outcome(checked, strict);
        let _ = writeln!(page, "| {sign} | {} | {} |", checked.asks, cell(&words));
    }
    let mut rest = Vec::new();
    for severity in [Severity::Error, Severity::Warning, Severity::Note] {
        let issues: Vec<&Issue> = check.issues().filter(|it| it.severity == severity).collect();
        if issues.is_empty() {
            continue;
        }
        let lines: String = issues.iter().map(|issue| item(issue)).collect();
        match severity {
            Severity::Error => rest.push(format!("\n### Errors\n\n{lines}")),
            Severity::Warning => rest.push(format!("\n### Warnings\n\n{lines}")),
            Severity::Note => rest.push(folded(&count(issues.len(), "note"), &lines)),
        }
    }
    rest.extend(check.scripts.iter().map(script));
    for part in rest {
        if page.len() + part.len() > LONGEST {
            page.push_str("\nThere is more than a comment holds: `undrift check` shows it.\n");
            break;
        }
        page.push_str(&part);
    }
    page
}

fn about(check: &Check) -> String {
    let mut about =
        format!("{} in `{}`", count(check.migrations_found, "migration"), check.migrations_folder);
    match &check.base {
        Some(base) => {
            let _ = write!(about, ", {} judged; compared with `{}`", check.judged.len(), base.name);
        }
        None => {
            let _ = write!(about, ", {} judged", check.judged.len());
        }
    }
    match &check.database {
        Some(database) => {
            let _ = write!(
                about,
                "; asked: database `{}` at `{}`.",
                database.database, database.address
            );
        }
        None => about.push_str("; no database was asked."),
    }
    about
}

/// What came of a check, as a sign and in words.
fn outcome(checked: &Checked, strict: bool) -> (&'static str, String) {
    match (&checked.state, checked.worst()) {
        (CheckState::Skipped { reason }, _) => ("➖", reason.clone()),
        (CheckState::Unknown { reason }, _) => ("❓", format!("cannot be told: {reason}")),
        (CheckState::Done, None) => ("✅", "yes".to_owned()),
        (CheckState::Done, Some(worst)) => {
            let sign = match worst {
                Severity::Error => "❌",
                Severity::Warning if strict => "❌",
                Severity::Warning => "⚠️",
                Severity::Note => "✅",
            };
            let number =
                |severity| checked.issues.iter().filter(|it| it.severity == severity).count();
            let words = [
                (number(Severity::Error), "error"),
                (number(Severity::Warning), "warning"),
                (number(Severity::Note), "note"),
            ];
            let words = words.into_iter().filter(|(number, _)| *number > 0);
            (sign, words.map(|(number, what)| count(number, what)).collect::<Vec<_>>().join(", "))
        }
    }
}

fn item(issue: &Issue) -> String {
    let place = match (&issue.path, issue.place) {
        (Some(path), Some(place)) => format!(" · {}", code(&format!("{path}:{}", place.line))),
        (Some(path), None) => format!(" · {}", code(path)),
        (None, _) => String::new(),
    };
    let advice = match issue.advice.as_str() {
        "" => String::new(),
        advice => format!("<br>→ {}", plain(advice)),
    };
    format!("- **{}**{place}<br>{}{advice}\n", issue.code, plain(&issue.message))
}

/// What a migration does: its statements, and what is known of each.
fn script(script: &PlannedScript) -> String {
    let name = script.migration.as_deref().unwrap_or("in one transaction");
    let mut inner = String::new();
    for statement in &script.statements {
        let _ = write!(inner, "\n{}\n", block(&statement.sql));
        let locks =
            statement.locks.iter().map(|lock| format!("{} on {}", lock.mode, lock.relation));
        let work = match statement.work {
            Some(Work::Rewrite) => Some("writes the table anew".to_owned()),
            Some(Work::Scan) => Some("reads the whole table".to_owned()),
            Some(Work::Index) => Some("builds an index".to_owned()),
            Some(Work::Unknown | Work::Nothing) | None => None,
        };
        let apart = (!statement.in_transaction).then(|| "outside a transaction".to_owned());
        let data = statement.data.iter().map(ToString::to_string);
        for fact in locks.chain(work).chain(apart).chain(data) {
            let _ = writeln!(inner, "- {}", plain(&fact));
        }
    }
    folded(&format!("{} ({})", code(name), count(script.statements.len(), "statement")), &inner)
}

fn folded(title: &str, inner: &str) -> String {
    format!("\n<details>\n<summary>{title}</summary>\n\n{}\n\n</details>\n", inner.trim())
}

/// SQL between fences that it does not hold itself.
fn block(sql: &str) -> String {
    let longest = sql.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}sql\n{sql}\n{fence}")
}

/// A name as code, in HTML so that it may hold anything.
fn code(text: &str) -> String {
    format!("<code>{}</code>", plain(text))
}

/// A text that is to be read as it is: nothing in it is taken for Markdown, HTML or a mention.
fn plain(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\n' => out.push_str("<br>"),
            '\r' => {}
            // Entities are understood in HTML, too, where backslashes are not.
            '@' | '#' | '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' => {
                let _ = write!(out, "&#{};", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out
}

/// A text for a cell of a table.
fn cell(text: &str) -> String {
    plain(text.lines().next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::{block, plain};

    #[test]
    fn nothing_is_taken_for_markdown() {
        assert_eq!(
            plain("<b> a_b |x| @me #1\nc"),
            "&lt;b&gt; a&#95;b &#124;x&#124; &#64;me &#35;1<br>c"
        );
        assert_eq!(block("SELECT '````'"), "`````sql\nSELECT '````'\n`````");
        assert_eq!(block("SELECT 1"), "```sql\nSELECT 1\n```");
    }
}
