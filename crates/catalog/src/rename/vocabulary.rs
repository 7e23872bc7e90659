//! The names in schema files beside those in the database, and the renames that a user asks for by
//! them.

use std::fmt;

use psl::schema::{Enum, Model, Schema};

use super::{Rename, Target};
use crate::declare::Context;
use crate::kinds::enum_type::EnumType;
use crate::{Catalog, Name, Pair};

/// What a schema calls things, and what its comments say they were called.
///
/// A comment `/// @undrift.rename(from: "old")` on a model, a field, an enum or one of its values tells
/// the name in the database that it had before. It may stay there: a rename that has been made is not
/// asked for again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Vocabulary {
    words: Vec<Word>,
}

/// Something that has a name in the schema.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Word {
    /// The model or enum.
    block: String,
    /// The field or value in it.
    member: Option<String>,
    /// What it is called in the database.
    target: Target,
    /// What a comment says it was called there.
    from: Option<Result<String, ()>>,
}

/// A rename that is asked for and cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WantedError {
    /// The comment on this is not written as it should be.
    Comment(String),
    /// Not of the form `Model.old:new` or `Old:New`.
    Form(String),
    /// The schema has nothing of the new name.
    Unknown(String),
    /// The database has nothing of the old name.
    NoSource(String),
    /// The database has the new name already.
    Taken(String),
}

impl fmt::Display for WantedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Comment(name) => write!(
                f,
                "the comment on {name} is not understood: write /// @undrift.rename(from: \"old_name\")"
            ),
            Self::Form(text) => write!(
                f,
                "--rename {text}: a rename is written Model.old:new, Enum.OLD:NEW or Old:New"
            ),
            Self::Unknown(text) => {
                write!(f, "--rename {text}: the schema has nothing of the new name")
            }
            Self::NoSource(text) => write!(
                f,
                "--rename {text}: there is nothing of the old name, which is the one in the database"
            ),
            Self::Taken(text) => write!(f, "--rename {text}: the new name is there already"),
        }
    }
}

impl Vocabulary {
    /// Collects the names of a schema. `default_schema` is the PostgreSQL schema of everything without
    /// `@@schema`.
    pub fn of(schema: &Schema, default_schema: &str) -> Self {
        let context = Context { schema, default_schema };
        let mut words = Vec::new();
        for model in schema.models.iter().filter(|model| !model.is_view) {
            of_model(&context, model, &mut words);
        }
        for r#enum in &schema.enums {
            of_enum(&context, r#enum, &mut words);
        }
        Self { words }
    }

    /// The names of a catalog that no schema declares: the database's own.
    pub fn of_catalog(catalog: &Catalog) -> Self {
        let word = |block: &Name, member: Option<&String>, target: Target| Word {
            block: block.name.clone(),
            member: member.cloned(),
            target,
            from: None,
        };
        let mut words = Vec::new();
        for table in catalog.tables.iter() {
            words.push(word(&table.name, None, Target::Table(table.name.clone())));
            words.extend(table.columns.iter().map(|column| {
                let target = Target::Column(table.name.clone(), column.name.clone());
                word(&table.name, Some(&column.name), target)
            }));
        }
        for r#enum in catalog.enum_types.iter() {
            words.push(word(&r#enum.name, None, Target::EnumType(r#enum.name.clone())));
            words.extend(r#enum.labels.iter().map(|label| {
                let target = Target::Label(r#enum.name.clone(), label.clone());
                word(&r#enum.name, Some(label), target)
            }));
        }
        Self { words }
    }

    /// What the schema calls something: `User`, `User.name`, `Role.ADMIN`; the database's name for what
    /// it does not name, such as the table of an implicit relation.
    pub fn spoken(&self, target: &Target) -> String {
        match self.words.iter().find(|word| word.target == *target) {
            Some(word) => word.spoken(),
            None => match target {
                Target::Table(name) | Target::EnumType(name) => name.name.clone(),
                Target::Column(of, member) | Target::Label(of, member) => {
                    format!("{}.{member}", of.name)
                }
            },
        }
    }

    /// A rename as `--rename` takes it: `User.old:new`, `Old:New`.
    pub fn written(&self, target: &Target, from: &str) -> String {
        let spoken = self.spoken(target);
        match target {
            Target::Table(_) | Target::EnumType(_) => format!("{from}:{spoken}"),
            Target::Column(..) | Target::Label(..) => {
                let (block, member) = spoken.rsplit_once('.').unwrap_or(("", &spoken));
                format!("{block}.{from}:{member}")
            }
        }
    }

    /// The renames that the comments ask for.
    ///
    /// # Errors
    /// When a comment is not understood.
    pub fn commented(&self) -> Result<Vec<Rename>, WantedError> {
        let renames = self.words.iter().filter_map(|word| {
            let from = word.from.as_ref()?;
            let from = from.as_ref().map_err(|()| WantedError::Comment(word.spoken()));
            Some(from.map(|from| Rename::to(&word.target, from)))
        });
        renames.collect()
    }

    /// Reads what `--rename` says, each with its text: `User.old:new` of columns and enum values,
    /// `Old:New` of tables and enums. The new name is one of the schema or the database; the old one is
    /// the database's.
    ///
    /// # Errors
    /// When one is not of that form, or the schema has no such new name.
    pub fn read<'a>(&self, texts: &'a [String]) -> Result<Vec<(Rename, &'a str)>, WantedError> {
        let mut renames = Vec::new();
        let mut blocks = Vec::new();
        for text in texts.iter().map(String::as_str) {
            let form = || WantedError::Form(text.to_owned());
            let unknown = || WantedError::Unknown(text.to_owned());
            let (before, new) = text.split_once(':').ok_or_else(form)?;
            if before.is_empty() || new.is_empty() {
                return Err(form());
            }
            match before.rsplit_once('.') {
                None => {
                    let word = self.block(new).ok_or_else(unknown)?;
                    blocks.push((before, word.block.as_str()));
                    renames.push((Rename::to(&word.target, before), text));
                }
                Some(("", _) | (_, "")) => return Err(form()),
                Some(_) => {}
            }
        }
        for text in texts.iter().map(String::as_str) {
            let Some((before, new)) = text.split_once(':') else { continue };
            let Some((block, old)) = before.rsplit_once('.') else { continue };
            // The table may be called by its old name, too.
            let renamed = blocks.iter().find(|(old, _)| *old == block);
            let block = renamed.map_or(block, |(_, new)| new);
            let word = self.block(block).and_then(|found| self.member(&found.block, new));
            let word = word.ok_or_else(|| WantedError::Unknown(text.to_owned()))?;
            renames.push((Rename::to(&word.target, old), text));
        }
        Ok(renames)
    }

    fn block(&self, name: &str) -> Option<&Word> {
        let mut blocks = self.words.iter().filter(|word| word.member.is_none());
        let by_name = blocks.clone().find(|word| word.block == name);
        by_name.or_else(|| blocks.find(|word| word.database_name() == name))
    }

    fn member(&self, block: &str, name: &str) -> Option<&Word> {
        let mut members =
            self.words.iter().filter(|word| word.block == block && word.member.is_some());
        let by_name = members.clone().find(|word| word.member.as_deref() == Some(name));
        by_name.or_else(|| members.find(|word| word.database_name() == name))
    }
}

impl Word {
    fn spoken(&self) -> String {
        match &self.member {
            Some(member) => format!("{}.{member}", self.block),
            None => self.block.clone(),
        }
    }

    fn database_name(&self) -> &str {
        match &self.target {
            Target::Table(name) | Target::EnumType(name) => &name.name,
            Target::Column(_, member) | Target::Label(_, member) => member,
        }
    }
}

fn of_model(context: &Context<'_>, model: &Model, words: &mut Vec<Word>) {
    let table = context.table_name(model);
    words.push(Word {
        block: model.name.clone(),
        member: None,
        target: Target::Table(table.clone()),
        from: commented(&model.documentation),
    });
    words.extend(model.fields.iter().map(|field| Word {
        block: model.name.clone(),
        member: Some(field.name.clone()),
        target: Target::Column(table.clone(), field.database_name.clone()),
        from: commented(&field.documentation),
    }));
}

fn of_enum(context: &Context<'_>, r#enum: &Enum, words: &mut Vec<Word>) {
    let name = context.name(r#enum.schema.as_deref(), &r#enum.database_name);
    words.push(Word {
        block: r#enum.name.clone(),
        member: None,
        target: Target::EnumType(name.clone()),
        from: commented(&r#enum.documentation),
    });
    words.extend(r#enum.values.iter().map(|value| Word {
        block: r#enum.name.clone(),
        member: Some(value.name.clone()),
        target: Target::Label(name.clone(), value.database_name.clone()),
        from: commented(&value.documentation),
    }));
}

/// The earlier name that comments tell; an error if they try to and cannot be understood.
fn commented(documentation: &[String]) -> Option<Result<String, ()>> {
    const WORD: &str = "@undrift.rename";
    let rest = documentation.iter().find_map(|line| Some(line.split_once(WORD)?.1))?;
    let from = || {
        let inside = rest.trim_start().strip_prefix('(')?.trim_start().strip_prefix("from")?;
        let value = inside.trim_start().strip_prefix(':')?.trim_start().strip_prefix('"')?;
        let (name, behind) = value.split_once('"')?;
        let is_whole = !name.is_empty() && behind.trim_start().starts_with(')');
        is_whole.then(|| name.to_owned())
    };
    Some(from().ok_or(()))
}

/// How a rename that is asked for meets the two sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fit {
    /// It can be made.
    Open,
    /// It has been made, or there was nothing to rename.
    Done,
    /// Nothing has the old name, nor the new one.
    NoSource,
    /// The new name is there already, beside the old one.
    Taken,
}

impl Rename {
    /// Returns how the rename meets a catalog, to which those before it have been applied.
    pub fn fit(&self, actual: &Catalog) -> Fit {
        let has_column = |table: &_, name: &String| {
            let table = actual.tables.get(table);
            table.is_some_and(|table| table.columns.iter().any(|column| column.name == *name))
        };
        let has_label = |enum_type: &_, label: &String| {
            let enum_type: Option<&EnumType> = actual.enum_types.get(enum_type);
            enum_type.is_some_and(|enum_type| enum_type.labels.contains(label))
        };
        let has = match self {
            Self::Table(names) => names.as_ref().map(|name| actual.tables.contains(name)),
            Self::EnumType(names) => names.as_ref().map(|name| actual.enum_types.contains(name)),
            Self::Sequence(names) => names.as_ref().map(|name| actual.sequences.contains(name)),
            Self::Column { table, names } => names.as_ref().map(|name| has_column(table, name)),
            // It goes with the rename of its table.
            Self::Sides(_) => return Fit::Done,
            Self::Label { enum_type, names } => names.as_ref().map(|it| has_label(enum_type, it)),
        };
        match has {
            Pair { actual: true, desired: false } => Fit::Open,
            Pair { actual: true, desired: true } => Fit::Taken,
            Pair { actual: false, desired: true } => Fit::Done,
            Pair { actual: false, desired: false } => Fit::NoSource,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::commented;

    #[test]
    fn a_comment_tells_the_earlier_name() {
        let read = |line: &str| commented(&["Words.".to_owned(), line.to_owned()]);
        assert_eq!(read("nothing"), None);
        assert_eq!(read("@undrift.rename(from: \"old name\")"), Some(Ok("old name".to_owned())));
        assert_eq!(read("so @undrift.rename( from:\"a\" )."), Some(Ok("a".to_owned())));
        assert_eq!(read("@undrift.rename(\"a\")"), Some(Err(())));
        assert_eq!(read("@undrift.rename(from: a)"), Some(Err(())));
    }
}
