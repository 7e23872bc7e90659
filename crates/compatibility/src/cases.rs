//! The table of cases.

use std::collections::BTreeMap;

use anyhow::Context as _;
use serde::Deserialize;

use crate::Release;

/// The states and the commands that are tried in them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cases {
    /// Schemas without their datasource, by name.
    pub(crate) models: BTreeMap<String, String>,
    /// Scripts by the name of the migration's folder.
    pub(crate) migrations: BTreeMap<String, String>,
    pub(crate) states: BTreeMap<String, State>,
    #[serde(rename = "cases")]
    groups: Vec<Group>,
}

/// What project and database are like before the command.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct State {
    /// The schema; none if there is to be no schema file.
    pub(crate) models: Option<String>,
    /// The migrations of the folder.
    #[serde(default)]
    pub(crate) migrations: Vec<String>,
    /// Those that have been run on the database and are in its history.
    #[serde(default)]
    pub(crate) applied: Vec<String>,
    /// Those that have failed and left nothing, as the history has it.
    #[serde(default)]
    pub(crate) failed: Vec<String>,
    /// Those that are marked as rolled back.
    #[serde(default)]
    pub(crate) rolled_back: Vec<String>,
    /// SQL that is run on the database afterwards.
    #[serde(default)]
    pub(crate) sql: String,
    /// Files by path, written at last.
    #[serde(default)]
    pub(crate) files: BTreeMap<String, String>,
    /// What the URL leads to, if not to the database: `nowhere`, `no database`.
    pub(crate) url: Option<String>,
}

/// A command that is tried in several states.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    /// As it is typed behind the program's name.
    command: String,
    /// The same with the flags of Prisma 7, where they are others.
    seven: Option<String>,
    states: Vec<String>,
    /// Where undrift does something else, by state.
    #[serde(default)]
    differs: BTreeMap<String, Deliberate>,
}

/// What undrift does where that is deliberately not what Prisma does.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deliberate {
    /// Its exit code.
    pub exit: i32,
    /// Why, in a few words.
    pub why: String,
    /// The only release that it differs from, if it is as the other.
    pub only: Option<Release>,
}

impl Deliberate {
    /// Whether undrift differs from this release.
    pub fn concerns(&self, release: Release) -> bool {
        self.only.is_none_or(|only| only == release)
    }
}

/// One command in one state.
#[derive(Debug, Clone)]
pub struct Case {
    /// As it is typed behind the program's name.
    pub command: String,
    /// The same with the flags of Prisma 7.
    pub seven: Option<String>,
    /// The state's name.
    pub state: String,
    /// What undrift does if that is deliberately not what Prisma does.
    pub differs: Option<Deliberate>,
}

impl Case {
    /// What tells it from the others.
    pub fn key(&self) -> String {
        format!("{} | {}", self.command, self.state)
    }

    /// The command's words with the flags of a release.
    pub fn words(&self, release: Release) -> Vec<&str> {
        let seven = self.seven.as_ref().filter(|_| release == Release::Seven);
        seven.unwrap_or(&self.command).split_whitespace().collect()
    }
}

impl Cases {
    /// Reads the table.
    ///
    /// # Errors
    /// When it has a mistake.
    pub fn read() -> anyhow::Result<Self> {
        let cases: Self = toml::from_str(include_str!("../data/cases.toml"))?;
        for group in &cases.groups {
            for state in group.states.iter().chain(group.differs.keys()) {
                cases.states.get(state).with_context(|| format!("no state {state}"))?;
            }
        }
        Ok(cases)
    }

    /// All cases in the order of the table.
    pub fn all(&self) -> Vec<Case> {
        let of = |group: &Group| {
            let case = |state: &String| Case {
                command: group.command.clone(),
                seven: group.seven.clone(),
                state: state.clone(),
                differs: group.differs.get(state).cloned(),
            };
            group.states.iter().map(case).collect::<Vec<_>>()
        };
        self.groups.iter().flat_map(of).collect()
    }
}
