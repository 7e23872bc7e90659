//! What the tests of this crate share.

use std::sync::Arc;

use catalog::{Catalog, Language, Pair, Qualification};
use expect_test::Expect;
use planner::Plan;

/// Where a schema text has none of its own.
const DATASOURCE: &str = "datasource db {\n  provider = \"postgresql\"\n}\n";

/// A schema as the planner needs it.
pub(crate) struct Declared {
    pub(crate) catalog: Catalog,
    pub(crate) schema: psl::schema::Schema,
    pub(crate) names: Qualification,
}

/// Declares a schema text; an empty one is an empty database.
pub(crate) fn declare(text: &str) -> Declared {
    if text.trim().is_empty() {
        return Declared {
            catalog: Catalog::default(),
            schema: psl::schema::Schema::default(),
            names: Qualification::Except("public".to_owned()),
        };
    }
    let text =
        if text.contains("datasource") { text.to_owned() } else { format!("{DATASOURCE}{text}") };
    let file = psl::SourceFile { path: "schema.prisma".to_owned(), text: Arc::from(text) };
    let loaded = psl::load(&[file]);
    for diagnostic in &loaded.diagnostics {
        assert_ne!(diagnostic.severity, psl::Severity::Error, "{}", diagnostic.message);
    }
    let names = if catalog::names_schemas(&loaded.schema) {
        Qualification::Always
    } else {
        Qualification::Except("public".to_owned())
    };
    Declared { catalog: catalog::declare(&loaded.schema, "public"), schema: loaded.schema, names }
}

/// The plan that leads from one schema to another.
pub(crate) fn plan(before: &Declared, after: &Declared) -> Plan {
    let catalogs = Pair::new(&before.catalog, &after.catalog);
    Plan::of(catalogs, Language::of(&after.schema), after.names.clone())
}

/// Compares the script and the summary of the plan between two schema texts with what is expected.
#[expect(clippy::needless_pass_by_value, reason = "expectations are made where they are passed")]
pub(crate) fn check(before: &str, after: &str, script: Expect, summary: Expect) {
    let plan = plan(&declare(before), &declare(after));
    script.assert_eq(&planner::script(&plan));
    summary.assert_eq(&format!("{}\n", planner::summary(&plan).trim_matches('\n')));
}
