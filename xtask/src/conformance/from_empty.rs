//! Whole schemas of real applications, made from nothing and taken down to nothing.

use std::fs::read_to_string;
use std::path::Path;

use catalog::{Catalog, Pair, Qualification};

use super::{Case, Declared, Texts, declare, file_name, folders, prisma_files, script};

pub(super) fn from_empty(folder: &Path) -> anyhow::Result<Vec<Case>> {
    cases(folder, "empty_to_schema.sql", |declared| {
        script(
            Pair::new(&Catalog::default(), &declared.catalog),
            declared.language,
            declared.names.clone(),
        )
    })
}

pub(super) fn to_empty(folder: &Path) -> anyhow::Result<Vec<Case>> {
    cases(folder, "schema_to_empty.sql", |declared| {
        script(
            Pair::new(&declared.catalog, &Catalog::default()),
            declared.language,
            Qualification::Always,
        )
    })
}

/// One case for each application whose schema Prisma accepts.
fn cases(
    folder: &Path,
    output: &str,
    ours: impl Fn(&Declared) -> String,
) -> anyhow::Result<Vec<Case>> {
    let mut cases = Vec::new();
    for app in folders(&folder.join("apps"))? {
        let expected = app.join("prisma-output/7.9.1").join(output);
        let Ok(prismas) = read_to_string(expected) else { continue };
        let texts = schema_files(&app)
            .and_then(|files| declare(&files))
            .map(|declared| Texts { ours: ours(&declared), prismas });
        cases.push(Case { name: file_name(&app), texts });
    }
    Ok(cases)
}

/// The files of an application's schema, a file or a folder.
pub(super) fn schema_files(app: &Path) -> Result<Vec<(String, String)>, String> {
    let mut paths = Vec::new();
    prisma_files(&app.join("schema"), &mut paths);
    if paths.is_empty() {
        paths.push(app.join("schema.prisma"));
    }
    paths.sort();
    paths
        .into_iter()
        .map(|path| {
            let text = read_to_string(&path).map_err(|cause| cause.to_string())?;
            Ok((path.display().to_string(), text))
        })
        .collect()
}
