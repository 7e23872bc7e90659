//! `repair`: files of applied migrations that were edited, renamed, encoded otherwise, or lost.
//!
//! The history holds the SHA-256 of each file as it was applied. Where a file has another one, it is found
//! out what that means, as far as it can be told by the text, by git, and by what both texts make on a
//! shadow database; then either the file is put back, or the history is made to say what the file is, with
//! a note. What cannot be shown to be harmless is left to a person.

mod find;
mod meaning;
mod original;

use std::fmt;

use database::{Cancel, HistoryRow, HistoryState, Session};
use project::{DatabaseUrl, Migration, Project};
use serde::Serialize;

pub use meaning::Meaning;
pub use original::Origin;

use crate::deploy::Deployer;
use crate::questions::Dialogue;
use crate::shadow::Shadow;
use crate::{Error, Progress, Question, Settings, datasource, schema};
use find::{Finding, Now};
use meaning::Histories;

/// What `repair` is asked for.
#[derive(Debug, Clone, Default)]
pub struct RepairRequest {
    /// Only this migration.
    pub migration: Option<String>,
    /// What to do where there is a choice.
    pub remedy: Option<Remedy>,
    /// Whether it is only found out.
    pub dry_run: bool,
}

/// What can be done about a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Remedy {
    /// The file as it was applied is written. Right for every database.
    Restore,
    /// The history gets the sum of the file as it is, with a note. For this database alone.
    Rehash,
    /// The history gets the new name, with a note. For this database alone.
    Rename,
}

impl fmt::Display for Remedy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Restore => "restore",
            Self::Rehash => "rehash",
            Self::Rename => "rename",
        })
    }
}

/// What `repair` found and did.
#[derive(Debug, Clone, Serialize)]
pub struct Repair {
    /// The database.
    pub datasource: datasource::Described,
    /// The migrations folder, as the user would write it.
    pub migrations_folder: String,
    /// What was wrong.
    pub problems: Vec<Problem>,
    /// Whether nothing was done.
    pub dry_run: bool,
}

impl Repair {
    /// Whether nothing is left that is wrong, but for what was only to be shown.
    pub fn is_complete(&self) -> bool {
        self.dry_run || self.problems.iter().all(|problem| problem.done.is_some())
    }
}

/// An applied migration whose file is not the one that was applied.
#[derive(Debug, Clone, Serialize)]
pub struct Problem {
    /// The migration, as the history names it.
    pub migration: String,
    /// The name of the folder it is in now, if that is another.
    pub renamed_to: Option<String>,
    /// SHA-256 of the file that was applied, in hex.
    pub applied_checksum: String,
    /// SHA-256 of the file as it is, if it is there.
    pub checksum: Option<String>,
    /// Where the file as it was applied was found, if it was.
    pub original: Option<Origin>,
    /// What the difference means.
    #[serde(flatten)]
    pub meaning: Meaning,
    /// What can be done.
    pub remedies: Vec<Remedy>,
    /// What was done.
    pub done: Option<Remedy>,
    /// What a person can do, where nothing else can be done.
    pub advice: Option<String>,
}

/// Finds out what is wrong with the files of applied migrations, and puts it right.
///
/// # Errors
/// When the project cannot be read or written, the database not be reached or written, somebody else
/// deploys, or nobody is there to choose ([`Error::Unanswered`]).
pub async fn repair(
    project: &Project,
    settings: &Settings,
    request: RepairRequest,
    mut dialogue: Dialogue<'_>,
    cancel: Cancel,
    progress: &mut (dyn Progress + '_),
) -> Result<Repair, Error> {
    datasource::with_url(project, settings, progress, async |url: DatabaseUrl, progress| {
        let schemas = schema::declared(project).map(|declared| declared.schemas);
        let schemas = schemas.unwrap_or_else(|_| vec![url.schema().to_owned()]);
        let datasource = datasource::describe(project, &url);
        progress.datasource(&datasource);
        let session = datasource::connect(&url, settings).await?;
        let deployer = Deployer::new(schemas.clone(), settings, cancel);
        let run = Run { project, settings, request: &request, session, deployer, schemas };
        Box::pin(run.run(datasource, &mut dialogue, progress)).await
    })
    .await
}

/// One run, connected.
struct Run<'a> {
    project: &'a Project,
    settings: &'a Settings,
    request: &'a RepairRequest,
    session: Session,
    deployer: Deployer,
    schemas: Vec<String>,
}

impl Run<'_> {
    async fn run(
        &self,
        datasource: datasource::Described,
        dialogue: &mut Dialogue<'_>,
        progress: &mut (dyn Progress + '_),
    ) -> Result<Repair, Error> {
        let folder = &self.project.migrations_folder;
        progress.busy("reading the history");
        let rows = database::history(&self.session).await?.unwrap_or_default();
        let migrations = project::read_present_migrations(folder)?.migrations;
        let mut findings = find::findings(folder, &migrations, &rows).await;
        let mut problems = self.problems(&findings, &migrations, &rows, progress).await?;
        if let Some(name) = &self.request.migration {
            findings.retain(|finding| finding.row.migration_name == *name);
            problems.retain(|problem| problem.migration == *name);
        }
        let mut repair = Repair {
            datasource,
            migrations_folder: self.project.display(folder),
            problems,
            dry_run: self.request.dry_run,
        };
        if repair.dry_run || repair.problems.is_empty() {
            return Ok(repair);
        }
        let remedies = self.decide(&repair.problems, dialogue, progress)?;
        if remedies.iter().any(|remedy| remedy.is_some_and(|remedy| remedy != Remedy::Restore)) {
            self.session.ensure_writable().await?;
        }
        self.deployer.lock(&self.session, progress).await?;
        let done = self.apply(&findings, &mut repair.problems, &remedies, &rows).await;
        let unlocked = self.deployer.unlock(&self.session).await;
        done?;
        unlocked?;
        Ok(repair)
    }

    async fn problems(
        &self,
        findings: &[Finding],
        migrations: &[Migration],
        rows: &[HistoryRow],
        progress: &mut (dyn Progress + '_),
    ) -> Result<Vec<Problem>, Error> {
        if findings.is_empty() {
            return Ok(Vec::new());
        }
        let shadow = Shadow::of(self.project, self.settings, self.schemas.clone(), &self.session)?;
        let live = datasource::catalog(&self.session, &self.schemas).await?;
        let histories = Histories {
            shadow: &shadow,
            applied: applied(findings, migrations, rows),
            live: &live,
        };
        let mut problems = Vec::new();
        for finding in findings {
            let meaning = histories.meaning(finding, findings, progress).await?;
            problems.push(self.problem(finding, meaning));
        }
        Ok(problems)
    }

    fn problem(&self, finding: &Finding, meaning: Meaning) -> Problem {
        // With the old name beside the new one it would be there twice.
        let restores = finding.original.is_some() && !matches!(finding.now, Now::Renamed(_));
        let mut remedies = Vec::new();
        if meaning == Meaning::Renamed {
            remedies.push(Remedy::Rename);
        } else if restores {
            remedies.push(Remedy::Restore);
        }
        let is_harmless = matches!(
            meaning,
            Meaning::Encoding | Meaning::Layout | Meaning::SameEffect { .. } | Meaning::AsDatabase
        );
        // PostgreSQL refuses a script that begins with such a mark.
        let is_marked =
            matches!(&finding.now, Now::Edited(now) if now.script.starts_with('\u{feff}'));
        if is_harmless && !is_marked {
            remedies.push(Remedy::Rehash);
        }
        let (renamed_to, checksum) = match &finding.now {
            Now::Edited(migration) => (None, Some(migration.checksum.clone())),
            Now::Renamed(migration) => {
                (Some(migration.name.clone()), Some(migration.checksum.clone()))
            }
            Now::Missing => (None, None),
        };
        let advice = remedies.is_empty().then(|| self.advice(finding, &meaning));
        Problem {
            migration: finding.row.migration_name.clone(),
            renamed_to,
            applied_checksum: finding.row.checksum.clone(),
            checksum,
            original: finding.original.as_ref().map(|original| original.origin.clone()),
            meaning,
            remedies,
            done: None,
            advice,
        }
    }

    fn advice(&self, finding: &Finding, meaning: &Meaning) -> String {
        let name = &finding.row.migration_name;
        let folder = self.project.display(&self.project.migrations_folder);
        match meaning {
            Meaning::Gone => format!(
                "put {folder}/{name}/migration.sql back from where it is kept: its SHA-256 is {}; it is \
                 neither in git nor under another name in {folder}",
                finding.row.checksum
            ),
            Meaning::Renamed | Meaning::Unreplayable { .. } => format!(
                "give the folder its name back: {name}; under the new one the migrations cannot be \
                 replayed in their order"
            ),
            Meaning::Encoding
            | Meaning::Layout
            | Meaning::SameEffect { .. }
            | Meaning::AsDatabase
            | Meaning::DifferentEffect { .. } => format!(
                "put the file back as it was applied (SHA-256 {}), and write what was added to it as a \
                 migration of its own: undrift migrate dev --name NAME",
                finding.row.checksum
            ),
        }
    }

    /// What to do about each problem: what needs no choice, then what the flags or a person say.
    fn decide(
        &self,
        problems: &[Problem],
        dialogue: &mut Dialogue<'_>,
        progress: &mut (dyn Progress + '_),
    ) -> Result<Vec<Option<Remedy>>, Error> {
        let open: Vec<&Problem> = problems
            .iter()
            .filter(|problem| without_choice(problem).is_none() && !problem.remedies.is_empty())
            .collect();
        let mut chosen = self.request.remedy;
        if let (None, false) = (chosen, open.is_empty()) {
            progress.asking();
            let question = which(&open);
            dialogue.ask(std::slice::from_ref(&question))?;
            let answer = dialogue.answers().answer(&question).unwrap_or_default();
            chosen = [Remedy::Restore, Remedy::Rehash]
                .into_iter()
                .find(|remedy| remedy.to_string() == answer);
            if chosen.is_none() {
                return Err(Error::Declined("Nothing was changed."));
            }
        }
        let remedy = |problem: &Problem| {
            let chosen = chosen.filter(|remedy| problem.remedies.contains(remedy));
            chosen.or_else(|| without_choice(problem))
        };
        Ok(problems.iter().map(remedy).collect())
    }

    async fn apply(
        &self,
        findings: &[Finding],
        problems: &mut [Problem],
        remedies: &[Option<Remedy>],
        before: &[HistoryRow],
    ) -> Result<(), Error> {
        let rows = database::history(&self.session).await?.unwrap_or_default();
        if rows != before {
            return Err(Error::Unready(
                "the history was changed meanwhile: run the command again".to_owned(),
            ));
        }
        for ((finding, problem), remedy) in findings.iter().zip(problems).zip(remedies) {
            match (remedy, &finding.now, &finding.original) {
                (Some(Remedy::Restore), _, Some(original)) => {
                    let path = match &finding.now {
                        Now::Edited(migration) => migration.path.clone(),
                        Now::Renamed(_) | Now::Missing => self
                            .project
                            .migrations_folder
                            .join(&finding.row.migration_name)
                            .join("migration.sql"),
                    };
                    crate::write_file(&path, &original.text)?;
                }
                (Some(Remedy::Rehash), Now::Edited(migration), _) => {
                    let note = format!(
                        "undrift repair: the file was edited ({}); its SHA-256 was {}",
                        in_words(&problem.meaning),
                        finding.row.checksum
                    );
                    let checksum = &migration.checksum;
                    database::rehash(&self.session, &finding.row, checksum, &note).await?;
                }
                (Some(Remedy::Rename), Now::Renamed(migration), _) => {
                    let note = format!(
                        "undrift repair: the folder was renamed; it was {}",
                        finding.row.migration_name
                    );
                    database::rename(&self.session, &finding.row, migration, &note).await?;
                }
                _ => continue,
            }
            problem.done = *remedy;
        }
        Ok(())
    }
}

/// The applied migrations as they are in the folder, renamed ones under their new names.
fn applied(findings: &[Finding], migrations: &[Migration], rows: &[HistoryRow]) -> Vec<Migration> {
    let is_renamed = |name: &str| {
        findings.iter().any(|finding| matches!(&finding.now, Now::Renamed(now) if now.name == name))
    };
    let is_applied = |name: &str| {
        rows.iter().any(|row| row.migration_name == name && row.state() == HistoryState::Applied)
    };
    let is_there = |name: &str| is_applied(name) || is_renamed(name);
    let due = project::unfold(migrations, &is_there).into_iter().map(project::Due::migration);
    due.filter(|migration| is_there(&migration.name)).cloned().collect()
}

/// What is done without asking: where nothing can be lost by it.
fn without_choice(problem: &Problem) -> Option<Remedy> {
    match (&problem.meaning, problem.remedies.first()) {
        (Meaning::Encoding | Meaning::Gone | Meaning::Renamed, first) => first.copied(),
        (
            Meaning::Layout
            | Meaning::SameEffect { .. }
            | Meaning::AsDatabase
            | Meaning::DifferentEffect { .. }
            | Meaning::Unreplayable { .. },
            _,
        ) => None,
    }
}

fn which(open: &[&Problem]) -> Question {
    let mut options: Vec<String> = Vec::new();
    for remedy in open.iter().flat_map(|problem| &problem.remedies) {
        let remedy = remedy.to_string();
        if !options.contains(&remedy) {
            options.push(remedy);
        }
    }
    let text = format!(
        "Files of applied migrations were edited. Shall the file be put back as it was applied (restore), \
         or the history take it as it is now (rehash)? Possible: {}",
        options.join(", ")
    );
    let flags = options.iter().map(|remedy| format!("--{remedy}")).collect::<Vec<_>>().join(" or ");
    let about: Vec<String> = open
        .iter()
        .map(|problem| format!("{}: {}", problem.migration, in_words(&problem.meaning)))
        .collect();
    let mut question = Question::text("how", &text, &flags).about(&about);
    question.options = options;
    question.default = None;
    question
}

/// The meaning in a few words.
fn in_words(meaning: &Meaning) -> String {
    match meaning {
        Meaning::Encoding => "line ends or a byte order mark".to_owned(),
        Meaning::Layout => "comments and white space only".to_owned(),
        Meaning::SameEffect { changes_rows: false } => {
            "the catalog it makes is the same".to_owned()
        }
        Meaning::SameEffect { changes_rows: true } => {
            "the catalog it makes is the same, what it does to rows is not".to_owned()
        }
        Meaning::AsDatabase => "the database is what it makes now".to_owned(),
        Meaning::DifferentEffect { differences } => {
            format!("it makes something else: {}", differences.join("; "))
        }
        Meaning::Unreplayable { error } => format!("it cannot be replayed: {error}"),
        Meaning::Renamed => "another name".to_owned(),
        Meaning::Gone => "it is gone".to_owned(),
    }
}

impl fmt::Display for Meaning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&in_words(self))
    }
}
