//! What a statement does, as far as its words tell.

use std::ops::Range;

use catalog::{LockMode, Name};

/// One thing that a statement does; `ALTER TABLE` may do several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// What it is.
    pub kind: ActionKind,
    /// Where it stands in the script, in bytes.
    pub span: Range<usize>,
}

/// What is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ActionKind {
    /// `CREATE TABLE`.
    CreateTable(NewTable),
    /// `ALTER TABLE`: one of its parts.
    AlterTable(Name, Alteration),
    /// `DROP TABLE`.
    DropTable {
        /// The tables.
        tables: Vec<Name>,
        /// Whether what needs them goes too.
        cascade: bool,
    },
    /// `TRUNCATE`.
    Truncate(Vec<Name>),
    /// `CREATE INDEX`.
    CreateIndex(NewIndex),
    /// `DROP INDEX`.
    DropIndex {
        /// The indexes.
        indexes: Vec<Name>,
        /// Whether it waits instead of blocking.
        concurrently: bool,
    },
    /// `ALTER INDEX … RENAME TO`.
    RenameIndex {
        /// The index.
        index: Name,
        /// The name it gets.
        to: String,
    },
    /// `REINDEX`.
    Reindex {
        /// Whether it waits instead of blocking.
        concurrently: bool,
    },
    /// `REFRESH MATERIALIZED VIEW`.
    Refresh {
        /// The view.
        view: Name,
        /// Whether reads go on.
        concurrently: bool,
    },
    /// `CREATE VIEW`, `CREATE FUNCTION` and the like: something that mentions others.
    CreateUser {
        /// What it is, as `view public.v`.
        user: String,
        /// Whether it is a function, the text of which PostgreSQL does not watch over.
        is_function: bool,
        /// Every name in its text.
        mentions: Vec<String>,
    },
    /// `DROP VIEW`, `DROP FUNCTION` and the like.
    DropUsers {
        /// What they are, as `view public.v`.
        users: Vec<String>,
        /// Whether what needs them goes too.
        cascade: bool,
    },
    /// `DROP` of anything else than a table, a column, or an index, by its keyword.
    DropOther {
        /// The keyword of the kind: `TYPE`, `SCHEMA`.
        kind: String,
        /// What is dropped.
        names: Vec<Name>,
        /// Whether what needs it goes too.
        cascade: bool,
    },
    /// `CREATE TYPE`, `CREATE DOMAIN`.
    CreateType {
        /// The type.
        r#type: Name,
        /// Its labels, if it is an enum type.
        labels: Option<Vec<String>>,
    },
    /// `CREATE SCHEMA`.
    CreateSchema(String),
    /// `CREATE EXTENSION`.
    CreateExtension(String),
    /// `ALTER TYPE … ADD VALUE`.
    AddLabel {
        /// The type.
        r#type: Name,
        /// The label.
        label: String,
    },
    /// `UPDATE`, `DELETE`, `INSERT`, `MERGE`.
    ChangeRows {
        /// Which of them.
        verb: &'static str,
        /// The table.
        table: Name,
        /// Whether a condition limits it to some rows.
        some_rows: bool,
    },
    /// `LOCK TABLE`.
    LockTable(Vec<Name>, LockMode),
    /// `CREATE TRIGGER`, `DROP TRIGGER`, `CREATE POLICY` and the like: something that is on a table.
    OnTable {
        /// The table.
        table: Name,
        /// The lock that it takes there.
        lock: LockMode,
    },
    /// `CLUSTER`, `VACUUM FULL`: the table is written anew.
    WriteAnew {
        /// The command.
        command: &'static str,
        /// The table; none for all.
        table: Option<Name>,
    },
    /// `SET lock_timeout` or `SET statement_timeout`.
    SetTimeout(String),
    /// `BEGIN`, `COMMIT`, `ROLLBACK`.
    TransactionControl,
    /// Something that RDS refuses, in a few words.
    Privileged(String),
    /// Anything else.
    Other,
}

/// A new table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTable {
    /// Its name.
    pub name: Name,
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its constraints.
    pub constraints: Vec<Constraint>,
    /// The partitioned table that it becomes a part of.
    pub partition_of: Option<Name>,
    /// Whether it is itself partitioned.
    pub is_partitioned: bool,
}

/// A new index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewIndex {
    /// Its name; none if PostgreSQL chooses it.
    pub name: Option<String>,
    /// Its table.
    pub table: Name,
    /// Whether it is unique.
    pub unique: bool,
    /// Whether writes go on meanwhile.
    pub concurrently: bool,
    /// Its keys as written: columns and expressions.
    pub keys: Vec<String>,
    /// What is behind `WHERE`.
    pub condition: Option<String>,
}

/// A part of `ALTER TABLE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Alteration {
    /// `ADD COLUMN`.
    AddColumn(Column),
    /// `DROP COLUMN`.
    DropColumn {
        /// The column.
        column: String,
        /// Whether what needs it goes too.
        cascade: bool,
    },
    /// `ALTER COLUMN … TYPE`.
    ChangeType {
        /// The column.
        column: String,
        /// The new type.
        to: Type,
        /// What is behind `USING`, if it is more than a cast of the column.
        using: Option<String>,
        /// The new type as written.
        written: String,
        /// All that is behind `USING`.
        expression: Option<String>,
    },
    /// `ALTER COLUMN … SET NOT NULL`.
    SetNotNull(String),
    /// `ALTER COLUMN … DROP NOT NULL`.
    DropNotNull(String),
    /// `ADD CONSTRAINT`.
    AddConstraint(Constraint),
    /// `VALIDATE CONSTRAINT`.
    Validate(String),
    /// `DROP CONSTRAINT`.
    DropConstraint(String),
    /// `RENAME COLUMN`.
    RenameColumn {
        /// The name it had.
        from: String,
        /// The name it gets.
        to: String,
    },
    /// `RENAME CONSTRAINT`.
    RenameConstraint {
        /// The name it had.
        from: String,
        /// The name it gets.
        to: String,
    },
    /// `RENAME TO`.
    Rename(String),
    /// `SET SCHEMA`.
    SetSchema(String),
    /// `SET LOGGED`, `SET UNLOGGED`, `SET TABLESPACE`, `SET ACCESS METHOD`: the table is written anew.
    WriteAnew(&'static str),
    /// `ATTACH PARTITION`.
    Attach(Name),
    /// `DETACH PARTITION`.
    Detach {
        /// The partition.
        partition: Name,
        /// Whether it waits instead of blocking.
        concurrently: bool,
    },
    /// `SET STATISTICS`, storage parameters, `CLUSTER ON`: what takes a light lock.
    Tune,
    /// `ENABLE` or `DISABLE TRIGGER`.
    SwitchTrigger,
    /// Anything else.
    Other,
}

/// A column as a definition has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type.
    pub r#type: Type,
    /// Whether it says `NOT NULL`, or is a key.
    pub not_null: bool,
    /// What fills rows that are there already.
    pub filling: Filling,
    /// Constraints in the definition.
    pub constraints: Vec<Constraint>,
}

/// What a new column has in rows that are there already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filling {
    /// NULL.
    Null,
    /// The same value in all rows: nothing is written.
    Constant,
    /// A value for each row, from this expression: the table is written anew.
    PerRow(String),
    /// A stored generated column: the table is written anew.
    Generated,
    /// A default that calls functions of which it is not known whether they are volatile.
    Unknown(String),
}

/// A type as written, in PostgreSQL's own word for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Type {
    /// The name: `int4`, `varchar`, `Role`.
    pub name: String,
    /// The length, precision and scale.
    pub arguments: Vec<u32>,
    /// Whether it is an array.
    pub array: bool,
}

/// A constraint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Constraint {
    /// Its name; none if PostgreSQL chooses it.
    pub name: Option<String>,
    /// What it demands.
    pub kind: ConstraintKind,
    /// Whether rows that are there already are left alone.
    pub not_valid: bool,
}

/// What a constraint demands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConstraintKind {
    /// `CHECK`: the expression as written, without the outer parentheses.
    Check(String),
    /// `FOREIGN KEY`.
    ForeignKey {
        /// The columns that refer.
        columns: Vec<String>,
        /// The table it refers to.
        references: Name,
        /// The columns it refers to; none if they are those of the primary key.
        referenced: Vec<String>,
    },
    /// `UNIQUE` or `PRIMARY KEY`.
    Key {
        /// Whether it is the primary key.
        primary: bool,
        /// The columns.
        columns: Vec<String>,
        /// The index that is there already.
        using_index: Option<String>,
    },
    /// `EXCLUDE`.
    Exclude,
    /// `NOT NULL`, as PostgreSQL 18 has it among the constraints.
    NotNull(String),
}
