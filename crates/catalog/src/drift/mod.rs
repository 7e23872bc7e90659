//! Two catalogs → every difference between them, of all kinds, with nothing left out because some
//! language could not express it.
//!
//! What is no drift: the order of columns, the version of an extension (it is the server's), the
//! current value of a sequence, and who owns an object as long as it is whoever owns most: that name is
//! the server's too. Default privileges are none either; what they did not give is.

mod declared;

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::facts::{Fact, Facts};
use crate::{Catalog, Kind, Name, Pair};

/// One object that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Difference {
    /// The kind of object.
    pub kind: Kind,
    /// Its id as a person reads it: `public.users`, `public.f(integer)`, `policy on public.users`.
    pub id: String,
    /// What is wrong with it.
    #[serde(flatten)]
    pub state: State,
}

/// What is wrong with an object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum State {
    /// It should be there and is not.
    Missing,
    /// It is there and should not be.
    Unexpected,
    /// It is there, but other than it should be.
    Changed {
        /// What is other, by path.
        fields: Vec<FieldDifference>,
    },
}

/// A part of an object that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct FieldDifference {
    /// Where: `columns.email.type`, `labels`, `checks.positive`.
    pub path: String,
    /// What should be there, in the words of SQL; nothing when nothing should.
    pub expected: Option<String>,
    /// What is there.
    pub actual: Option<String>,
}

/// Returns every difference, by kind and id.
///
/// The indexes, triggers, policies, rules, statistics and owned sequences of a table that is missing
/// or unexpected as a whole are part of that difference.
pub fn drift(catalogs: Pair<&Catalog>) -> Vec<Difference> {
    differences(catalogs, |object| !is_part_of_table_of_one_side(catalogs, object))
}

/// Returns every difference, by kind and id, those of what is part of a missing or unexpected table
/// among them.
pub fn every_difference(catalogs: Pair<&Catalog>) -> Vec<Difference> {
    differences(catalogs, |_| true)
}

/// The differences; of the objects that only one side has, those for which the function says so.
fn differences(catalogs: Pair<&Catalog>, counts: impl Fn(&Known) -> bool) -> Vec<Difference> {
    let facts = catalogs.map(all_facts);
    let mut differences = Vec::new();
    for (key, desired) in &facts.desired {
        let state = match facts.actual.get(key) {
            None if !counts(desired) => continue,
            None => State::Missing,
            Some(actual) => {
                let fields = compare(Pair::new(&actual.facts, &desired.facts));
                if fields.is_empty() {
                    continue;
                }
                State::Changed { fields }
            }
        };
        differences.push(Difference { kind: key.0, id: key.1.clone(), state });
    }
    for (key, actual) in &facts.actual {
        let is_expected = facts.desired.contains_key(key) || actual.facts.is_tolerated;
        if !is_expected && counts(actual) {
            differences.push(Difference {
                kind: key.0,
                id: key.1.clone(),
                state: State::Unexpected,
            });
        }
    }
    differences.sort_by(|one, other| (one.kind, &one.id).cmp(&(other.kind, &other.id)));
    differences
}

/// What is known of an object for the comparison.
struct Known {
    facts: Facts,
    part_of: Option<PartOf>,
}

/// What an object goes with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartOf {
    /// The table or view.
    pub table: Name,
    /// The column, for what goes with one.
    pub column: Option<String>,
}

fn all_facts(catalog: &Catalog) -> BTreeMap<(Kind, String), Known> {
    let mut known = BTreeMap::new();
    catalog.visit_facts(|kind, id, facts, part_of| {
        known.insert((kind, id), Known { facts, part_of });
    });
    known
}

/// Whether the object goes with a table, view or column that only one side has.
fn is_part_of_table_of_one_side(catalogs: Pair<&Catalog>, object: &Known) -> bool {
    object.part_of.as_ref().is_some_and(|part_of| part_of.is_of_one_side(catalogs))
}

impl PartOf {
    /// Whether only one of the catalogs has that table, view or column.
    pub(crate) fn is_of_one_side(&self, catalogs: Pair<&Catalog>) -> bool {
        let Self { table, column } = self;
        let has = catalogs.map(|catalog| match (catalog.tables.get(table), column) {
            (Some(found), Some(column)) => found.columns.iter().any(|c| c.name == *column),
            (Some(_), None) => true,
            (None, _) => catalog.views.contains(table) || catalog.foreign_tables.contains(table),
        });
        has.differs()
    }
}

fn compare(facts: Pair<&Facts>) -> Vec<FieldDifference> {
    let by_path = facts.map(|facts| {
        facts.facts.iter().map(|fact| (fact.path.as_str(), fact)).collect::<BTreeMap<&str, &Fact>>()
    });
    let mut fields = Vec::new();
    for fact in &facts.desired.facts {
        match by_path.actual.get(fact.path.as_str()) {
            None => fields.push(FieldDifference {
                path: fact.path.clone(),
                expected: Some(fact.text.clone()),
                actual: None,
            }),
            Some(actual) => fields.extend(compare_fact(Pair::new(actual, fact))),
        }
    }
    for fact in &facts.actual.facts {
        if !by_path.desired.contains_key(fact.path.as_str()) {
            fields.push(FieldDifference {
                path: fact.path.clone(),
                expected: None,
                actual: Some(fact.text.clone()),
            });
        }
    }
    fields
}

/// Compares the particulars where there are any, otherwise the whole.
fn compare_fact(facts: Pair<&Fact>) -> Vec<FieldDifference> {
    let path = &facts.desired.path;
    let mut fields = Vec::new();
    let particulars = facts
        .map(|fact| fact.particulars.iter().cloned().collect::<BTreeMap<&'static str, String>>());
    let mut names: Vec<&str> = particulars.desired.keys().copied().collect();
    names.extend(particulars.actual.keys().filter(|name| !particulars.desired.contains_key(*name)));
    for name in names {
        let texts = particulars.as_ref().map(|texts| texts.get(name).cloned());
        if texts.differs() {
            fields.push(FieldDifference {
                path: format!("{path}.{name}"),
                expected: texts.desired,
                actual: texts.actual,
            });
        }
    }
    if fields.is_empty() && facts.map(|fact| fact.text.as_str()).differs() {
        fields.push(FieldDifference {
            path: path.clone(),
            expected: Some(facts.desired.text.clone()),
            actual: Some(facts.actual.text.clone()),
        });
    }
    fields
}

/// One line: `table public.users: columns.email.type is TEXT instead of VARCHAR(10)`.
impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind.title(), one_line(&self.id))?;
        match &self.state {
            State::Missing => f.write_str(" is missing"),
            State::Unexpected => f.write_str(" is unexpected"),
            State::Changed { fields } => {
                for (field, separator) in
                    fields.iter().zip([": "].into_iter().chain(std::iter::repeat("; ")))
                {
                    write!(f, "{separator}{field}")?;
                }
                Ok(())
            }
        }
    }
}

impl fmt::Display for FieldDifference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = one_line(&self.path);
        match (&self.expected, &self.actual) {
            (Some(expected), Some(actual)) => {
                let Pair { actual, desired } = from_where_they_differ(actual, expected);
                write!(f, "{path} is {} instead of {}", one_line(&actual), one_line(&desired))
            }
            (Some(expected), None) => write!(f, "{path} is missing ({})", one_line(expected)),
            (None, Some(actual)) => write!(f, "{path} is unexpected ({})", one_line(actual)),
            (None, None) => f.write_str(&path),
        }
    }
}

/// Both texts, of long ones only what follows when they begin alike.
fn from_where_they_differ(actual: &str, expected: &str) -> Pair<String> {
    const CONTEXT: usize = 20;
    let texts = Pair::new(actual, expected)
        .map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "));
    let alike = texts.actual.chars().zip(texts.desired.chars()).take_while(|(a, b)| a == b).count();
    if [&texts.actual, &texts.desired].iter().all(|text| text.chars().count() <= LONGEST) {
        return texts;
    }
    match alike.saturating_sub(CONTEXT) {
        0 => texts,
        skipped => texts.map(|text| format!("…{}", text.chars().skip(skipped).collect::<String>())),
    }
}

/// How many letters of a text are shown on a line.
const LONGEST: usize = 80;

/// The text on one line, cut when long.
fn one_line(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line,
    }
}
