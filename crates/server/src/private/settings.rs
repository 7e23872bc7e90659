//! The settings that make a server fit for its purpose, given on its command line.

/// What both purposes share: no work in the background that nobody asked for.
fn common(major: u32) -> Vec<String> {
    let mut settings = vec![
        "max_wal_senders=0",
        "max_logical_replication_workers=0",
        "wal_level=minimal",
        "jit=off",
        "timezone=UTC",
        "log_timezone=UTC",
        "dynamic_shared_memory_type=mmap",
        "unix_socket_permissions=0700",
    ];
    if major >= 18 {
        // The default starts three more processes.
        settings.push("io_method=sync");
    }
    settings.into_iter().map(str::to_owned).collect()
}

/// For replaying migrations: nothing is worth a wait for the disk.
pub(super) fn shadow(major: u32) -> Vec<String> {
    let mut settings = common(major);
    settings.extend(
        [
            "listen_addresses=",
            "fsync=off",
            "full_page_writes=off",
            "synchronous_commit=off",
            "autovacuum=off",
            "shared_buffers=16MB",
            "max_connections=20",
            // One migration may make thousands of tables, and what it makes stays locked until its end.
            "max_locks_per_transaction=2000",
        ]
        .map(str::to_owned),
    );
    settings
}

/// For development: the data is dear, and other programs connect.
pub(super) fn local(major: u32, port: u16) -> Vec<String> {
    let mut settings = common(major);
    settings.extend([
        "listen_addresses=127.0.0.1".to_owned(),
        format!("port={port}"),
        // As above, and more connections share them.
        "max_locks_per_transaction=500".to_owned(),
    ]);
    settings
}
