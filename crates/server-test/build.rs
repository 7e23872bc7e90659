//! Finds out whether this machine has PostgreSQL's server programs.

include!("../server/src/programs/places.rs");

fn main() {
    println!("cargo::rustc-check-cfg=cfg(server_programs)");
    println!("cargo::rerun-if-env-changed=UNDRIFT_TEST_PROGRAMS");
    let named = std::env::var_os("UNDRIFT_TEST_PROGRAMS").map(PathBuf::from);
    let mut directories: Vec<PathBuf> = named.into_iter().collect();
    if directories.is_empty() {
        directories.extend(TEST_DIRECTORIES.iter().map(PathBuf::from));
        directories.extend(PATTERNS.iter().flat_map(|pattern| expand(Path::new(pattern))));
    }
    // Debian and its kin: a version installed later is seen.
    for parent in ["/usr/lib", "/usr/lib/postgresql"] {
        if Path::new(parent).exists() {
            println!("cargo::rerun-if-changed={parent}");
        }
    }
    if directories.iter().any(|directory| directory.join("initdb").is_file()) {
        println!("cargo::rustc-cfg=server_programs");
    }
}
