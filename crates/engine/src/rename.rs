//! Which things get another name: by what was asked for, by what whoever decides says.

use std::collections::BTreeSet;

use catalog::rename::{Certainty, Choice, Fit, Rename, Renames, Vocabulary, WantedError, choices};
use catalog::{Catalog, Name, Pair};
use database::{Count, Countable, Session};
use serde::Serialize;

use crate::Error;
use crate::loss::PATIENCE;
use crate::questions::{Answers, Question};

/// The answer that says: it is no rename.
const NO: &str = "no";

/// Something that kept its data under another name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Renamed {
    /// The name it had in the database.
    pub from: String,
    /// What the schema calls it: `User.fullName`.
    pub to: String,
}

/// Which databases the SQL is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// This one: what has no data here loses none.
    Here,
    /// Others, too, which may have data where this one has none; on a build machine, nobody is
    /// expected to say anything of that.
    Elsewhere {
        /// Whether it is one.
        on_build_machine: bool,
    },
}

/// What is known of the renames.
#[derive(Debug, Clone)]
pub(crate) struct Decision {
    /// Those to be made.
    pub(crate) renames: Renames,
    /// What was answered.
    pub(crate) answered: Vec<Question>,
    /// What has to be answered before all of them are known.
    pub(crate) open: Vec<Question>,
    /// What might have been one and was not asked about, each in a sentence.
    pub(crate) notes: Vec<String>,
}

/// Returns the renames that flags and comments ask for, as far as they have not been made.
///
/// # Errors
/// [`Error::Answers`] when one cannot be made, or is not understood. A comment may stay when its rename
/// has been made, or when there never was anything to rename.
pub(crate) fn wanted(
    actual: &Catalog,
    vocabulary: &Vocabulary,
    flags: &[String],
) -> Result<Renames, Error> {
    let refused = |error: WantedError| Error::Answers(error.to_string());
    let commented = vocabulary.commented().map_err(refused)?;
    let flagged = vocabulary.read(flags).map_err(refused)?;
    let mut all: Vec<(Rename, Option<&str>)> =
        flagged.into_iter().map(|(rename, text)| (rename, Some(text))).collect();
    all.extend(commented.into_iter().map(|rename| (rename, None)));
    // Tables first: their columns are looked for under the new name.
    all.sort_by_key(|(rename, _)| rename.rank());
    let mut renames = Renames::default();
    let mut actual = actual.clone();
    for (rename, flag) in all {
        match (rename.fit(&actual), flag) {
            (Fit::Open, _) => {
                actual = rename.applied_to(actual);
                renames.insert(rename);
            }
            (Fit::Done, _) | (Fit::NoSource | Fit::Taken, None) => {}
            (Fit::NoSource, Some(text)) => {
                return Err(refused(WantedError::NoSource(text.to_owned())));
            }
            (Fit::Taken, Some(text)) => return Err(refused(WantedError::Taken(text.to_owned()))),
        }
    }
    Ok(renames)
}

/// Decides on renames: what is asked for, and of what looks like one, what the answers say. The data
/// at stake is counted on the database, which must be as the actual side says.
///
/// # Errors
/// When what is asked for or answered cannot be made, or the connection breaks.
pub(crate) async fn decide(
    session: &Session,
    catalogs: Pair<&Catalog>,
    vocabulary: &Vocabulary,
    flags: &[String],
    answers: &Answers,
    reach: Reach,
) -> Result<Decision, Error> {
    let renames = wanted(catalogs.actual, vocabulary, flags)?;
    let mut decision =
        Decision { renames, answered: Vec::new(), open: Vec::new(), notes: Vec::new() };
    let mut refused = BTreeSet::new();
    loop {
        let mut goes_on = false;
        decision.open.clear();
        let actual = decision.renames.applied_to(catalogs.actual);
        for choice in choices(Pair::new(&actual, catalogs.desired), &refused) {
            let counts = count(&choice, session, &decision.renames, &actual).await?;
            let question = question(&choice, vocabulary, &counts);
            let spoken = vocabulary.spoken(&choice.target);
            match answers.answer(&question) {
                Some(NO) => {
                    decision.answered.push(question);
                    refused.insert(choice.target);
                    goes_on = true;
                }
                Some(answer) => {
                    let rename = Rename::to(&choice.target, answer);
                    if rename.fit(&actual) != Fit::Open {
                        return Err(Error::Answers(format!(
                            "{spoken} is not the new name of {answer}: there is no such thing to \
                             rename; answer with one of {}",
                            question.options.join(", ")
                        )));
                    }
                    decision.renames.insert(rename);
                    decision.answered.push(question);
                    goes_on = true;
                    // What is left to choose from is other now.
                    break;
                }
                None if is_asked(&choice, reach, &counts) => decision.open.push(question),
                None => {
                    decision.notes.push(note(&choice, vocabulary));
                    refused.insert(choice.target);
                    goes_on = true;
                }
            }
        }
        if !goes_on {
            decision.renames.add_sides(catalogs);
            decision.renames.add_sequences(catalogs.actual);
            return Ok(decision);
        }
    }
}

/// What the renames were, as the user is told.
pub(crate) fn renamed(renames: &Renames, vocabulary: &Vocabulary) -> Vec<Renamed> {
    let told = |rename: &Rename| {
        let to = vocabulary.spoken(&rename.target()?);
        Some(Renamed { from: rename.from().to_owned(), to })
    };
    renames.iter().filter_map(told).collect()
}

/// Counts what each candidate has to lose: rows of a table, values of a column, rows with a label.
/// An enum type has what its columns have.
async fn count(
    choice: &Choice,
    session: &Session,
    renames: &Renames,
    actual: &Catalog,
) -> Result<Vec<Option<Count>>, Error> {
    let mut counts = Vec::new();
    for candidate in &choice.candidates {
        let mut total = Some(Count { number: 0, is_exact: true });
        for countable in countables(&candidate.rename, renames, actual) {
            let count = database::count(session, &countable, PATIENCE).await?;
            total = total.zip(count).map(|(total, count)| Count {
                number: total.number + count.number,
                is_exact: total.is_exact && count.is_exact,
            });
        }
        counts.push(total);
    }
    Ok(counts)
}

/// Whether somebody has to decide: not where nothing can be lost.
fn is_asked(choice: &Choice, reach: Reach, counts: &[Option<Count>]) -> bool {
    let has_data = counts.iter().any(|count| count.is_none_or(|count| count.number > 0));
    let is_likely = choice.candidates.iter().any(|it| it.certainty > Certainty::Possible);
    has_data
        || match reach {
            Reach::Here => false,
            Reach::Elsewhere { on_build_machine } => is_likely && !on_build_machine,
        }
}

fn question(choice: &Choice, vocabulary: &Vocabulary, counts: &[Option<Count>]) -> Question {
    let spoken = vocabulary.spoken(&choice.target);
    let (mut options, mut about, mut former) = (Vec::new(), Vec::new(), Vec::new());
    for (candidate, count) in choice.candidates.iter().zip(counts) {
        let from = candidate.rename.from();
        let at_stake = at_stake(&candidate.rename, *count);
        let certainty = match candidate.certainty {
            Certainty::Certain => "certain",
            Certainty::Likely => "likely",
            Certainty::Possible => "possible",
        };
        options.push(from.to_owned());
        about.push(format!("{at_stake}; {certainty}: {}", candidate.reasons.join(", ")));
        former.push(format!("`{from}` ({at_stake}; {certainty})"));
    }
    let first = options.first().cloned().unwrap_or_default();
    options.push(NO.to_owned());
    about.push(format!("it is new: {} is dropped with its data", options_but_last(&options)));
    let text = format!("Is `{spoken}` a new name of {}?", former.join(" or "));
    let id = format!("rename:{spoken}");
    let flag = format!(
        "--rename {}, or --answer {id}=no to drop it and add the new one",
        vocabulary.written(&choice.target, &first)
    );
    Question::choice(&id, &text, options, &flag).about(&about)
}

/// What is said where nobody is asked.
fn note(choice: &Choice, vocabulary: &Vocabulary) -> String {
    let spoken = vocabulary.spoken(&choice.target);
    let Some(candidate) = choice.candidates.first() else { return spoken };
    let from = candidate.rename.from();
    format!(
        "`{spoken}` may be a new name of `{from}`, which has no data here; it is dropped and the \
         other added. To rename it instead: --rename {}",
        vocabulary.written(&choice.target, from)
    )
}

/// The options without the one that says no.
fn options_but_last(options: &[String]) -> String {
    let all = options.split_last().map(|(_, rest)| rest).unwrap_or_default();
    all.iter().map(|option| format!("`{option}`")).collect::<Vec<_>>().join(" or ")
}

/// What to count, by the names that are in the database.
fn countables(rename: &Rename, renames: &Renames, actual: &Catalog) -> Vec<Countable> {
    let of_type = |name: &Name| -> Vec<(Name, String, bool)> {
        let columns = actual.tables.iter().flat_map(|table| {
            let of_type = table.columns.iter().filter(|column| column.r#type.name == *name);
            of_type.map(|column| {
                let before = renames.column_before(&table.name, &column.name);
                (renames.table_before(&table.name), before, column.r#type.array)
            })
        });
        columns.collect()
    };
    match rename {
        Rename::Table(names) => vec![Countable::Rows { table: names.actual.clone() }],
        Rename::Column { table, names } => vec![Countable::Values {
            table: renames.table_before(table),
            column: names.actual.clone(),
        }],
        Rename::EnumType(names) => {
            let columns = of_type(&names.actual).into_iter();
            columns.map(|(table, column, _)| Countable::Values { table, column }).collect()
        }
        Rename::Label { enum_type, names } => {
            let columns = of_type(enum_type).into_iter();
            columns
                .map(|(table, column, array)| Countable::Labels {
                    table,
                    column,
                    array,
                    labels: vec![names.actual.clone()],
                })
                .collect()
        }
        Rename::Sequence(_) | Rename::Sides(_) => Vec::new(),
    }
}

/// How much a rename keeps, in words.
fn at_stake(rename: &Rename, count: Option<Count>) -> String {
    let what = match rename {
        Rename::Table(_) | Rename::Label { .. } => "row",
        Rename::Column { .. } | Rename::EnumType(_) | Rename::Sequence(_) | Rename::Sides(_) => {
            "value"
        }
    };
    match count {
        None => format!("an unknown number of {what}s"),
        Some(Count { number: 1, is_exact: true }) => format!("1 {what}"),
        Some(Count { number, is_exact: true }) => format!("{number} {what}s"),
        Some(Count { number, is_exact: false }) => format!("about {number} {what}s"),
    }
}
