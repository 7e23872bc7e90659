//! Migrations rewritten into the form that lets a database go on being used.
//!
//! A migration becomes several, for what makes the form safe is that transactions end in between:
//!
//! 1. the migration itself, with constraints `NOT VALID`;
//! 2. each statement with `CONCURRENTLY` in a migration of its own, in its place among the others;
//! 3. at the end, the validation of the constraints, and then what needs them to be valid.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "what is new among actions is to be passed over until it is asked about"
)]

use std::collections::BTreeSet;

use catalog::{Name, quoted};
use script::{Script, Tokens};

use crate::action::{ActionKind, Alteration, Constraint, ConstraintKind};
use crate::context::Context;
use crate::known::Known;
use crate::migration::{Migration, Step};

/// A migration in its safe form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// The scripts, to be run as a migration each; the first one takes the place of the old one.
    pub scripts: Vec<FixedScript>,
    /// The rules that find nothing any more in the statements that were rewritten.
    pub rules: BTreeSet<&'static str>,
}

/// One of the scripts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FixedScript {
    /// What to add to the name of the migration; empty for the first one.
    pub suffix: String,
    /// The script.
    pub text: String,
}

/// A part of what the statements become.
enum Piece {
    /// Goes where it stands.
    Here(String),
    /// Goes where it stands, in a script of its own: what it makes, for the name.
    Alone(String, String),
    /// Goes to the end: looks at rows.
    Validation(String),
    /// Goes behind the validations.
    Finish(String),
}

/// Rewrites a migration; none if nothing can be rewritten, or only by changing what the author said about
/// transactions. What a comment allows stays as it is.
pub fn fix(script: &Script<'_>, context: &Context<'_>) -> Option<Fix> {
    let migration = Migration::new(script, context);
    let controls = |step: &Step| step.action.kind == ActionKind::TransactionControl;
    if !script.is_certain() || migration.steps.iter().any(controls) {
        return None;
    }
    let findings = crate::lint(script, context);
    let mut known = context.known.clone();
    known.begin();
    let mut rewriting =
        Rewriting { migration: &migration, pieces: Vec::new(), rules: BTreeSet::new() };
    let mut end = 0;
    for (at, statement) in script.statements().iter().enumerate() {
        let gap = script.text().get(end..statement.span.start).unwrap_or_default();
        let gap = gap.trim_start().strip_prefix(';').unwrap_or(gap);
        end = statement.span.end;
        let found = findings.iter().filter(|finding| finding.statement == at);
        let found: BTreeSet<&'static str> = found.map(|finding| finding.rule).collect();
        rewriting.statement(at, gap, &found, &known);
        for step in migration.steps.iter().filter(|step| step.statement == at) {
            known.apply(&step.action);
        }
    }
    let rules = rewriting.rules;
    (!rules.is_empty()).then(|| Fix { scripts: scripts(script, rewriting.pieces), rules })
}

struct Rewriting<'a> {
    migration: &'a Migration<'a>,
    pieces: Vec<Piece>,
    rules: BTreeSet<&'static str>,
}

impl Rewriting<'_> {
    /// Adds a statement, rewritten where a rule found something that can be.
    fn statement(&mut self, at: usize, gap: &str, found: &BTreeSet<&'static str>, known: &Known) {
        let script = self.migration.script;
        let Some(statement) = script.statements().get(at) else { return };
        let text = script.statement_text(statement);
        let steps: Vec<&Step> =
            self.migration.steps.iter().filter(|step| step.statement == at).collect();
        let tokens = Tokens::of(text);
        let insert = |keywords: &[&str]| {
            let words = tokens.words();
            let rest = words.behind(keywords)?;
            let place = rest.span().start;
            Some(format!("{}CONCURRENTLY {}", text.get(..place)?, text.get(place..)?))
        };
        // What stands in a block is left to who wrote it.
        let is_block = tokens.words().starts(&["DO"]);
        let first = steps.first().filter(|_| !is_block);
        let rewritten = match first.map(|step| &step.action.kind) {
            Some(ActionKind::CreateIndex(index))
                if found.contains("index-blocks-writes") && !known.is_partitioned(&index.table) =>
            {
                let name = index.name.clone().unwrap_or_else(|| "index".to_owned());
                insert(&["INDEX"]).map(|text| ("index-blocks-writes", name, text))
            }
            Some(ActionKind::DropIndex { indexes, .. })
                if found.contains("index-drop-blocks")
                    && indexes.len() == 1
                    && !tokens.words().mentions(&["CASCADE"]) =>
            {
                let name = indexes.first().map(|index| format!("drop_{}", index.name));
                let name = name.unwrap_or_default();
                insert(&["INDEX"]).map(|text| ("index-drop-blocks", name, text))
            }
            Some(ActionKind::AlterTable(..)) => {
                self.alter_table(at, gap, found, known, &steps);
                return;
            }
            _ => None,
        };
        match rewritten {
            Some((rule, name, text)) => {
                self.rules.insert(rule);
                self.pieces.push(Piece::Alone(name, format!("{gap}{text};")));
            }
            None => self.pieces.push(Piece::Here(format!("{gap}{text};"))),
        }
    }

    /// Takes `ALTER TABLE` apart: what is safe stays together, the rest follows.
    fn alter_table(
        &mut self,
        at: usize,
        gap: &str,
        found: &BTreeSet<&'static str>,
        known: &Known,
        steps: &[&Step],
    ) {
        let script = self.migration.script;
        let whole = self.migration.span(at);
        let first = steps.first().map_or(whole.end, |step| step.action.span.start);
        let head = script.text().get(whole.start..first).unwrap_or_default();
        let (mut stays, mut follows) = (Vec::new(), Vec::new());
        for step in steps {
            let part = script.text().get(step.action.span.clone()).unwrap_or_default();
            match self.part(step, head, part, found, known) {
                Some((rule, pieces)) => {
                    self.rules.insert(rule);
                    follows.extend(pieces);
                }
                None => stays.push(part),
            }
        }
        if follows.is_empty() {
            let text = script.text().get(whole).unwrap_or_default();
            self.pieces.push(Piece::Here(format!("{gap}{text};")));
            return;
        }
        let gap = if stays.is_empty() {
            gap
        } else {
            self.pieces.push(Piece::Here(format!("{gap}{head}{};", stays.join(",\n"))));
            "\n"
        };
        for (number, piece) in follows.into_iter().enumerate() {
            let gap = if number == 0 { gap } else { "\n" };
            self.pieces.push(match piece {
                Piece::Here(text) => Piece::Here(format!("{gap}{text};")),
                Piece::Alone(name, text) => Piece::Alone(name, format!("{gap}{text};")),
                Piece::Validation(text) => Piece::Validation(format!("{text};")),
                Piece::Finish(text) => Piece::Finish(format!("{text};")),
            });
        }
    }

    /// What a part of `ALTER TABLE` becomes.
    fn part(
        &self,
        step: &Step,
        head: &str,
        part: &str,
        found: &BTreeSet<&'static str>,
        known: &Known,
    ) -> Option<(&'static str, Vec<Piece>)> {
        let ActionKind::AlterTable(table, alteration) = &step.action.kind else { return None };
        if step.effect.locks.is_empty() || self.changes_later(table, step) {
            return None;
        }
        match alteration {
            Alteration::AddConstraint(constraint) => {
                let rule = match &constraint.kind {
                    ConstraintKind::Check(_) => "check-scan",
                    ConstraintKind::ForeignKey { .. } if known.is_partitioned(table) => {
                        return None;
                    }
                    ConstraintKind::ForeignKey { .. } => "foreign-key-scan",
                    ConstraintKind::Key { .. } => {
                        return key(constraint, head, part, found, table, known);
                    }
                    ConstraintKind::Exclude | ConstraintKind::NotNull(_) => return None,
                };
                let name = quoted(constraint.name.as_ref()?);
                let pieces = vec![
                    Piece::Here(format!("{head}{part} NOT VALID")),
                    Piece::Validation(format!("{head}VALIDATE CONSTRAINT {name}")),
                ];
                (found.contains(rule) && !constraint.not_valid).then_some((rule, pieces))
            }
            Alteration::SetNotNull(column) if found.contains("not-null-scan") => {
                let name = quoted(&short(&format!("{}_{column}_not_null", table.name)));
                let column = quoted(column);
                let pieces = vec![
                    Piece::Here(format!(
                        "{head}ADD CONSTRAINT {name} CHECK ({column} IS NOT NULL) NOT VALID"
                    )),
                    Piece::Validation(format!("{head}VALIDATE CONSTRAINT {name}")),
                    Piece::Finish(format!("{head}{part}")),
                    Piece::Finish(format!("{head}DROP CONSTRAINT {name}")),
                ];
                Some(("not-null-scan", pieces))
            }
            _ => None,
        }
    }

    /// Whether a later statement takes away or renames what would be looked for at the end.
    fn changes_later(&self, table: &Name, than: &Step) -> bool {
        let later = self.migration.steps.iter().filter(|step| step.statement > than.statement);
        later.into_iter().any(|step| match &step.action.kind {
            ActionKind::DropTable { tables, .. } => tables.contains(table),
            ActionKind::AlterTable(on, alteration) => {
                on == table
                    && matches!(
                        alteration,
                        Alteration::Rename(_)
                            | Alteration::SetSchema(_)
                            | Alteration::RenameColumn { .. }
                            | Alteration::DropColumn { .. }
                            | Alteration::DropConstraint(_)
                            | Alteration::DropNotNull(_)
                            | Alteration::Other
                    )
            }
            ActionKind::DropOther { .. } => true,
            _ => false,
        })
    }
}

/// A key with its index built beforehand.
fn key(
    constraint: &Constraint,
    head: &str,
    part: &str,
    found: &BTreeSet<&'static str>,
    table: &Name,
    known: &Known,
) -> Option<(&'static str, Vec<Piece>)> {
    const RULE: &str = "unique-blocks";
    let ConstraintKind::Key { primary, columns, using_index: None } = &constraint.kind else {
        return None;
    };
    // The columns of a primary key would have to be looked at for NULL.
    let is_plain = !primary || columns.iter().all(|column| known.is_not_null(table, column));
    if !found.contains(RULE) || known.is_partitioned(table) || !is_plain {
        return None;
    }
    let name = constraint.name.as_ref()?;
    let tokens = Tokens::of(part);
    let rest = tokens.words().behind(&[if *primary { "KEY" } else { "UNIQUE" }])?;
    let (inside, behind) = rest.parenthesised()?;
    if !behind.is_empty() {
        return None;
    }
    let kind = if *primary { "PRIMARY KEY" } else { "UNIQUE" };
    let tokens = Tokens::of(head);
    let written = tokens.words().skip(2).maybe(&["IF", "EXISTS"]).maybe(&["ONLY"]).text();
    let quoted = quoted(name);
    let index =
        format!("CREATE UNIQUE INDEX CONCURRENTLY {quoted} ON {written} ({})", inside.text());
    let pieces = vec![
        Piece::Alone(name.clone(), index),
        Piece::Here(format!("{head}ADD CONSTRAINT {quoted} {kind} USING INDEX {quoted}")),
    ];
    Some((RULE, pieces))
}

/// Puts the pieces into scripts.
fn scripts(script: &Script<'_>, pieces: Vec<Piece>) -> Vec<FixedScript> {
    let mut scripts: Vec<FixedScript> = Vec::new();
    let (mut here, mut suffix) = (String::new(), String::new());
    let (mut validations, mut finishes) = (Vec::new(), Vec::new());
    let settings = settings(script);
    let flush = |here: &mut String, suffix: &str, scripts: &mut Vec<FixedScript>| {
        // A setting alone is no script: it is repeated where there is something to do.
        let text = std::mem::take(here);
        let parsed = Script::parse(&text);
        if parsed.statements().iter().all(is_timeout(&parsed)) {
            return;
        }
        let repeats = if scripts.is_empty() || settings.is_empty() {
            String::new()
        } else {
            format!("{settings}\n")
        };
        let text = format!("{repeats}{}\n", text.trim());
        scripts.push(FixedScript { suffix: suffix.to_owned(), text });
    };
    for piece in pieces {
        match piece {
            Piece::Here(text) => here.push_str(&text),
            Piece::Alone(name, text) => {
                flush(&mut here, &suffix, &mut scripts);
                let text = format!("{}\n", text.trim());
                scripts.push(FixedScript { suffix: slug(&name), text });
                suffix = format!("after_{}", slug(&name));
            }
            Piece::Validation(text) => validations.push(text),
            Piece::Finish(text) => finishes.push(text),
        }
    }
    flush(&mut here, &suffix, &mut scripts);
    validations.append(&mut finishes);
    if !validations.is_empty() {
        let mut text = validations.join("\n");
        flush(&mut text, "validate", &mut scripts);
    }
    if let Some(first) = scripts.first_mut() {
        first.suffix.clear();
    }
    scripts
}

/// The timeouts that a script sets, to be repeated.
fn settings(script: &Script<'_>) -> String {
    let timeouts = script.statements().iter().filter(|statement| is_timeout(script)(statement));
    timeouts.fold(String::new(), |mut text, statement| {
        text.push_str(script.statement_text(statement));
        text.push_str(";\n");
        text
    })
}

fn is_timeout(script: &Script<'_>) -> impl Fn(&script::Statement) -> bool {
    move |statement| {
        let tokens = Tokens::of(script.statement_text(statement));
        let words = tokens.words();
        let name = words.skip(1).maybe(&["LOCAL"]).maybe(&["SESSION"]).word(0).to_lowercase();
        words.starts(&["SET"]) && name.ends_with("_timeout")
    }
}

/// A name as a folder may have it.
fn slug(name: &str) -> String {
    let keep = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' };
    name.chars().map(keep).take(48).collect()
}

/// A name that PostgreSQL does not cut off.
fn short(name: &str) -> String {
    let mut end = name.len().min(63);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    name.get(..end).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(before: &str, text: &str, expected: &[(&str, &str)]) {
        let mut known = Known::default();
        known.learn(&Script::parse(before), "public");
        let context = Context { known, ..Context::none() };
        let fixed = fix(&Script::parse(text), &context).unwrap();
        let scripts: Vec<(&str, &str)> = fixed
            .scripts
            .iter()
            .map(|script| (script.suffix.as_str(), script.text.as_str()))
            .collect();
        assert_eq!(scripts, expected);
        // What was rewritten is not found again.
        let mut known = context.known;
        for script in &fixed.scripts {
            let script = Script::parse(&script.text);
            let context = Context { known: known.clone(), ..Context::none() };
            for finding in crate::lint(&script, &context) {
                assert!(!fixed.rules.contains(finding.rule), "{finding:?}\n{}", script.text());
            }
            known.learn(&script, "public");
        }
    }

    #[test]
    fn an_index_gets_a_migration_of_its_own() {
        check(
            "",
            "-- one\nCREATE INDEX \"I\" ON a (b);\n",
            &[("", "-- one\nCREATE INDEX CONCURRENTLY \"I\" ON a (b);\n")],
        );
        check(
            "",
            "SET lock_timeout = '1s';\nALTER TABLE a ADD b int;\n-- x\nCREATE UNIQUE INDEX i ON a (b);\n\
             ALTER TABLE a ADD c int;",
            &[
                ("", "SET lock_timeout = '1s';\nALTER TABLE a ADD b int;\n"),
                ("i", "-- x\nCREATE UNIQUE INDEX CONCURRENTLY i ON a (b);\n"),
                ("after_i", "SET lock_timeout = '1s';\n\nALTER TABLE a ADD c int;\n"),
            ],
        );
    }

    #[test]
    fn constraints_are_validated_in_the_end() {
        check(
            "",
            "ALTER TABLE a ADD c int, ADD CONSTRAINT x CHECK (c > 1), ADD CONSTRAINT \"Y\" \
             FOREIGN KEY (c) REFERENCES b (d) ON DELETE SET NULL;\nALTER TABLE a ALTER d SET NOT NULL;",
            &[
                (
                    "",
                    "ALTER TABLE a ADD c int;\n\
                     ALTER TABLE a ADD CONSTRAINT x CHECK (c > 1) NOT VALID;\n\
                     ALTER TABLE a ADD CONSTRAINT \"Y\" FOREIGN KEY (c) REFERENCES b (d) ON DELETE SET NULL NOT VALID;\n\
                     ALTER TABLE a ADD CONSTRAINT \"a_d_not_null\" CHECK (\"d\" IS NOT NULL) NOT VALID;\n",
                ),
                (
                    "validate",
                    "ALTER TABLE a VALIDATE CONSTRAINT \"x\";\n\
                     ALTER TABLE a VALIDATE CONSTRAINT \"Y\";\n\
                     ALTER TABLE a VALIDATE CONSTRAINT \"a_d_not_null\";\n\
                     ALTER TABLE a ALTER d SET NOT NULL;\n\
                     ALTER TABLE a DROP CONSTRAINT \"a_d_not_null\";\n",
                ),
            ],
        );
    }

    #[test]
    fn keys_take_an_index_that_is_there() {
        check(
            "CREATE TABLE a (b int NOT NULL)",
            "ALTER TABLE a ADD CONSTRAINT a_pkey PRIMARY KEY (b), ADD CONSTRAINT u UNIQUE (b, \"C\");",
            &[
                ("", "CREATE UNIQUE INDEX CONCURRENTLY \"a_pkey\" ON a (b);\n"),
                (
                    "after_a_pkey",
                    "ALTER TABLE a ADD CONSTRAINT \"a_pkey\" PRIMARY KEY USING INDEX \"a_pkey\";\n",
                ),
                ("u", "CREATE UNIQUE INDEX CONCURRENTLY \"u\" ON a (b, \"C\");\n"),
                ("after_u", "ALTER TABLE a ADD CONSTRAINT \"u\" UNIQUE USING INDEX \"u\";\n"),
            ],
        );
    }

    #[test]
    fn what_is_allowed_or_cannot_be_stays() {
        for text in [
            "-- undrift: allow(index-blocks-writes): small\nCREATE INDEX i ON a (b);",
            "ALTER TABLE a ADD CHECK (b > 1);",
            "ALTER TABLE a ADD CONSTRAINT x CHECK (b > 1); DROP TABLE a;",
            "BEGIN; CREATE INDEX i ON a (b); COMMIT;",
            "DO $$ BEGIN CREATE INDEX i ON a (b); END $$; DO $$ BEGIN ALTER TABLE a ALTER b SET NOT NULL; END $$",
            "CREATE TABLE p (a int) PARTITION BY RANGE (a); CREATE INDEX i ON p (a);",
            "ALTER TABLE a ADD CONSTRAINT k PRIMARY KEY (b);",
        ] {
            assert_eq!(fix(&Script::parse(text), &Context::none()), None, "{text}");
        }
    }
}
