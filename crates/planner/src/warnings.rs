//! What data a plan may lose, and what data may stop it: the warnings that Prisma writes on top of a
//! migration.

use std::collections::BTreeSet;
use std::fmt;

use catalog::kinds::index::Index;
use catalog::kinds::table::Column;
use catalog::{AlterColumn, Cast, Catalog, Change, Name, Pair, TableClause, is_autoincrement};

use crate::Plan;
use crate::native_type::native_type;

/// Something to be careful about before a plan is carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields' names say it")]
pub enum Warning {
    /// The primary key is dropped, whether or not another one follows.
    PrimaryKeyChanged { table: Name },
    /// All rows are lost.
    TableDropped { table: Name },
    /// The column's values are lost.
    ColumnDropped { table: Name, column: String },
    /// The column's values are lost, since there is no cast to its new type.
    ColumnRecreated { table: Name, column: String },
    /// Some values may not fit the new type.
    ColumnCast { table: Name, column: String, types: Pair<String> },
    /// Rows that are equal in these columns stop the plan.
    UniqueAdded { table: Name, columns: Vec<String> },
    /// Rows that have one of the labels stop the plan.
    LabelsRemoved { enum_type: Name, labels: Vec<String> },
    /// Any row stops the plan.
    RequiredColumnAdded { table: Name, column: String, filled_by_client: bool },
    /// Any row stops the plan, since there is no cast to the new type of the column.
    RequiredColumnRecreated { table: Name, column: String },
    /// Nulls stop the plan.
    ColumnMadeRequired { table: Name, column: String },
    /// Values stop the plan.
    ScalarMadeList { table: Name, column: String },
}

impl Warning {
    /// Whether the data, if there is any, stops the plan instead of being lost by it. Prisma tells of
    /// these last, and refuses to go on where it finds such data.
    pub fn is_blocking(&self) -> bool {
        match self {
            Self::PrimaryKeyChanged { .. }
            | Self::TableDropped { .. }
            | Self::ColumnDropped { .. }
            | Self::ColumnRecreated { .. }
            | Self::ColumnCast { .. }
            | Self::UniqueAdded { .. }
            | Self::LabelsRemoved { .. } => false,
            Self::RequiredColumnAdded { .. }
            | Self::RequiredColumnRecreated { .. }
            | Self::ColumnMadeRequired { .. }
            | Self::ScalarMadeList { .. } => true,
        }
    }
}

/// The warning in Prisma's words, where nothing is known of the data.
impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PrimaryKeyChanged { table } => write!(
                f,
                "The primary key for the `{}` table will be changed. If it partially fails, the \
                 table could be left without primary key constraint.",
                table.name
            ),
            Self::TableDropped { table } => write!(
                f,
                "You are about to drop the `{}` table. If the table is not empty, all the data it \
                 contains will be lost.",
                table.name
            ),
            Self::ColumnDropped { table, column } => write!(
                f,
                "You are about to drop the column `{column}` on the `{}` table. All the data in the \
                 column will be lost.",
                table.name
            ),
            Self::ColumnRecreated { table, column } => write!(
                f,
                "The `{column}` column on the `{}` table would be dropped and recreated. This will \
                 lead to data loss if there is data in the column.",
                table.name
            ),
            Self::ColumnCast { table, column, types } => write!(
                f,
                "You are about to alter the column `{column}` on the `{}` table. The data in that \
                 column could be lost. The data in that column will be cast from `{}` to `{}`.",
                table.name, types.actual, types.desired
            ),
            Self::UniqueAdded { table, columns } => write!(
                f,
                "A unique constraint covering the columns `[{}]` on the table `{}` will be added. If \
                 there are existing duplicate values, this will fail.",
                columns.join(","),
                table.name
            ),
            Self::LabelsRemoved { enum_type, labels } => write!(
                f,
                "The values [{}] on the enum `{}` will be removed. If these variants are still used \
                 in the database, this will fail.",
                labels.join(","),
                enum_type.name
            ),
            Self::RequiredColumnAdded { table, column, filled_by_client: true } => write!(
                f,
                "The required column `{column}` was added to the `{}` table with a prisma-level \
                 default value. This is not possible if the table is not empty. Please add this \
                 column as optional, then populate it before making it required.",
                table.name
            ),
            Self::RequiredColumnAdded { table, column, filled_by_client: false } => write!(
                f,
                "Added the required column `{column}` to the `{}` table without a default value. \
                 This is not possible if the table is not empty.",
                table.name
            ),
            Self::RequiredColumnRecreated { table, column } => write!(
                f,
                "Changed the type of `{column}` on the `{}` table. No cast exists, the column would \
                 be dropped and recreated, which cannot be done if there is data, since the column \
                 is required.",
                table.name
            ),
            Self::ColumnMadeRequired { table, column } => write!(
                f,
                "Made the column `{column}` on table `{}` required. This step will fail if there are \
                 existing NULL values in that column.",
                table.name
            ),
            Self::ScalarMadeList { table, column } => write!(
                f,
                "Changed the column `{column}` on the `{}` table from a scalar field to a list \
                 field. If there are non-null values in that column, this step will fail.",
                table.name
            ),
        }
    }
}

/// Returns what there is to be careful about, first what loses data, then what data stops.
///
/// `catalogs` are those that the plan was made of; `filled_by_client` are the columns whose default
/// the client makes ([`catalog::filled_by_client`]).
pub fn warnings(
    plan: &Plan,
    catalogs: Pair<&Catalog>,
    filled_by_client: &BTreeSet<(Name, String)>,
) -> Vec<Warning> {
    let mut warnings = Vec::new();
    for change in &plan.changes {
        match change {
            Change::AlterTable(alter) => {
                for clause in &alter.clauses {
                    warnings.extend(of_clause(&alter.table, clause, filled_by_client));
                }
            }
            Change::AlterEnum(alter) if !alter.removed.is_empty() => {
                warnings.push(Warning::LabelsRemoved {
                    enum_type: alter.types.actual.name.clone(),
                    labels: alter.removed.clone(),
                });
            }
            Change::DropTable(dropped) => {
                warnings.push(Warning::TableDropped { table: dropped.name.clone() });
            }
            Change::CreateIndex(index) if index.unique && is_new(index, plan, catalogs.actual) => {
                warnings.push(Warning::UniqueAdded {
                    table: index.table.clone(),
                    columns: columns(index).map(str::to_owned).collect(),
                });
            }
            Change::Rename(_)
            | Change::CreateSchema(_)
            | Change::CreateExtension(_)
            | Change::AlterExtension(_)
            | Change::DropExtension(_)
            | Change::CreateEnum(_)
            | Change::AlterEnum(_)
            | Change::DropForeignKey { .. }
            | Change::DropIndex(_)
            | Change::DropEnum(_)
            | Change::CreateTable(_)
            | Change::CreateIndex(_)
            | Change::RenameForeignKey { .. }
            | Change::AddForeignKey { .. }
            | Change::RenameIndex(_) => {}
        }
    }
    warnings.sort_by_key(Warning::is_blocking);
    warnings
}

fn columns(index: &Index) -> impl Iterator<Item = &str> {
    index.keys.iter().filter_map(|key| key.column.as_deref())
}

/// Whether an index comes to a table that is there already, and is not one that goes with a column
/// that is dropped and added again.
fn is_new(index: &Index, plan: &Plan, actual: &Catalog) -> bool {
    let is_dropped = |name: &Name| {
        plan.changes
            .iter()
            .any(|change| matches!(change, Change::DropIndex(dropped) if dropped.name == *name))
    };
    actual.tables.contains(&index.table)
        && !actual.indexes.iter().any(|other| {
            other.table == index.table
                && other.unique
                && columns(other).eq(columns(index))
                && !is_dropped(&other.name)
        })
}

fn of_clause(
    table: &Name,
    clause: &TableClause,
    filled_by_client: &BTreeSet<(Name, String)>,
) -> Vec<Warning> {
    let table = table.clone();
    match clause {
        TableClause::DropPrimaryKey(_) => vec![Warning::PrimaryKeyChanged { table }],
        TableClause::DropColumn(column) => {
            vec![Warning::ColumnDropped { table, column: column.name.clone() }]
        }
        TableClause::AddColumn(column) if needs_value(column) => {
            let key = (table.clone(), column.name.clone());
            let filled_by_client = filled_by_client.contains(&key);
            let column = column.name.clone();
            vec![Warning::RequiredColumnAdded { table, column, filled_by_client }]
        }
        TableClause::AlterColumn(alter) => altered(&table, alter),
        TableClause::RecreateColumn(alter) => {
            let column = alter.columns.desired.name.clone();
            vec![if needs_value(&alter.columns.desired) {
                Warning::RequiredColumnRecreated { table, column }
            } else {
                Warning::ColumnRecreated { table, column }
            }]
        }
        TableClause::AddColumn(_)
        | TableClause::AddPrimaryKey(_)
        | TableClause::RenamePrimaryKey(_) => Vec::new(),
    }
}

/// Whether a column has to be given a value in every row.
fn needs_value(column: &Column) -> bool {
    !column.nullable
        && !column.r#type.array
        && column.default.is_none()
        && !is_autoincrement(column)
}

fn altered(table: &Name, alter: &AlterColumn) -> Vec<Warning> {
    let AlterColumn { columns, differs, cast } = alter;
    let column = columns.desired.name.clone();
    let mut warnings = Vec::new();
    if differs.arity {
        let arrays = columns.as_ref().map(|column| column.r#type.array);
        let (table, column) = (table.clone(), column.clone());
        match (arrays.actual, arrays.desired) {
            (false, true) => warnings.push(Warning::ScalarMadeList { table, column }),
            (false, false) if !columns.desired.nullable => {
                warnings.push(Warning::ColumnMadeRequired { table, column });
            }
            (false, false) | (true, _) => {}
        }
    }
    if *cast == Some(Cast::Risky) {
        let types = columns.as_ref().map(|column| native_type(&column.r#type));
        warnings.push(Warning::ColumnCast { table: table.clone(), column, types });
    }
    warnings
}
