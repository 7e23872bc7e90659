//! What has to be known before a change is cut, and the flags that tell.

use catalog::Name;

use crate::questions::Question;

/// By which value the rows get that are there.
pub(super) fn fill(table: &Name, column: &str) -> Question {
    let name = format!("{}.{column}", table.name);
    let text = format!("Which value do the rows get in {name} that are there? (an SQL expression)");
    Question::text(&format!("fill:{name}"), &text, &format!("--fill {name}=EXPRESSION"))
}

/// How a value of a column becomes one of another type that PostgreSQL has no cast for.
pub(super) fn cast(table: &Name, column: &str) -> Question {
    let name = format!("{}.{column}", table.name);
    let text = format!("Which value of its new type does a row get in {name}? (an SQL expression)");
    Question::text(&format!("cast:{name}"), &text, &format!("--cast {name}=EXPRESSION"))
}

/// What the rows get that have a label which goes.
pub(super) fn map(enum_type: &Name, label: &str, labels: &[String]) -> Question {
    let name = format!("{}.{label}", enum_type.name);
    let text = format!("Which value do the rows get that have {name}?");
    let options = labels.iter().cloned().chain([NULL.to_owned()]).collect();
    Question::choice(&format!("map:{name}"), &text, options, &format!("--map {name}=VALUE"))
}

/// Whether a column of another table has come to this one.
pub(super) fn moved(table: &Name, column: &str, from: &[String]) -> Question {
    let name = format!("{}.{column}", table.name);
    let text = format!("Has {name} come from {}, with its values?", from.join(" or "));
    let options = from.iter().cloned().chain([NO.to_owned()]).collect();
    let first = from.first().cloned().unwrap_or_default();
    let id = format!("move:{name}");
    Question::choice(&id, &text, options, &format!("--move {first}:{name}, or --answer {id}=no"))
}

/// The answer that says: no value.
pub(super) const NULL: &str = "null";

/// The answer that says: it has not.
pub(super) const NO: &str = "no";
