//! Some objects of a catalog: what a plan is to be about, when it is not to be about all.

use std::collections::{BTreeMap, BTreeSet};

use crate::ddl::{Address, elements};
use crate::drift::{Difference, PartOf, every_difference};
use crate::{Catalog, Kind, Pair};

/// Objects by kind and id.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Selection(BTreeSet<(Kind, String)>);

impl<'a> FromIterator<&'a Difference> for Selection {
    fn from_iter<I: IntoIterator<Item = &'a Difference>>(differences: I) -> Self {
        let objects = differences.into_iter();
        Self(objects.map(|difference| (difference.kind, difference.id.clone())).collect())
    }
}

impl Selection {
    /// Every object that is not the same in both, what is part of others included.
    pub fn of_all_that_differs(catalogs: Pair<&Catalog>) -> Self {
        every_difference(catalogs).iter().collect()
    }

    /// These objects and those.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// Whether each of the objects is the same in both, or in none.
    pub fn is_same_in(&self, catalogs: Pair<&Catalog>) -> bool {
        self.0.iter().all(|(kind, id)| catalogs.actual.agrees_on(catalogs.desired, *kind, id))
    }

    /// Whether an object is among them.
    pub fn contains(&self, kind: Kind, id: &str) -> bool {
        // A set of pairs is not to be asked without making one; there are few of them.
        self.0.iter().any(|(selected, name)| *selected == kind && name == id)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds those of the differences without which the selected objects cannot be brought from one
    /// catalog to the other: what they need there and what needs them here.
    ///
    /// Both catalogs must say what needs what.
    #[must_use]
    pub fn with_needed(mut self, catalogs: Pair<&Catalog>, differences: &[Difference]) -> Self {
        let all = catalogs.map(elements);
        let differing = differing(catalogs, differences);
        let object = |address: &Address| differing.get(&(address.kind, address.id.clone()));
        let tied = |ends: [&Address; 2], selection: &Self| match ends.map(object) {
            [Some(own), Some(other)] if selection.0.contains(own) => Some(other.clone()),
            _ => None,
        };
        loop {
            let mut needed = BTreeSet::new();
            for element in all.desired.values() {
                for below in element.needs.iter().chain(&element.within) {
                    needed.extend(tied([&element.address, below], &self));
                }
            }
            for element in all.actual.values() {
                for below in element.needs.iter().chain(&element.within) {
                    if !all.desired.contains_key(below) {
                        needed.extend(tied([below, &element.address], &self));
                    }
                }
            }
            let before = self.0.len();
            self.0.extend(needed);
            if self.0.len() == before {
                return self;
            }
        }
    }
}

/// The objects that differ, each with the difference that it belongs to: its own, or that of the table
/// that it goes with.
fn differing(
    catalogs: Pair<&Catalog>,
    differences: &[Difference],
) -> BTreeMap<(Kind, String), (Kind, String)> {
    let key = |difference: &Difference| (difference.kind, difference.id.clone());
    let mut differing: BTreeMap<_, _> =
        differences.iter().map(|difference| (key(difference), key(difference))).collect();
    for catalog in [catalogs.actual, catalogs.desired] {
        catalog.visit_parts(|kind, id, part_of| {
            let table = part_of.table.to_string();
            let of = RELATIONS.iter().map(|kind| (*kind, table.clone()));
            if let Some(whole) = of.into_iter().find(|key| differing.get(key) == Some(key))
                && part_of.is_of_one_side(catalogs)
            {
                differing.entry((kind, id)).or_insert(whole);
            }
        });
    }
    differing
}

/// The kinds that others are part of.
const RELATIONS: [Kind; 3] = [Kind::Table, Kind::View, Kind::ForeignTable];

impl Catalog {
    /// Whether an object is the same here and there, or in neither.
    pub fn agrees_on(&self, other: &Self, kind: Kind, id: &str) -> bool {
        let text = |catalog: &Self| catalog.facts(kind, id).map(|facts| facts.sorted_text());
        text(self) == text(other)
    }

    /// This catalog with the selected objects as the other one has them: taken from there, and gone
    /// where that lacks them. With a table, view or column that only one of them has comes or goes
    /// what is part of it.
    #[must_use]
    pub fn with_objects_of(&self, other: &Self, selection: &Selection) -> Self {
        let catalogs = Pair::new(self, other);
        let is_selected = |kind: Kind, id: &str, part_of: Option<PartOf>| {
            let goes_along = |part: PartOf| {
                let table = part.table.to_string();
                RELATIONS.iter().any(|kind| selection.contains(*kind, &table))
                    && part.is_of_one_side(catalogs)
            };
            selection.contains(kind, id) || part_of.is_some_and(goes_along)
        };
        let mut picked = BTreeSet::new();
        let mut mixed = Self::mixed(catalogs, |kind, id, part_of| {
            let is_selected = is_selected(kind, &id, part_of);
            if is_selected {
                picked.insert((kind, id));
            }
            is_selected
        });
        let is_picked = |address: &Address| picked.contains(&(address.kind, address.id.clone()));
        let own = self.dependencies.iter().filter(|dependency| !is_picked(&dependency.dependent));
        let others =
            other.dependencies.iter().filter(|dependency| is_picked(&dependency.dependent));
        mixed.dependencies = own.chain(others).cloned().collect();
        mixed.dependencies.sort();
        mixed
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::Selection;
    use crate::{Catalog, Pair, declare, drift};

    fn declared(models: &str) -> Catalog {
        let text = format!("datasource db {{\n  provider = \"postgresql\"\n}}\n{models}");
        let text = text.replace(';', "\n");
        let file = psl::SourceFile { path: "schema.prisma".to_owned(), text: Arc::from(text) };
        declare(&psl::load(&[file]).schema, "public")
    }

    const BEFORE: &str = "
        enum Role {; A; B; }
        model Gone {; id Int @id; a Int @unique; }
        model User {; id Int @id; name String; }";
    const AFTER: &str = "
        enum Role {; A; B; C; }
        enum Size {; S; M; }
        model Crate {; id Int @id @default(autoincrement()); size Size; user User @relation(fields: [userId], references: [id]); userId Int; @@index([size]); }
        model User {; id Int @id; name String?; crates Crate[]; }";

    fn selected(names: &[&str]) -> (Vec<String>, Vec<String>) {
        let (before, after) = (declared(BEFORE), declared(AFTER));
        let differences = drift(Pair::new(&after, &before));
        let chosen = differences.iter().filter(|it| names.contains(&it.id.as_str()));
        let chosen: Selection = chosen.collect();
        let selection = chosen.with_needed(Pair::new(&before, &after), &differences);
        let mixed = before.with_objects_of(&after, &selection);
        let told = |differences: Vec<crate::Difference>| {
            differences.into_iter().map(|difference| difference.id).collect()
        };
        (told(drift(Pair::new(&mixed, &before))), told(drift(Pair::new(&after, &mixed))))
    }

    #[test]
    fn only_what_is_selected_changes() {
        let (changed, left) = selected(&["public.Role"]);
        assert_eq!(changed, ["public.Role"]);
        assert_eq!(left, ["public.Size", "public.Crate", "public.Gone", "public.User"]);
    }

    #[test]
    fn a_table_goes_with_its_indexes() {
        let (changed, left) = selected(&["public.Gone"]);
        assert_eq!(changed, ["public.Gone"]);
        assert!(!left.iter().any(|id| id.contains("Gone")), "{left:?}");
    }

    #[test]
    fn what_is_needed_comes_along() {
        let (changed, left) = selected(&["public.Crate"]);
        // The key it refers to is part of a table that differs in something else.
        assert_eq!(changed, ["public.Size", "public.Crate", "public.User"]);
        assert_eq!(left, ["public.Role", "public.Gone"]);
    }
}
