//! Real schema changes again: what is proposed as a rename, and what the authors did.
//!
//! `renames` has a case for each rename in `committed.sql` that is to be seen in the schemas: the first
//! proposal must be it. `questions` has a case for each change without one: nothing should be asked,
//! though of some the authors may have meant a rename and lost the data.

use std::collections::BTreeSet;
use std::fs::read_to_string;
use std::path::Path;

use catalog::kinds::table::Table;
use catalog::rename::{Rename, Renames, choices};
use catalog::{Catalog, Name, Pair};
use script::{Renaming, Script};

use super::{Case, Declared, Texts, declare, file_name, folders};

/// The renames that authors made, against the first proposals.
pub(super) fn renames(folder: &Path) -> anyhow::Result<Vec<Case>> {
    each(folder, false, |name, sides, renamings| {
        let proposed = proposed(&sides);
        let truth = truth(&sides, renamings);
        let of_names = truth.iter().map(|rename| {
            let to_same = |other: &&Rename| other.target() == rename.target();
            let ours = proposed.iter().find(to_same).map(told).unwrap_or_default();
            Case {
                name: format!("{name}: {}", told(rename)),
                texts: Ok(Texts { ours, prismas: told(rename) }),
            }
        });
        let actual = proposed.applied_to(&sides.actual.catalog);
        let plan = planner::Plan::of(
            Pair::new(&actual, &sides.desired.catalog),
            sides.actual.language.or(sides.desired.language),
            sides.desired.names.clone(),
        );
        let script = planner::script(&plan.after(&proposed));
        let of_keys = renamings.iter().filter(|it| is_key(&sides, it)).map(|renaming| Case {
            name: format!("{name}: {} → {}", renaming.before, renaming.since),
            texts: Ok(Texts {
                ours: if script.contains(&format!("TO \"{}\"", renaming.since)) {
                    renaming.since.clone()
                } else {
                    String::new()
                },
                prismas: renaming.since.clone(),
            }),
        });
        of_names.chain(of_keys).collect()
    })
}

/// The same, with the columns in another order, as a database has them that has grown.
pub(super) fn renames_unordered(folder: &Path) -> anyhow::Result<Vec<Case>> {
    each(folder, true, |name, sides, renamings| {
        let proposed = proposed(&sides);
        let truth = truth(&sides, renamings);
        let case = |rename: &Rename| {
            let to_same = |other: &&Rename| other.target() == rename.target();
            let ours = proposed.iter().find(to_same).map(told).unwrap_or_default();
            let name = format!("{name}: {}", told(rename));
            Case { name, texts: Ok(Texts { ours, prismas: told(rename) }) }
        };
        truth.iter().map(case).collect()
    })
}

/// What is asked where nobody renamed anything.
pub(super) fn questions(folder: &Path) -> anyhow::Result<Vec<Case>> {
    each(folder, false, |name, sides, renamings| {
        if !truth(&sides, renamings).is_empty() {
            return Vec::new();
        }
        let asked: Vec<String> = asked(&sides);
        let texts = Texts { ours: asked.join("; "), prismas: String::new() };
        let reason = if asked.is_empty() { Ok(texts) } else { Err(asked.join("; ")) };
        vec![Case { name, texts: reason }]
    })
}

fn each(
    folder: &Path,
    is_unordered: bool,
    mut cases_of: impl FnMut(String, Pair<Declared>, &[Renaming]) -> Vec<Case>,
) -> anyhow::Result<Vec<Case>> {
    let mut cases = Vec::new();
    for app in folders(&folder.join("triples"))? {
        for migration in folders(&app)? {
            let name = format!("{}/{}", file_name(&app), file_name(&migration));
            let side = |file: &str| {
                let text = read_to_string(migration.join(file)).map_err(|it| it.to_string())?;
                declare(&[(file.to_owned(), text)])
            };
            // What cannot be read is a failure of the set `triples`.
            let (Ok(mut actual), Ok(desired)) = (side("before.prisma"), side("after.prisma"))
            else {
                continue;
            };
            if is_unordered {
                actual.catalog = unordered(&actual.catalog);
            }
            let committed = read_to_string(migration.join("committed.sql")).unwrap_or_default();
            let renamings = Script::parse(&committed).renamings();
            cases.extend(cases_of(name, Pair::new(actual, desired), &renamings));
        }
    }
    Ok(cases)
}

/// The catalog with the columns of each table by name.
fn unordered(catalog: &Catalog) -> Catalog {
    let mut catalog = catalog.clone();
    let names: Vec<Name> = catalog.tables.iter().map(|table| table.name.clone()).collect();
    for name in names {
        if let Some(table) = catalog.tables.get_mut(&name) {
            table.columns.sort_by(|one, other| one.name.cmp(&other.name));
        }
    }
    catalog
}

/// What comes of it when every first proposal is accepted.
fn proposed(sides: &Pair<Declared>) -> Renames {
    let mut renames = Renames::default();
    loop {
        let actual = renames.applied_to(&sides.actual.catalog);
        let choices = choices(Pair::new(&actual, &sides.desired.catalog), &BTreeSet::new());
        if choices.is_empty() {
            return renames;
        }
        for choice in choices {
            if let Some(first) = choice.candidates.into_iter().next() {
                renames.insert(first.rename);
            }
        }
    }
}

/// What is asked when every answer is no.
fn asked(sides: &Pair<Declared>) -> Vec<String> {
    let (mut new, mut asked) = (BTreeSet::new(), Vec::new());
    loop {
        let catalogs = Pair::new(&sides.actual.catalog, &sides.desired.catalog);
        let choices = choices(catalogs, &new);
        if choices.is_empty() {
            return asked;
        }
        for choice in choices {
            let options =
                choice.candidates.iter().map(|it| format!("{} {}", told(&it.rename), it.score));
            asked.push(options.collect::<Vec<_>>().join(" or "));
            new.insert(choice.target);
        }
    }
}

fn told(rename: &Rename) -> String {
    match rename {
        Rename::Table(names) => format!("table {} → {}", names.actual.name, names.desired.name),
        Rename::EnumType(names) => format!("enum {} → {}", names.actual.name, names.desired.name),
        Rename::Sequence(names) => {
            format!("sequence {} → {}", names.actual.name, names.desired.name)
        }
        Rename::Sides(table) => format!("sides of {}", table.name),
        Rename::Column { table: of, names } | Rename::Label { enum_type: of, names } => {
            format!("{}.{} → {}", of.name, names.actual, names.desired)
        }
    }
}

/// The renames of a script that the two schemas show.
fn truth(sides: &Pair<Declared>, renamings: &[Renaming]) -> Vec<Rename> {
    let catalogs = sides.as_ref().map(|side| &side.catalog);
    let mut truth = Vec::new();
    for renaming in renamings.iter().rev() {
        let Renaming { before, since, undo } = renaming;
        let is = |kind: &str| undo.starts_with(&format!("ALTER {kind} "));
        let whole = !["COLUMN", "VALUE", "CONSTRAINT", "ATTRIBUTE"]
            .iter()
            .any(|part| undo.contains(&format!(" RENAME {part} ")));
        if is("TABLE") && whole {
            let name = |side: Pair<&Catalog>, from: &str, to: &str| {
                let gone = side.actual.tables.iter().find(|table| table.name.name == from)?;
                let come = side.desired.tables.iter().find(|table| table.name.name == to)?;
                let names = Pair::new(gone.name.clone(), come.name.clone());
                let is_visible = !side.desired.tables.contains(&names.actual)
                    && !side.actual.tables.contains(&names.desired);
                is_visible.then_some(Rename::Table(names))
            };
            truth.extend(name(catalogs, before, since));
        } else if is("TYPE") && whole {
            let name = |side: Pair<&Catalog>| {
                let gone = side.actual.enum_types.iter().find(|it| it.name.name == *before)?;
                let come = side.desired.enum_types.iter().find(|it| it.name.name == *since)?;
                let names = Pair::new(gone.name.clone(), come.name.clone());
                let is_visible = !side.desired.enum_types.contains(&names.actual)
                    && !side.actual.enum_types.contains(&names.desired);
                is_visible.then_some(Rename::EnumType(names))
            };
            truth.extend(name(catalogs));
        } else if is("TABLE") && undo.contains(" RENAME COLUMN ") {
            truth.extend(column(catalogs, renaming, &truth));
        } else if is("TYPE") && undo.contains(" RENAME VALUE ") {
            let has = |catalog: &Catalog, label: &String| {
                let holder = catalog.enum_types.iter().find(|it| {
                    undo.contains(&format!("{}\" RENAME", it.name.name))
                        && it.labels.contains(label)
                });
                holder.map(|it| it.name.clone())
            };
            if let (Some(_), Some(enum_type)) =
                (has(catalogs.actual, before), has(catalogs.desired, since))
            {
                let names = Pair::new(before.clone(), since.clone());
                truth.push(Rename::Label { enum_type, names });
            }
        }
    }
    truth
}

/// A column's rename, if the schemas show it: its table may be called by either of its names.
fn column(catalogs: Pair<&Catalog>, renaming: &Renaming, tables: &[Rename]) -> Option<Rename> {
    let has = |table: &Table, name: &str| table.columns.iter().any(|column| column.name == name);
    catalogs.desired.tables.iter().find_map(|desired| {
        let mut renames = Renames::default();
        tables.iter().cloned().for_each(|rename| renames.insert(rename));
        let actual = catalogs.actual.tables.get(&renames.table_before(&desired.name))?;
        let is_named = [&actual.name.name, &desired.name.name].into_iter().any(|name| {
            let plain = format!("{name} RENAME ");
            renaming.undo.contains(&format!("\"{name}\" RENAME "))
                || renaming.undo.contains(&format!(" {plain}"))
                || renaming.undo.contains(&format!(".{plain}"))
        });
        let is_visible = has(actual, &renaming.before)
            && has(desired, &renaming.since)
            && !has(desired, &renaming.before)
            && !has(actual, &renaming.since);
        (is_named && is_visible).then(|| Rename::Column {
            table: desired.name.clone(),
            names: Pair::new(renaming.before.clone(), renaming.since.clone()),
        })
    })
}

/// Whether a key or index is renamed that the schemas show under both names.
fn is_key(sides: &Pair<Declared>, renaming: &Renaming) -> bool {
    let has = |side: &Declared, name: &str| {
        let is_key = |table: &Table| {
            table.primary_key.iter().any(|key| key.name == name)
                || table.foreign_keys.iter().any(|key| key.name == name)
        };
        side.catalog.tables.iter().any(is_key)
            || side.catalog.indexes.iter().any(|index| index.name.name == name)
    };
    has(&sides.actual, &renaming.before)
        && has(&sides.desired, &renaming.since)
        && !has(&sides.desired, &renaming.before)
        && !has(&sides.actual, &renaming.since)
}
