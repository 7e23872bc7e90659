//! Prisma's fixtures for its formatter: a schema, and beside it the formatted one.

use std::path::Path;

use psl::SourceFile;

use super::{Case, Texts, file_name, prisma_files};

pub(super) fn cases(folder: &Path) -> anyhow::Result<Vec<Case>> {
    let mut paths = Vec::new();
    prisma_files(&folder.join("fixtures/psl/psl/tests/reformatter"), &mut paths);
    paths.sort();
    let mut cases = Vec::new();
    for path in paths {
        let formatted = path.with_extension("reformatted.prisma");
        if formatted.is_file() {
            let text = std::fs::read_to_string(&path)?;
            let file = SourceFile { path: file_name(&path), text: text.into() };
            let ours = psl::format_files(&[file]).concat();
            let prismas = std::fs::read_to_string(formatted)?;
            cases.push(Case { name: file_name(&path), texts: Ok(Texts { ours, prismas }) });
        }
    }
    Ok(cases)
}
