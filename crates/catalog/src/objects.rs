//! All objects of one kind, in the order in which they were declared.

use std::fmt::{Debug, Display};
use std::hash::Hash;

use indexmap::IndexMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::DeserializeOwned};

use crate::Pair;
use crate::drift::PartOf;
use crate::facts::Facts;

/// What every kind of object answers.
pub trait Object: Debug + Clone + PartialEq + Serialize + DeserializeOwned {
    /// What tells two objects of this kind apart in one catalog.
    type Id: Clone + Ord + Hash + Display + Debug;

    /// What PostgreSQL's manual calls the kind, in lower case: `materialized view`.
    const KIND: &'static str;

    /// The query that answers one JSON object for each object of this kind in the schemas of
    /// parameter `$1 text[]`, in a stable order; what extensions own only if `$2 boolean` says so. Its
    /// keys are the fields of the struct.
    const QUERY: &'static str;

    /// Returns what tells this object apart.
    fn id(&self) -> Self::Id;

    /// Returns all there is to say about it, for [`drift`](crate::drift).
    fn facts(&self) -> Facts;

    /// Returns the table or column it goes with when that is dropped, for what is not told apart from
    /// it.
    fn part_of(&self) -> Option<PartOf> {
        None
    }

    /// Turns the object as it stands in the row of the query into what it means: where the server
    /// prints an expression that we know better, such as the default of a column.
    #[must_use]
    fn understood(self) -> Self {
        self
    }
}

/// The objects of one kind, found by [`Object::Id`]; equal when they hold the same objects in
/// whatever order.
#[derive(Debug, Clone)]
pub struct Objects<T: Object>(IndexMap<T::Id, T>);

impl<T: Object> Default for Objects<T> {
    fn default() -> Self {
        Self(IndexMap::new())
    }
}

impl<T: Object> PartialEq for Objects<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<T: Object> Objects<T> {
    /// Adds an object behind the others, or in place of the one with the same id.
    pub fn insert(&mut self, object: T) {
        self.0.insert(object.id(), object);
    }

    /// Returns the object with that id.
    pub fn get(&self, id: &T::Id) -> Option<&T> {
        self.0.get(id)
    }

    /// Returns the object with that id, to be changed; its id must stay.
    pub fn get_mut(&mut self, id: &T::Id) -> Option<&mut T> {
        self.0.get_mut(id)
    }

    /// Returns the position of the object with that id in the order of declaration.
    pub fn position(&self, id: &T::Id) -> Option<usize> {
        self.0.get_index_of(id)
    }

    /// Returns the object at a position in the order of declaration.
    pub fn at(&self, position: usize) -> Option<&T> {
        self.0.get_index(position).map(|(_, object)| object)
    }

    /// Whether there is an object with that id.
    pub fn contains(&self, id: &T::Id) -> bool {
        self.0.contains_key(id)
    }

    /// All objects in the order of declaration.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &T> + ExactSizeIterator {
        self.0.values()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// These objects, but the selected ones as the other side has them.
    pub(crate) fn mixed(sides: Pair<&Self>, mut is_selected: impl FnMut(&T) -> bool) -> Self {
        let Pair { actual: own, desired: other } = sides;
        let mut mixed = Self::default();
        for object in own.iter() {
            let kept = if is_selected(object) { other.get(&object.id()) } else { Some(object) };
            if let Some(object) = kept {
                mixed.insert(object.clone());
            }
        }
        for object in other.iter() {
            if !own.contains(&object.id()) && is_selected(object) {
                mixed.insert(object.clone());
            }
        }
        mixed
    }

    /// Changes every object, whose id may change with it, and leaves them in their order.
    pub(crate) fn alter(&mut self, mut change: impl FnMut(&mut T)) {
        let objects = std::mem::take(&mut self.0).into_values();
        self.0 = objects
            .map(|mut object| {
                change(&mut object);
                (object.id(), object)
            })
            .collect();
    }

    /// Keeps the objects for which the function says so, in their order.
    pub fn retain(&mut self, mut keep: impl FnMut(&T) -> bool) {
        self.0.retain(|_, object| keep(object));
    }
}

impl<T: Object> FromIterator<T> for Objects<T> {
    fn from_iter<I: IntoIterator<Item = T>>(objects: I) -> Self {
        Self(objects.into_iter().map(|object| (object.id(), object)).collect())
    }
}

impl<T: Object> Serialize for Objects<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.values())
    }
}

impl<'de, T: Object> Deserialize<'de> for Objects<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::<T>::deserialize(deserializer).map(Self::from_iter)
    }
}
