//! What RDS says of the instance behind a database, as far as probes and backups need it.

/// An instance of RDS, or a cluster of Aurora with the instance that is written to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Instance {
    /// The identifier of the instance.
    pub(crate) identifier: String,
    /// Its ARN.
    pub(crate) arn: String,
    /// The cluster that it is in.
    pub(crate) cluster: Option<String>,
    /// `postgres`, `aurora-postgresql`.
    pub(crate) engine: String,
    /// `available`, `backing-up`, `modifying`, …
    pub(crate) status: String,
    /// `sun:05:00-sun:06:00`, UTC.
    pub(crate) maintenance_window: Option<String>,
    /// `07:00-07:30`, UTC.
    pub(crate) backup_window: Option<String>,
    /// The size of its disk.
    pub(crate) allocated_bytes: Option<u64>,
    /// Until when it can be restored to any time, as RDS writes it.
    pub(crate) latest_restorable: Option<String>,
    /// The identifier of a live blue/green deployment that it is the source of.
    pub(crate) blue_green: Option<String>,
}

impl Instance {
    /// Whether its storage is that of a cluster, which grows by itself.
    pub(crate) fn is_aurora(&self) -> bool {
        self.engine.starts_with("aurora")
    }
}
