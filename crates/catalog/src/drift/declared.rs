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

/// A schema file without the preview feature says nothing of extensions, so they do not count.
fn is_expressible(kind: Kind) -> bool {
    matches!(kind, Kind::Schema | Kind::EnumType | Kind::Table | Kind::Index | Kind::Sequence)
}

fn is_expressible_field(kind: Kind, path: &str) -> bool {
    let first = path.split('.').next().unwrap_or_default();
    kind == Kind::EnumType && first == "labels"
        || kind == Kind::Table
            && matches!(first, "primary_key" | "foreign_keys" | "columns")
            && !is_particular(path, INEXPRESSIBLE)
        || kind == Kind::Index
            && matches!(first, "table" | "method" | "unique" | "keys" | "predicate")
}

/// What the schema language cannot say of a column or key.
const INEXPRESSIBLE: &[&str] = &[
    "collation",
    "comment",
    "deferral",
    "generated",
    "identity_options",
    "include",
    "match",
    "options",
    "validation",
];

/// Whether the path is that of a particular with one of the names: `columns.email.comment`, but not
/// `columns.comment`, which is a column.
fn is_particular(path: &str, names: &[&str]) -> bool {
    path.rsplit_once('.').is_some_and(|(whole, last)| {
        names.contains(&last) && (whole == "primary_key" || whole.contains('.'))
    })
}

/// A text as the user and the server may both write it: without quotes, schema `public`, parentheses
/// around it, and capitals.
fn loosely(text: &str) -> String {
    let text = text.to_lowercase().replace(['"', '(', ')', ' '], "");
    text.replace("public.", "")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::{Catalog, Difference, Name, Pair, State, declare, drift};

    fn declared(models: &str) -> Catalog {
        let text = format!("datasource db {{\n  provider = \"postgresql\"\n}}\n{models}");
        let text = text.replace(';', "\n");
        let file = psl::SourceFile { path: "schema.prisma".to_owned(), text: Arc::from(text) };
        declare(&psl::load(&[file]).schema, "public")
    }

    /// A semicolon is a line's end.
    const BEFORE: &str = "
        enum Role {; A; B; }
        model User {; id Int @id; name String; role Role; posts Post[]; }
        model Post {; id Int @id; userId Int; user User @relation(fields: [userId], references: [id]); }
        model Gone {; id Int @id @default(autoincrement()); a Int @unique; }";
    const AFTER: &str = "
        enum Role {; A; B; C; }
        model User {; id Int @id; name String? @default(\"x\") @unique; role Role; email String; posts Post[]; }
        model Post {; id Int @id; userId Int
            user User @relation(fields: [userId], references: [id], onDelete: Cascade); }
        model New {; id BigInt @id @default(autoincrement()); a Int @unique; }";

    #[test]
    fn what_db_push_did_is_declared_by_the_new_schema_only() {
        let (before, after) = (declared(BEFORE), declared(AFTER));
        let differences = drift(Pair::new(&after, &before));
        let told: Vec<String> = differences.iter().map(Difference::to_string).collect();
        assert_eq!(
            told,
            [
                "enum type public.Role: labels is 'A', 'B', 'C' instead of 'A', 'B'",
                "table public.Gone is missing",
                "table public.New is unexpected",
                "table public.Post: foreign_keys.Post_userId_fkey.on_delete is CASCADE instead of RESTRICT",
                "table public.User: columns.name.nullable is true instead of false; columns.name.default \
                 is unexpected ('x'); columns.email is unexpected (TEXT NOT NULL)",
                "index public.User_name_key is unexpected",
            ]
        );
        for difference in &differences {
            assert!(difference.is_declared_by(&after), "{difference}");
            assert!(!difference.is_declared_by(&before), "{difference}");
        }
        assert_ne!(before.fingerprint(), after.fingerprint());
    }

    #[test]
    fn what_the_schema_language_cannot_say_is_never_declared() {
        let before = declared(BEFORE);
        let mut after = before.clone();
        let table = after.tables.get_mut(&Name::new("public", "User")).unwrap();
        table.row_security = true;
        table.columns.reverse();
        let differences = drift(Pair::new(&after, &before));
        let [difference] = differences.as_slice() else { panic!("{differences:?}") };
        assert!(matches!(difference.state, State::Changed { .. }));
        assert!(!difference.is_declared_by(&after));
        assert_eq!(
            serde_json::to_string(difference).unwrap(),
            r#"{"kind":"table","id":"public.User","state":"changed","fields":[{"path":"row_security","expected":null,"actual":"true"}]}"#
        );
    }
}
