//! Prisma's own fixtures: a schema with the expected SQL in the comment at its end.

use std::fs::read_to_string;
use std::path::Path;

use catalog::{Catalog, Pair};

use super::{Case, Texts, declare, script};

const MARKER: &str = "// Expected Migration:\n";

pub(super) fn cases(folder: &Path) -> anyhow::Result<Vec<Case>> {
    let folder =
        folder.join("fixtures/schema-engine/sql-migration-tests/tests/single_migration_tests");
    let mut cases = Vec::new();
    let mut paths: Vec<_> =
        std::fs::read_dir(&folder)?.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        let Ok(text) = read_to_string(&path) else { continue };
        let Some((schema, expected)) = text.split_once(MARKER) else { continue };
        let tags = text.lines().next().unwrap_or_default();
        if !tags.contains("postgres") {
            continue;
        }
        let prismas: String = expected
            .lines()
            .map(|line| line.trim_start_matches("// ").trim_start_matches("//").to_owned() + "\n")
            .collect();
        let texts = declare(&[(super::file_name(&path), schema.to_owned())]).map(|declared| {
            let ours = script(Pair::new(&Catalog::default(), &declared.catalog), declared.names);
            Texts { ours, prismas }
        });
        cases.push(Case { name: super::file_name(&path), texts });
    }
    Ok(cases)
}
