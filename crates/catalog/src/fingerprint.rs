//! A short text that tells catalogs apart.

use sha2::{Digest as _, Sha256};

use crate::Catalog;

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
}
