//! A catalog as the schema language sees it: tables with columns, keys, indexes and foreign keys, by
//! position.
//!
//! Constraints and indexes of a table stand in the order of their names, primary key among them.
//! Partitions, and what lies in schemas that are not looked at, are left out.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use catalog::kinds::enum_type::EnumType;
use catalog::kinds::index::{Index as CatalogIndex, IndexKey};
use catalog::kinds::table::{self, Check, PrimaryKey};
use catalog::{Catalog, Language, Name};
use psl::schema::IndexAlgorithm;
use psl::syntax::Arity;

use crate::Error;
use crate::types::{self, Family, FieldType};

/// What there is to pull.
#[derive(Debug)]
pub(crate) struct Database<'a> {
    /// The PostgreSQL schemas looked at, by name.
    pub(crate) schemas: Vec<&'a str>,
    pub(crate) tables: Vec<Table<'a>>,
    pub(crate) enums: Vec<&'a EnumType>,
    pub(crate) views: Vec<View<'a>>,
}

/// A table.
#[derive(Debug)]
pub(crate) struct Table<'a> {
    pub(crate) name: &'a Name,
    pub(crate) columns: Vec<Column<'a>>,
    /// Those on columns only, primary key included.
    pub(crate) indexes: Vec<Index<'a>>,
    /// Those with an expression, by name.
    pub(crate) expression_indexes: Vec<&'a str>,
    pub(crate) foreign_keys: Vec<ForeignKey<'a>>,
    pub(crate) checks: &'a [Check],
    pub(crate) exclusions: Vec<&'a str>,
    pub(crate) kind: TableKind,
    pub(crate) row_security: bool,
    pub(crate) comment: Option<&'a str>,
}

/// What is special about a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TableKind {
    Plain,
    /// It has partitions.
    Partitioned,
    /// Other tables inherit from it.
    Inherited,
}

/// A view.
#[derive(Debug)]
pub(crate) struct View<'a> {
    pub(crate) name: &'a Name,
    pub(crate) columns: Vec<Column<'a>>,
    pub(crate) comment: Option<&'a str>,
}

/// A column.
#[derive(Debug)]
pub(crate) struct Column<'a> {
    pub(crate) name: &'a str,
    pub(crate) r#type: FieldType,
    pub(crate) default: Option<table::Default>,
    pub(crate) is_identity: bool,
    pub(crate) comment: Option<&'a str>,
}

/// An index.
#[derive(Debug)]
pub(crate) struct Index<'a> {
    pub(crate) name: &'a str,
    pub(crate) kind: IndexKind,
    pub(crate) columns: Vec<IndexColumn<'a>>,
    pub(crate) algorithm: IndexAlgorithm,
    pub(crate) predicate: Option<&'a str>,
    pub(crate) is_deferrable: bool,
}

/// What an index is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IndexKind {
    PrimaryKey,
    Unique,
    Plain,
}

/// A column of an index.
#[derive(Debug)]
pub(crate) struct IndexColumn<'a> {
    /// Its position in the table.
    pub(crate) column: usize,
    pub(crate) descending: bool,
    /// Whether nulls stand where they would not by default.
    pub(crate) has_odd_nulls: bool,
    /// The operator class, if it is none that goes without saying.
    pub(crate) operator_class: Option<&'a str>,
}

/// A foreign key.
#[derive(Debug)]
pub(crate) struct ForeignKey<'a> {
    pub(crate) key: &'a table::ForeignKey,
    /// Positions in the table.
    pub(crate) columns: Vec<usize>,
    /// The position of the table referred to.
    pub(crate) referenced_table: usize,
    /// Positions in the table referred to.
    pub(crate) referenced_columns: Vec<usize>,
}

impl<'a> Database<'a> {
    /// Reads a catalog.
    ///
    /// # Errors
    /// When a foreign key refers to a schema that is not looked at.
    pub(crate) fn of(
        catalog: &'a Catalog,
        schemas: &'a [String],
        language: Language,
    ) -> Result<Self, Error> {
        let mut schemas: Vec<&str> = schemas.iter().map(String::as_str).collect();
        schemas.sort_unstable();
        schemas.retain(|name| catalog.schemas.iter().any(|schema| schema.name == **name));
        // One without labels is no enum to Prisma.
        let has_labels = |known: &&EnumType| !known.labels.is_empty();
        let mut enums: Vec<&EnumType> = catalog.enum_types.iter().filter(has_labels).collect();
        enums.sort_by_key(|r#enum| &r#enum.name);
        let reading = Reading {
            catalog,
            enums: enums.iter().zip(0..).map(|(known, at)| (&known.name, at)).collect(),
        };
        let mut tables = reading.tables();
        tables.sort_by_key(|table| table.name);
        let positions: BTreeMap<&Name, usize> =
            tables.iter().zip(0..).map(|(table, at)| (table.name, at)).collect();
        let can_be_said =
            |index: &&CatalogIndex| language.partial_indexes || index.predicate.is_none();
        for index in catalog.indexes.iter().filter(can_be_said) {
            let Some(at) = positions.get(&index.table) else { continue };
            if let Some(table) = tables.get_mut(*at) {
                add_index(index, table);
            }
        }
        for table in &mut tables {
            table.indexes.sort_by_key(|index| index.name);
            table.expression_indexes.sort_unstable();
        }
        for table in catalog.tables.iter() {
            for key in &table.foreign_keys {
                if !schemas.contains(&key.referenced_table.schema.as_str()) {
                    return Err(Error::CrossSchemaReference {
                        from: format!("{}.{}", schemas.first().unwrap_or(&""), table.name.name),
                        to: key.referenced_table.to_string(),
                        constraint: key.name.clone(),
                        missing: key.referenced_table.schema.clone(),
                    });
                }
                let places = (positions.get(&table.name), positions.get(&key.referenced_table));
                let (Some(from), Some(to)) = places else { continue };
                let Some(found) = foreign_key(key, &tables, *from, *to) else { continue };
                if let Some(table) = tables.get_mut(*from) {
                    table.foreign_keys.push(found);
                }
            }
        }
        let views = catalog.views.iter().filter(|view| !view.materialized);
        let views = views.map(|view| reading.view(view)).collect();
        Ok(Self { schemas, tables, enums, views })
    }

    /// Returns the position of the table that a schema file speaks of; without a schema it lies in the
    /// first one.
    pub(crate) fn table(&self, name: &str, schema: Option<&str>) -> Option<usize> {
        let schema = schema.or_else(|| self.schemas.first().copied())?;
        let found = self.tables.binary_search_by(|table| order(table.name, schema, name));
        found.ok()
    }

    /// Returns the position of the enum type that a schema file speaks of.
    pub(crate) fn enum_type(&self, name: &str, schema: Option<&str>) -> Option<usize> {
        let schema = schema.or_else(|| self.schemas.first().copied())?;
        let found = self.enums.binary_search_by(|known| order(&known.name, schema, name));
        found.ok()
    }

    /// Returns the position of the view that a schema file speaks of.
    pub(crate) fn view(&self, name: &str, schema: Option<&str>) -> Option<usize> {
        let schema = schema.or_else(|| self.schemas.first().copied())?;
        let is_meant = |view: &View<'_>| view.name.name == name && view.name.schema == schema;
        self.views.iter().position(is_meant)
    }
}

/// How a name stands to another one, by schema first.
fn order(known: &Name, schema: &str, name: &str) -> Ordering {
    known.schema.as_str().cmp(schema).then_with(|| known.name.as_str().cmp(name))
}

impl Table<'_> {
    pub(crate) fn primary_key(&self) -> Option<&Index<'_>> {
        self.indexes.iter().find(|index| index.kind == IndexKind::PrimaryKey)
    }

    /// Whether a key tells every row apart, of columns that the language knows.
    pub(crate) fn has_identifier(&self) -> bool {
        let is_usable = |column: &IndexColumn<'_>| {
            self.columns.get(column.column).is_some_and(|column| {
                !matches!(column.r#type.family, Family::Unsupported(_))
                    && column.r#type.arity == Arity::Required
            })
        };
        self.indexes
            .iter()
            .filter(|index| index.kind != IndexKind::Plain)
            .any(|index| index.columns.iter().all(is_usable))
    }

    /// Whether the columns of a foreign key hold no two equal values.
    pub(crate) fn is_unique(&self, key: &ForeignKey<'_>) -> bool {
        self.indexes
            .iter()
            .filter(|index| index.kind != IndexKind::Plain)
            .any(|index| index.columns.iter().all(|column| key.columns.contains(&column.column)))
    }

    /// The name of a column.
    pub(crate) fn column_name(&self, position: usize) -> &str {
        self.columns.get(position).map_or("", |column| column.name)
    }

    fn has_columns(&self, names: &[&str]) -> bool {
        names.iter().all(|name| self.columns.iter().any(|column| column.name == *name))
    }

    /// Whether it is a table of Prisma's own, present or past.
    pub(crate) fn is_prismas(&self) -> bool {
        match self.name.name.as_str() {
            "_prisma_migrations" => self.has_columns(&[
                "id",
                "checksum",
                "finished_at",
                "migration_name",
                "logs",
                "rolled_back_at",
                "started_at",
                "applied_steps_count",
            ]),
            "_Migration" => self.has_columns(&[
                "revision",
                "name",
                "datamodel",
                "status",
                "applied",
                "rolled_back",
                "datamodel_steps",
                "database_migration",
                "errors",
                "started_at",
                "finished_at",
            ]),
            "_RelayId" => {
                let is_stable =
                    |column: &Column<'_>| column.name.eq_ignore_ascii_case("stablemodelidentifier");
                self.has_columns(&["id"]) && self.columns.iter().any(is_stable)
            }
            _ => false,
        }
    }
}

struct Reading<'a> {
    catalog: &'a Catalog,
    enums: BTreeMap<&'a Name, usize>,
}

impl<'a> Reading<'a> {
    fn tables(&self) -> Vec<Table<'a>> {
        let parents: BTreeSet<&Name> =
            self.catalog.tables.iter().flat_map(|table| &table.inherits).collect();
        let partitioned: BTreeSet<&Name> = self
            .catalog
            .tables
            .iter()
            .filter_map(|table| Some(&table.partition_of.as_ref()?.parent))
            .collect();
        let whole = self.catalog.tables.iter().filter(|table| table.partition_of.is_none());
        whole
            .map(|table| {
                let kind = if partitioned.contains(&table.name) {
                    TableKind::Partitioned
                } else if parents.contains(&table.name) {
                    TableKind::Inherited
                } else {
                    TableKind::Plain
                };
                let mut read = Table {
                    name: &table.name,
                    columns: table.columns.iter().map(|column| self.column(column)).collect(),
                    indexes: Vec::new(),
                    expression_indexes: Vec::new(),
                    foreign_keys: Vec::new(),
                    checks: &table.checks,
                    exclusions: table.exclusions.iter().map(|e| e.name.as_str()).collect(),
                    kind,
                    row_security: table.row_security,
                    comment: table.comment.as_deref(),
                };
                if let Some(key) = &table.primary_key {
                    read.indexes.extend(primary_key(key, &read.columns));
                }
                read
            })
            .collect()
    }

    fn column(&self, column: &'a table::Column) -> Column<'a> {
        // The expression of a generated column is a default to `pg_attrdef`.
        let generated = column.generated.as_ref().map(|text| {
            let text = text.strip_suffix(" VIRTUAL").unwrap_or(text);
            table::Default::Expression(text.to_owned())
        });
        Column {
            name: &column.name,
            r#type: types::of(column, self.catalog, &self.enums),
            default: column.default.clone().or(generated),
            is_identity: column.identity.is_some(),
            comment: column.comment.as_deref(),
        }
    }

    fn view(&self, view: &'a catalog::kinds::view::View) -> View<'a> {
        View {
            name: &view.name,
            columns: view
                .columns
                .iter()
                .map(|column| Column {
                    comment: view.column_comments.get(&column.name).map(String::as_str),
                    ..self.column(column)
                })
                .collect(),
            comment: view.comment.as_deref(),
        }
    }
}

fn position(columns: &[Column<'_>], name: &str) -> Option<usize> {
    columns.iter().position(|column| column.name == name)
}

fn primary_key<'a>(key: &'a PrimaryKey, columns: &[Column<'_>]) -> Option<Index<'a>> {
    // What a key includes is among its columns, to Prisma.
    let names = key.columns.iter().chain(&key.include);
    let columns = names
        .map(|name| {
            let column = position(columns, name)?;
            Some(IndexColumn {
                column,
                descending: false,
                has_odd_nulls: false,
                operator_class: None,
            })
        })
        .collect::<Option<_>>()?;
    Some(Index {
        name: &key.name,
        kind: IndexKind::PrimaryKey,
        columns,
        algorithm: IndexAlgorithm::BTree,
        predicate: None,
        is_deferrable: key.deferrable || key.initially_deferred,
    })
}

fn add_index<'a>(index: &'a CatalogIndex, table: &mut Table<'a>) {
    let algorithm = match index.method.as_str() {
        "hash" => IndexAlgorithm::Hash,
        "gist" => IndexAlgorithm::Gist,
        "gin" => IndexAlgorithm::Gin,
        "spgist" => IndexAlgorithm::SpGist,
        "brin" => IndexAlgorithm::Brin,
        // Prisma takes the methods of extensions for it.
        _ => IndexAlgorithm::BTree,
    };
    let key = |key: &'a IndexKey| {
        let column = position(&table.columns, key.column.as_deref()?)?;
        Some(IndexColumn {
            column,
            descending: key.descending,
            has_odd_nulls: algorithm == IndexAlgorithm::BTree && key.descending != key.nulls_first,
            operator_class: match algorithm {
                IndexAlgorithm::BTree | IndexAlgorithm::Hash => None,
                IndexAlgorithm::Gist
                | IndexAlgorithm::Gin
                | IndexAlgorithm::SpGist
                | IndexAlgorithm::Brin => key.operator_class.as_deref().and_then(needed),
            },
        })
    };
    let included = |name: &'a String| {
        let column = position(&table.columns, name)?;
        Some(IndexColumn { column, descending: false, has_odd_nulls: false, operator_class: None })
    };
    let columns: Option<Vec<_>> =
        index.keys.iter().map(key).chain(index.include.iter().map(included)).collect();
    let Some(columns) = columns else {
        table.expression_indexes.push(&index.name.name);
        return;
    };
    table.indexes.push(Index {
        name: &index.name.name,
        kind: if index.unique { IndexKind::Unique } else { IndexKind::Plain },
        columns,
        algorithm,
        predicate: index.predicate.as_deref(),
        is_deferrable: index
            .constraint
            .as_ref()
            .is_some_and(|constraint| constraint.deferrable || constraint.initially_deferred),
    });
}

/// Operator classes that are the default of their types and take parameters, which the language has no
/// place for.
const DEFAULT_CLASSES: [&str; 5] =
    ["gist_ltree_ops", "gist__ltree_ops", "gist__int_ops", "gist_hstore_ops", "tsvector_ops"];

/// The name in `gist_trgm_ops(siglen=32)`, unless it goes without saying.
fn needed(operator_class: &str) -> Option<&str> {
    let Some((name, _)) = operator_class.split_once('(') else { return Some(operator_class) };
    (!DEFAULT_CLASSES.contains(&name)).then_some(name)
}

fn foreign_key<'a>(
    key: &'a table::ForeignKey,
    tables: &[Table<'_>],
    from: usize,
    to: usize,
) -> Option<ForeignKey<'a>> {
    let places = |table: usize, names: &[String]| {
        let columns = &tables.get(table)?.columns;
        names.iter().map(|name| position(columns, name)).collect::<Option<Vec<usize>>>()
    };
    Some(ForeignKey {
        key,
        columns: places(from, &key.columns)?,
        referenced_table: to,
        referenced_columns: places(to, &key.referenced_columns)?,
    })
}
