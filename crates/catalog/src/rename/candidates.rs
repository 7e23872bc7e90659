//! What goes and what comes, and which of both may be one thing.

use super::score::Candidate;
use super::{Rename, columns, labels, tables};
use crate::{Catalog, Name, Pair};

/// Returns the renames that may be meant, of each kind the likeliest first: of tables and enum types that go with
/// others that come, and within tables and types that are on both sides, of columns and labels.
///
/// Those that are decided on should have been applied to the actual side, so that the columns of a
/// table with a new name are looked at, too.
pub fn candidates(catalogs: Pair<&Catalog>) -> Vec<Candidate> {
    // Types and tables tell of each other; so both are guessed once before they are weighed.
    let enum_types = best(&labels::enum_types(catalogs, &Assumed::default()));
    let mut assumed = Assumed { enum_types, tables: Vec::new() };
    assumed.tables = best(&tables::candidates(catalogs, &assumed));
    let mut found = labels::enum_types(catalogs, &assumed);
    assumed.enum_types = best(&found);
    let of_tables = tables::candidates(catalogs, &assumed);
    assumed.tables = best(&of_tables);
    found.extend(of_tables);
    found.extend(columns::candidates(catalogs, &assumed));
    found.extend(labels::candidates(catalogs));
    // What is equally likely stays in the order of the declaration.
    found.sort_by_key(|candidate| (candidate.rename.rank(), std::cmp::Reverse(candidate.score)));
    found
}

/// What is taken for granted of tables and types while columns are compared.
#[derive(Debug, Default)]
pub(super) struct Assumed {
    tables: Vec<Pair<Name>>,
    enum_types: Vec<Pair<Name>>,
}

impl Assumed {
    /// The name that a table of the actual side will have.
    pub(super) fn table<'a>(&'a self, name: &'a Name) -> &'a Name {
        after(&self.tables, name)
    }

    /// The name that a type of the actual side will have.
    pub(super) fn enum_type<'a>(&'a self, name: &'a Name) -> &'a Name {
        after(&self.enum_types, name)
    }
}

fn after<'a>(pairs: &'a [Pair<Name>], name: &'a Name) -> &'a Name {
    pairs.iter().find(|pair| pair.actual == *name).map_or(name, |pair| &pair.desired)
}

/// The best candidates for tables or types that do not exclude each other.
fn best(candidates: &[Candidate]) -> Vec<Pair<Name>> {
    let mut sorted: Vec<&Candidate> = candidates.iter().collect();
    sorted.sort_by_key(|candidate| std::cmp::Reverse(candidate.score));
    let mut best: Vec<Pair<Name>> = Vec::new();
    for candidate in sorted {
        if let Rename::Table(names) | Rename::EnumType(names) = &candidate.rename
            && !best.iter().any(|it| it.actual == names.actual || it.desired == names.desired)
        {
            best.push(names.clone());
        }
    }
    best
}
