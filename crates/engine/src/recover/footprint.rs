//! What a migration touches, to the fact: so that drift elsewhere, even in the same table, confuses
//! nobody.

use std::collections::{BTreeMap, BTreeSet};

use catalog::{Catalog, Difference, FieldDifference, Kind, Pair, State, every_difference};

/// Objects, and facts of objects.
#[derive(Debug, Default)]
pub(super) struct Footprint(BTreeMap<(Kind, String), Touched>);

/// How much of an object is touched.
#[derive(Debug)]
enum Touched {
    /// It is made or dropped.
    Whole,
    /// These facts of it change, by path.
    Facts(BTreeSet<String>),
}

/// Differences to a state of the migration.
#[derive(Debug, Default)]
pub(super) struct Split {
    /// In what the migration touches.
    pub(super) inside: Vec<Difference>,
    /// In what it leaves alone.
    pub(super) outside: Vec<Difference>,
}

impl Footprint {
    /// What these differences are about.
    pub(super) fn of(differences: &[Difference]) -> Self {
        let mut footprint = Self::default();
        for difference in differences {
            footprint.add(difference);
        }
        footprint
    }

    /// What changes from each state to the next.
    pub(super) fn steps(states: &[Catalog]) -> Vec<Vec<Difference>> {
        let pairs = states.iter().zip(states.iter().skip(1));
        // Missing is what the statement dropped, unexpected what it made.
        pairs.map(|(before, after)| every_difference(Pair::new(after, before))).collect()
    }

    fn add(&mut self, difference: &Difference) {
        let key = (difference.kind, difference.id.clone());
        match &difference.state {
            State::Missing | State::Unexpected => {
                self.0.insert(key, Touched::Whole);
            }
            State::Changed { fields } => {
                let touched = self.0.entry(key).or_insert_with(|| Touched::Facts(BTreeSet::new()));
                if let Touched::Facts(paths) = touched {
                    paths.extend(fields.iter().map(|field| field.path.clone()));
                }
            }
        }
    }

    /// Tells the differences within from those without.
    pub(super) fn split(&self, differences: Vec<Difference>) -> Split {
        let mut split = Split::default();
        for difference in differences {
            let Some(touched) = self.0.get(&(difference.kind, difference.id.clone())) else {
                split.outside.push(difference);
                continue;
            };
            match (touched, difference.state) {
                (Touched::Facts(paths), State::Changed { fields }) => {
                    let is_inside =
                        |field: &FieldDifference| paths.iter().any(|path| meet(path, &field.path));
                    let (inside, outside): (Vec<_>, Vec<_>) =
                        fields.into_iter().partition(is_inside);
                    let (kind, id) = (difference.kind, difference.id);
                    for (fields, place) in
                        [(inside, &mut split.inside), (outside, &mut split.outside)]
                    {
                        if !fields.is_empty() {
                            let state = State::Changed { fields };
                            place.push(Difference { kind, id: id.clone(), state });
                        }
                    }
                }
                (_, state) => split.inside.push(Difference { state, ..difference }),
            }
        }
        split
    }

    /// Whether an object is among them.
    pub(super) fn contains(&self, kind: Kind, id: &str) -> bool {
        self.0.contains_key(&(kind, id.to_owned()))
    }
}

/// Whether two paths are the same, or one is a part of what the other is about.
fn meet(one: &str, other: &str) -> bool {
    let is_within = |long: &str, short: &str| {
        long.strip_prefix(short).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    is_within(one, other) || is_within(other, one)
}

#[cfg(test)]
mod tests {
    use super::meet;

    #[test]
    fn a_column_meets_its_type_but_no_column_of_a_longer_name() {
        assert!(meet("columns.a", "columns.a.type"));
        assert!(meet("columns.a.type", "columns.a"));
        assert!(!meet("columns.a", "columns.ab"));
        assert!(!meet("columns.a.type", "columns.a.default"));
    }
}
