//! What needs what, where the objects do not tell: which functions a default calls, which columns a
//! view reads.
//!
//! PostgreSQL keeps this in `pg_depend`. What can be told from the objects themselves (an index needs
//! its table, a column its type) is with their SQL instead, so that declared catalogs have it too.

use serde::{Deserialize, Serialize};

use crate::Catalog;
use crate::ddl::Address;

/// One thing that cannot be without another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Dependency {
    /// What would go.
    pub dependent: Address,
    /// If this went.
    pub needs: Address,
}

impl Dependency {
    /// The query that answers one JSON object for each dependency of the schemas of parameter
    /// `$1 text[]`. Its keys are the fields of the struct.
    pub const QUERY: &'static str = include_str!("dependencies.sql");
}

impl Catalog {
    /// Adds a dependency as the server described it in JSON.
    ///
    /// # Errors
    /// When the JSON does not have the fields of the struct: a defect of the query.
    pub fn insert_dependency_json(&mut self, json: &str) -> Result<(), serde_json::Error> {
        self.dependencies.push(serde_json::from_str(json)?);
        Ok(())
    }
}
