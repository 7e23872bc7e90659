//! A short text that tells catalogs apart.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use crate::Catalog;

/// How many hexadecimal digits tell one state of an object from another: 64 bits.
const DIGITS: usize = 16;

impl Catalog {
    /// Returns 64 hexadecimal digits that two catalogs share exactly when there is no
    /// [`drift`](crate::drift) between them, in whatever order their objects stand.
    pub fn fingerprint(&self) -> String {
        let mut objects = Vec::new();
        self.visit_facts(|kind, id, facts, _| {
            objects.push(format!("{kind:?} {id:?}\n{}", facts.sorted_text()));
        });
        objects.sort();
        let mut digest = Sha256::new();
        for object in objects {
            digest.update(object);
        }
        format!("{:x}", digest.finalize())
    }

    /// Returns such a text for every object, by kind and id as a person reads them: `table public.a`.
    /// Two catalogs share all of them exactly when they share the fingerprint.
    pub fn fingerprints(&self) -> BTreeMap<String, String> {
        let mut objects = BTreeMap::new();
        self.visit_facts(|kind, id, facts, _| {
            let digest = format!("{:x}", Sha256::digest(facts.sorted_text()));
            let digest = digest.chars().take(DIGITS).collect();
            objects.insert(format!("{} {id}", kind.title()), digest);
        });
        objects
    }
}
