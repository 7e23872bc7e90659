//! Real schema changes: `before.prisma`, `after.prisma`, and the SQL that Prisma makes of them.

use std::fs::read_to_string;
use std::path::Path;

use catalog::Pair;

use super::{Case, Texts, declare, file_name, folders, script};

pub(super) fn cases(folder: &Path) -> anyhow::Result<Vec<Case>> {
    let mut cases = Vec::new();
    for app in folders(&folder.join("triples"))? {
        for migration in folders(&app)? {
            let name = format!("{}/{}", file_name(&app), file_name(&migration));
            cases.push(Case { name, texts: compare(&migration) });
        }
    }
    Ok(cases)
}

fn compare(folder: &Path) -> Result<Texts, String> {
    let read = |name: &str| read_to_string(folder.join(name)).map_err(|cause| cause.to_string());
    let before = declare(&[("before.prisma".to_owned(), read("before.prisma")?)])?;
    let after = declare(&[("after.prisma".to_owned(), read("after.prisma")?)])?;
    let ours = script(
        Pair::new(&before.catalog, &after.catalog),
        before.language.or(after.language),
        after.names,
    );
    Ok(Texts { ours, prismas: read("prisma.sql")? })
}
