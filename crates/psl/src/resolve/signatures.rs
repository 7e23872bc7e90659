//! The attributes of the language: names, arguments and the types of arguments.

/// An attribute and what it takes.
pub(super) struct Signature {
    /// The name without at signs.
    pub(super) name: &'static str,
    /// Its arguments.
    pub(super) parameters: &'static [Parameter],
    /// Whether other arguments are left alone, since the attribute is wrong where it stands.
    pub(super) ignores_other_arguments: bool,
}

/// An argument of an attribute.
pub(super) struct Parameter {
    pub(super) name: &'static str,
    pub(super) place: Place,
    pub(super) kind: Kind,
}

/// How an argument is given.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// With its name only.
    ByName,
    /// With its name or without.
    First,
    /// With its name or without, and never left out.
    Required,
}

/// What an argument holds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Anything; whoever reads it checks it.
    Any,
    /// A string.
    Text,
    /// A string that is not empty.
    Name,
    /// A bare word.
    Constant,
    /// A whole number.
    Integer,
    /// `true` or `false`.
    Boolean,
}

const fn attribute(name: &'static str, parameters: &'static [Parameter]) -> Signature {
    Signature { name, parameters, ignores_other_arguments: false }
}

const fn required(name: &'static str, kind: Kind) -> Parameter {
    Parameter { name, place: Place::Required, kind }
}

const fn first(name: &'static str, kind: Kind) -> Parameter {
    Parameter { name, place: Place::First, kind }
}

const fn named(name: &'static str, kind: Kind) -> Parameter {
    Parameter { name, place: Place::ByName, kind }
}

/// `@map` and `@@map`.
pub(super) const MAP: Signature = attribute("map", &[required("name", Kind::Text)]);

/// `@ignore` and `@@ignore`.
pub(super) const IGNORE: Signature = attribute("ignore", &[]);

/// `@updatedAt`.
pub(super) const UPDATED_AT: Signature = attribute("updatedAt", &[]);

/// `@@schema`.
pub(super) const SCHEMA: Signature = attribute("schema", &[required("map", Kind::Text)]);

/// `@default`.
pub(super) const DEFAULT: Signature =
    attribute("default", &[required("value", Kind::Any), named("map", Kind::Name)]);

/// `@id`.
pub(super) const ID: Signature = attribute(
    "id",
    &[
        named("map", Kind::Name),
        named("length", Kind::Integer),
        named("sort", Kind::Constant),
        named("clustered", Kind::Boolean),
    ],
);

/// `@unique`.
pub(super) const UNIQUE: Signature = attribute(
    "unique",
    &[
        named("map", Kind::Name),
        named("length", Kind::Integer),
        named("sort", Kind::Constant),
        named("clustered", Kind::Boolean),
        named("where", Kind::Any),
    ],
);

/// `@@id`.
pub(super) const BLOCK_ID: Signature = attribute(
    "id",
    &[
        required("fields", Kind::Any),
        named("map", Kind::Name),
        named("name", Kind::Name),
        named("clustered", Kind::Boolean),
    ],
);

/// `@@unique`.
pub(super) const BLOCK_UNIQUE: Signature = attribute(
    "unique",
    &[
        required("fields", Kind::Any),
        named("name", Kind::Name),
        named("map", Kind::Name),
        named("clustered", Kind::Boolean),
        named("where", Kind::Any),
    ],
);

/// `@@index`.
pub(super) const BLOCK_INDEX: Signature = attribute(
    "index",
    &[
        required("fields", Kind::Any),
        named("name", Kind::Name),
        named("map", Kind::Name),
        named("type", Kind::Constant),
        named("clustered", Kind::Boolean),
        named("where", Kind::Any),
    ],
);

/// `@@fulltext`.
pub(super) const BLOCK_FULLTEXT: Signature =
    attribute("fulltext", &[required("fields", Kind::Any), named("map", Kind::Name)]);

/// `@shardKey`.
pub(super) const SHARD_KEY: Signature = attribute("shardKey", &[]);

/// `@@shardKey`.
pub(super) const BLOCK_SHARD_KEY: Signature =
    attribute("shardKey", &[required("fields", Kind::Any)]);

/// `@relation` on a relation field.
pub(super) const RELATION: Signature = attribute(
    "relation",
    &[
        named("fields", Kind::Any),
        named("references", Kind::Any),
        first("name", Kind::Text),
        named("onDelete", Kind::Constant),
        named("onUpdate", Kind::Constant),
        named("map", Kind::Name),
    ],
);

/// `@relation` on a column, where it is wrong.
pub(super) const MISPLACED_RELATION: Signature = attribute("relation", &[]);

/// An attribute of columns on a relation field, where it is wrong.
const fn misplaced(name: &'static str) -> Signature {
    Signature { ignores_other_arguments: true, ..attribute(name, &[]) }
}

/// `@id` on a relation field.
pub(super) const MISPLACED_ID: Signature = misplaced("id");
/// `@default` on a relation field.
pub(super) const MISPLACED_DEFAULT: Signature = misplaced("default");
/// `@map` on a relation field.
pub(super) const MISPLACED_MAP: Signature =
    Signature { ignores_other_arguments: true, ..attribute("map", &[required("name", Kind::Any)]) };
/// `@unique` on a relation field.
pub(super) const MISPLACED_UNIQUE: Signature = misplaced("unique");
