//! `lint`: what migrations do to a database that is in use, and what to write instead.
//!
//! The rules are the crate `lint`'s; here it is found out which files are meant, what the migrations before
//! them make, and how large the tables are.

mod fix;
mod target;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::{Path, PathBuf};

use catalog::Name;
use lint::{Context, Known, TableSize};
use project::{Migration, Project};
use script::Script;
use serde::Serialize;

pub use fix::Fixed;
pub(crate) use fix::{Safe, SafeForm, named, write};
pub use lint::{Rule, Severity};

use crate::{Error, Progress, Settings, schema};
use target::Targets;
pub(crate) use target::sizes;

/// Which files are looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LintTarget {
    /// All migrations.
    All,
    /// These scripts; of a folder, all `migration.sql` in it.
    Files(Vec<PathBuf>),
    /// A script that is not in a file, such as that of a plan.
    Text(String),
    /// The migrations that the project's database has not; the size of its tables counts.
    Pending,
    /// The migrations that were added or changed since a commit, with those that are not committed.
    Base(String),
}

/// What `lint` is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LintRequest {
    /// Which files.
    pub target: LintTarget,
    /// Whether they are rewritten where there is a safe form; the applied ones never are.
    pub fix: bool,
}

/// What `lint` found.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Lint {
    /// The files that were looked at, in the order in which they are applied.
    pub files: Vec<LintedFile>,
    /// How many findings are errors.
    pub errors: usize,
    /// How many are warnings.
    pub warnings: usize,
    /// How many are notes.
    pub notes: usize,
    /// What was rewritten, and why something was not.
    pub fixed: Vec<Fixed>,
}

/// A file that was looked at.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct LintedFile {
    /// The file as the user would write it.
    pub path: String,
    /// The migration it is.
    pub migration: Option<String>,
    /// What was found, in the order of the text.
    pub findings: Vec<Finding>,
}

/// Something that was found.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Finding {
    /// The rule.
    pub rule: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What is the matter.
    pub message: String,
    /// What to do instead.
    pub advice: String,
    /// The line it begins in, from 1.
    pub line: usize,
    /// The character it begins at, from 1.
    pub column: usize,
    /// The line it ends in, from 1.
    pub end_line: usize,
    /// The character behind its end, from 1.
    pub end_column: usize,
    /// Whether `--fix` can rewrite it.
    pub fixable: bool,
    /// The lines it stands in, passwords blanked out.
    pub source: Vec<String>,
}

/// The rules that a project does without.
pub(crate) fn allowed(settings: &Settings) -> Result<BTreeSet<String>, Error> {
    let is_rule = |name: &str| lint::RULES.iter().any(|rule| rule.name == name);
    let allowed = project::lint_allowances(&settings.current_directory, is_rule)?;
    Ok(allowed.into_keys().collect())
}

/// All rules, by name.
pub fn lint_rules() -> &'static [Rule] {
    lint::RULES
}

/// Looks for what is dangerous in migrations. Without `fix` nothing is changed; a database is asked only
/// where the request is about what is pending.
///
/// # Errors
/// When a file cannot be read, git or the database does not answer, a rewritten migration does not make
/// what the one before made, or a file cannot be written.
pub async fn lint(
    project: Option<&Project>,
    settings: &Settings,
    request: &LintRequest,
    progress: &mut (dyn Progress + '_),
) -> Result<Lint, Error> {
    let mut targets = target::find(project, settings, &request.target, progress).await?;
    let mut fixed = Vec::new();
    if request.fix {
        let Some(project) = project else {
            return Err(Error::Usage(
                "--fix needs a project: it rewrites its migrations".to_owned(),
            ));
        };
        fixed = Box::pin(fix::fix(project, settings, &targets, progress)).await?;
        if fixed.iter().any(|fixed| !fixed.written.is_empty()) {
            targets = target::find(Some(project), settings, &request.target, progress).await?;
        }
    }
    let files = linted(&targets, project, settings);
    let count = |severity| {
        let findings = files.iter().flat_map(|file| &file.findings);
        findings.filter(|finding| finding.severity == severity).count()
    };
    let (errors, warnings, notes) =
        (count(Severity::Error), count(Severity::Warning), count(Severity::Note));
    Ok(Lint { files, errors, warnings, notes, fixed })
}

/// Looks at the migrations that are named, each with what comes before it.
///
/// # Errors
/// When `undrift.toml` cannot be read.
pub(crate) fn lint_named(
    project: &Project,
    settings: &Settings,
    migrations: &[Migration],
    meant: &BTreeSet<String>,
    sizes: BTreeMap<Name, TableSize>,
) -> Result<Vec<LintedFile>, Error> {
    let with_meaning = |migration: &Migration| (migration.clone(), meant.contains(&migration.name));
    let migrations = migrations.iter().map(with_meaning).collect();
    let targets = Targets { migrations, allowed: allowed(settings)?, sizes, others: Vec::new() };
    Ok(linted(&targets, Some(project), settings))
}

/// Looks at all targets, each with what comes before it.
fn linted(targets: &Targets, project: Option<&Project>, settings: &Settings) -> Vec<LintedFile> {
    let schema = project.map_or_else(|| "public".to_owned(), schema::default_schema);
    let shown = |path: &Path| {
        let root = project.map_or(settings.current_directory.as_path(), |project| &project.root);
        path.strip_prefix(root).unwrap_or(path).display().to_string()
    };
    let mut known = Known::default();
    let mut files = Vec::new();
    for (migration, is_meant) in &targets.migrations {
        let script = Script::parse(&migration.script);
        if *is_meant {
            let context = targets.context(&schema, &known, Some(&migration.name));
            let findings = findings(&script, &context);
            let name = Some(migration.name.clone());
            files.push(LintedFile { path: shown(&migration.path), migration: name, findings });
        }
        known.learn(&script, &schema);
    }
    for (path, text) in &targets.others {
        let context = targets.context(&schema, &known, None);
        let findings = findings(&Script::parse(text), &context);
        files.push(LintedFile { path: shown(path), migration: None, findings });
    }
    files
}

impl Targets {
    /// What is known where a script comes after others.
    fn context<'a>(
        &self,
        schema: &'a str,
        known: &Known,
        migration: Option<&'a str>,
    ) -> Context<'a> {
        let Self { allowed, sizes, .. } = self;
        let (known, allowed, sizes) = (known.clone(), allowed.clone(), sizes.clone());
        Context { migration, schema, known, allowed, sizes }
    }
}

/// What the rules find in a script.
pub(crate) fn findings(script: &Script<'_>, context: &Context<'_>) -> Vec<Finding> {
    let fixable = lint::fix(script, context).map(|fix| fix.rules).unwrap_or_default();
    let found = lint::lint(script, context).into_iter();
    found
        .map(|found| {
            let (start, end) = (script.place(found.span.start), script.place(found.span.end));
            Finding {
                rule: found.rule,
                severity: found.severity,
                message: script::without_passwords(&found.message).into_owned(),
                advice: found.advice,
                line: start.line,
                column: start.column,
                end_line: end.line,
                end_column: end.column,
                fixable: fixable.contains(found.rule),
                source: source(script.text(), &found.span),
            }
        })
        .collect()
}

/// How many lines of a statement are shown.
const LINES: usize = 8;

/// The lines that a range stands in, the first ones if there are many.
fn source(text: &str, span: &Range<usize>) -> Vec<String> {
    if span.is_empty() {
        return Vec::new();
    }
    let start = text.get(..span.start).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
    let behind = text.get(span.end..).unwrap_or_default();
    let end = span.end + behind.find('\n').unwrap_or(behind.len());
    let shown = script::without_passwords(text.get(start..end).unwrap_or_default());
    shown.lines().take(LINES).map(|line| line.trim_end().to_owned()).collect()
}

/// The migrations before one, by name.
fn before<'a>(migrations: &'a [(Migration, bool)], name: &str) -> Vec<&'a Migration> {
    let before = migrations.iter().take_while(|(migration, _)| migration.name != name);
    before.map(|(migration, _)| migration).collect()
}
