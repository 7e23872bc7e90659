//! Prisma's own fixtures: a schema with the expected SQL in the comment at its end.

use std::fs::read_to_string;
use std::path::Path;

use catalog::{Catalog, Pair, Qualification};

use super::{Case, Texts, declare, script};

const FOLDER: &str =
    "fixtures/schema-engine/sql-migration-tests/tests/single_migration_tests/postgres";
const MARKER: &str = "// Expected Migration:\n";

#[expect(clippy::unnecessary_wraps, reason = "a line of the table of sets")]
pub(super) fn cases(folder: &Path) -> anyhow::Result<Vec<Case>> {
    let mut paths = Vec::new();
    super::prisma_files(&folder.join(FOLDER), &mut paths);
    paths.sort();
    let mut cases = Vec::new();
    for path in paths {
        let Ok(text) = read_to_string(&path) else { continue };
        let Some((schema, expected)) = text.split_once(MARKER) else { continue };
        let prismas: String = expected
            .lines()
            .map(|line| line.trim_start_matches("// ").trim_start_matches("//").to_owned() + "\n")
            .collect();
        let texts = declare(&[(super::file_name(&path), schema.to_owned())]).map(|declared| {
            // The fixtures begin with a new database, which has the schema public; those that name
            // their schemas begin without any.
            let mut empty = Catalog::default();
            if declared.names != Qualification::Always {
                empty.schemas.insert(catalog::kinds::schema::Schema::named("public"));
            }
            let ours =
                script(Pair::new(&empty, &declared.catalog), declared.language, declared.names);
            Texts { ours, prismas }
        });
        cases.push(Case { name: super::file_name(&path), texts });
    }
    Ok(cases)
}
