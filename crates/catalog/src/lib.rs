//! What a PostgreSQL database contains, as a value: its kinds of object, their declaration,
//! difference and SQL.
//!
//! A [`Catalog`] is one value whatever it came from: declared by schema files, introspected from a
//! server, read from a snapshot. Each kind of object is one folder of [`kinds`] and one line of its
//! table. The struct of a kind is the row of its `query.sql`: the server answers JSON with the
//! struct's fields, so there is no code that maps rows.
//!
//! The crate is pure: no connection, file, clock or environment.

mod backup;
pub mod beside;
mod change;
mod ddl;
mod declare;
mod dependencies;
mod diff;
mod drift;
mod facts;
mod fingerprint;
mod history_table;
pub mod kinds;
mod mark;
mod name;
mod objects;
mod pair;
pub mod rename;
mod selection;
mod settled;
pub mod snapshot;
mod sql;

pub use backup::{BACKUP_SCHEMA, PutBack, TableCopy, create_backup_schema};
pub use change::{
    AlterColumn, AlterEnum, AlterTable, Cast, Change, ColumnDifference, EnumColumn, EnumDefault,
    TableClause,
};
pub use ddl::{
    Address, Alteration, Binding, Conversion, Element, Follows, Lock, LockMode, Loss, Part,
    Statement, Swap, alter, conversion, elements, move_column,
};
pub use declare::{
    Language, declare, default_type, filled_by_client, names_schemas, operator_class_name,
};
pub use dependencies::Dependency;
pub use diff::diff;
pub use drift::{Difference, FieldDifference, PartOf, State, drift, every_difference};
pub use facts::{Fact, Facts};
pub use kinds::{Catalog, Kind, Reading};
pub use name::{Name, literal, quoted};
pub use objects::{Object, Objects};
pub use pair::Pair;
pub use selection::Selection;
pub use settled::settled;
pub use sql::{Qualification, is_autoincrement};
