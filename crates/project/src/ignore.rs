//! Drift that is meant: `[[drift.ignore]]` in `undrift.toml`.
//!
//! ```toml
//! [[drift.ignore]]
//! object = "public.audit_*"     # the name with its schema; * is any text
//! kind = "table"                # as undrift names it; all that is given must hold
//! schema = "cron"
//! owner = "rds_superuser"
//! reason = "made by the audit extension of the platform"
//! ```

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use glob::Pattern;
use serde::Deserialize;
use serde::de::IgnoredAny;
use toml::Spanned;

use crate::Error;
use crate::undrift_toml::{FILE, Tables, UndriftToml};

/// An object of a database, as the rules see it.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// What undrift calls its kind: `materialized view`.
    pub kind: &'a str,
    /// Its id as a person reads it: `public.users`, `audit on public.users`.
    pub id: &'a str,
    /// The role that owns it, if that is known.
    pub owner: Option<&'a str>,
}

impl Subject<'_> {
    /// The schema it is in, or that of what it is on; none for what is in none.
    fn schema(&self) -> Option<&str> {
        let of = [" on ", " of "].into_iter().find_map(|word| self.id.rsplit_once(word));
        let named = of.map_or(self.id, |(_, other)| other);
        if self.kind == "schema" {
            return Some(named);
        }
        let (schema, _) = named.split_once('.')?;
        schema.rsplit(' ').next()
    }
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IgnoreRule {
    object: Option<Pattern>,
    kind: Option<String>,
    schema: Option<Pattern>,
    owner: Option<Pattern>,
    /// Why, in the words of whoever wrote the rule.
    pub reason: Option<String>,
    /// Where it stands, as `undrift.toml:3`.
    pub place: String,
}

impl IgnoreRule {
    /// Whether an object is covered by it.
    pub fn covers(&self, subject: Subject<'_>) -> bool {
        let Self { object, kind, schema, owner, reason: _, place: _ } = self;
        let is = |pattern: &Option<Pattern>, text: Option<&str>| {
            pattern.as_ref().is_none_or(|pattern| text.is_some_and(|text| pattern.matches(text)))
        };
        is(object, Some(subject.id))
            && kind.as_ref().is_none_or(|kind| kind == subject.kind)
            && is(schema, subject.schema())
            && is(owner, subject.owner)
    }
}

/// The rules of a project.
#[derive(Debug, Clone, Default)]
pub struct IgnoreRules(Vec<IgnoreRule>);

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Drift {
    #[serde(default)]
    ignore: Vec<Spanned<Written>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    object: Option<Spanned<String>>,
    kind: Option<String>,
    schema: Option<Spanned<String>>,
    owner: Option<Spanned<String>>,
    reason: Option<String>,
}

impl IgnoreRules {
    /// Reads the rules from `undrift.toml`; without it there are none.
    ///
    /// # Errors
    /// When the file cannot be read or says something that it cannot say.
    pub fn read(current_directory: &Path) -> Result<Self, Error> {
        let Some(file) = UndriftToml::find(current_directory)? else { return Ok(Self::default()) };
        let tables: Tables<IgnoredAny, Drift> = file.parse()?;
        let written = tables.drift.map(|drift| drift.ignore).unwrap_or_default();
        let pattern = |text: Option<Spanned<String>>| {
            let compile = |text: Spanned<String>| {
                Pattern::new(text.get_ref())
                    .map_err(|error| file.malformed(text.span().start, error.msg))
            };
            text.map(compile).transpose()
        };
        let rule = |rule: Spanned<Written>| {
            let start = rule.span().start;
            let Written { object, kind, schema, owner, reason } = rule.into_inner();
            if object.is_none() && kind.is_none() && schema.is_none() && owner.is_none() {
                let problem = "a rule needs one of object, kind, schema, owner";
                return Err(file.malformed(start, problem));
            }
            let (object, schema, owner) = (pattern(object)?, pattern(schema)?, pattern(owner)?);
            Ok(IgnoreRule { object, kind, schema, owner, reason, place: file.line(start) })
        };
        Ok(Self(written.into_iter().map(rule).collect::<Result<_, Error>>()?))
    }

    /// The first rule that covers an object.
    pub fn covering(&self, subject: Subject<'_>) -> Option<&IgnoreRule> {
        self.0.iter().find(|rule| rule.covers(subject))
    }

    /// Whether a rule asks who owns an object.
    pub fn ask_for_owners(&self) -> bool {
        self.0.iter().any(|rule| rule.owner.is_some())
    }
}

/// Adds a rule for one object to `undrift.toml`, the one in use or a new one in this folder; returns
/// the file.
///
/// # Errors
/// When the file cannot be read or written.
pub fn add_ignore_rule(
    current_directory: &Path,
    subject: Subject<'_>,
    reason: Option<&str>,
) -> Result<PathBuf, Error> {
    let path = match UndriftToml::find(current_directory)? {
        Some(file) => file.path,
        None => current_directory.join(FILE),
    };
    let mut text = if path.is_file() { crate::text::read(&path)? } else { String::new() };
    if !text.is_empty() {
        text.push_str(if text.ends_with('\n') { "\n" } else { "\n\n" });
    }
    // A string of JSON is one of TOML.
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let object = quoted(&Pattern::escape(subject.id));
    let _ = write!(text, "[[drift.ignore]]\nobject = {object}\nkind = {}\n", quoted(subject.kind));
    if let Some(reason) = reason {
        let _ = writeln!(text, "reason = {}", quoted(reason));
    }
    std::fs::write(&path, text).map_err(|cause| Error::unwritable(&path, cause))?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::{IgnoreRules, Subject, add_ignore_rule};

    fn rules(file: &str) -> Result<IgnoreRules, crate::Error> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("undrift.toml"), file).unwrap();
        IgnoreRules::read(folder.path())
    }

    fn subject<'a>(kind: &'a str, id: &'a str) -> Subject<'a> {
        Subject { kind, id, owner: Some("app") }
    }

    #[test]
    fn all_that_a_rule_says_must_hold() {
        let rules = rules(
            "[environments.a]\nurl = \"postgres://h/d\"\n\
             [[drift.ignore]]\nobject = \"public.audit_*\"\nkind = \"table\"\n\
             [[drift.ignore]]\nschema = \"cron\"\nreason = \"jobs\"\n\
             [[drift.ignore]]\nowner = \"rds*\"\n",
        )
        .unwrap();
        let covering = |subject| rules.covering(subject).map(|rule| rule.place.clone());
        assert_eq!(
            covering(subject("table", "public.audit_log")).as_deref(),
            Some("undrift.toml:3")
        );
        assert_eq!(covering(subject("view", "public.audit_log")), None);
        assert_eq!(covering(subject("table", "public.users")), None);
        for (kind, id) in [
            ("function", "cron.run(text)"),
            ("trigger", "t on cron.job"),
            ("privilege", "app on table cron.job"),
            ("owner", "app of table cron.job"),
            ("schema", "cron"),
        ] {
            assert_eq!(covering(subject(kind, id)).as_deref(), Some("undrift.toml:6"), "{id}");
        }
        let owned = Subject { owner: Some("rdsadmin"), ..subject("table", "public.x") };
        assert!(covering(owned).is_some());
        assert!(rules.ask_for_owners());
    }

    #[test]
    fn a_rule_that_is_added_covers_that_object_only() {
        let folder = tempfile::tempdir().unwrap();
        let odd = subject("table", "public.a*[b]\"c");
        for (object, reason) in [(odd, Some("made by\n\"them\"")), (subject("view", "s.v"), None)] {
            add_ignore_rule(folder.path(), object, reason).unwrap();
        }
        let rules = IgnoreRules::read(folder.path()).unwrap();
        let rule = rules.covering(odd).unwrap();
        assert_eq!(rule.reason.as_deref(), Some("made by\n\"them\""));
        assert!(rules.covering(subject("view", "s.v")).is_some());
        assert!(rules.covering(subject("table", "public.axb\"c")).is_none());
    }

    #[test]
    fn a_rule_with_a_mistake_is_refused() {
        for file in [
            "[[drift.ignore]]\nreason = \"all of it\"\n",
            "[[drift.ignore]]\nobjct = \"x\"\n",
            "[[drift.ignore]]\nobject = \"[\"\n",
            "[drift]\nignored = []\n",
            "[drfit]\n",
        ] {
            assert!(rules(file).is_err(), "{file}");
        }
    }
}
