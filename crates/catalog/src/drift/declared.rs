//! Whether schema files know of a difference: then somebody ran `db push`.

use super::{Difference, State};
use crate::kinds::table::Default;
use crate::{Catalog, Kind};

impl Difference {
    /// Whether the catalog that schema files declare agrees with the database about this object, and
    /// so not with the migrations: the mark that `db push` leaves.
    ///
    /// False for all that the schema language cannot express.
    pub fn is_declared_by(&self, declared: &Catalog) -> bool {
        match &self.state {
            State::Missing => is_expressible(self.kind) && !self.is_in(declared),
            State::Unexpected => self.is_in(declared),
            State::Changed { fields } => {
                let Some(facts) = declared.facts(self.kind, &self.id) else { return false };
                fields.iter().all(|field| {
                    is_expressible_field(self.kind, &field.path)
                        && facts.get(&field.path).map(loosely)
                            == field.actual.as_deref().map(loosely)
                })
            }
        }
    }

    fn is_in(&self, declared: &Catalog) -> bool {
        if self.kind == Kind::Sequence {
            // Declared is only that a column draws from it.
            let columns = declared.tables.iter().flat_map(|table| &table.columns);
            return columns.filter_map(|column| column.default.as_ref()).any(|default| {
                matches!(default, Default::NextValue(name) if name.to_string() == self.id)
            });
        }
        declared.facts(self.kind, &self.id).is_some()
    }
}

fn is_expressible(kind: Kind) -> bool {
    match kind {
        Kind::Schema | Kind::EnumType | Kind::Table | Kind::Index | Kind::Sequence => true,
        // A schema file without the preview feature says nothing of extensions.
        Kind::Extension
        | Kind::Domain
        | Kind::CompositeType
        | Kind::View
        | Kind::Function
        | Kind::Trigger
        | Kind::Policy => false,
    }
}

fn is_expressible_field(kind: Kind, path: &str) -> bool {
    let first = path.split('.').next().unwrap_or_default();
    match kind {
        Kind::EnumType => first == "labels",
        Kind::Table => {
            let last = path.rsplit('.').next().unwrap_or_default();
            matches!(first, "primary_key" | "foreign_keys")
                || first == "columns" && !matches!(last, "comment" | "generated" | "collation")
        }
        Kind::Index => matches!(first, "table" | "method" | "unique" | "keys" | "predicate"),
        Kind::Schema
        | Kind::Extension
        | Kind::Domain
        | Kind::CompositeType
        | Kind::Sequence
        | Kind::View
        | Kind::Function
        | Kind::Trigger
        | Kind::Policy => false,
    }
}

/// A text as the user and the server may both write it: without quotes, schema `public`, parentheses
/// around it, and capitals.
fn loosely(text: &str) -> String {
    let text = text.to_lowercase().replace(['"', '(', ')', ' '], "");
    text.replace("public.", "")
}
