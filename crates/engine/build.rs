//! Hands on what only cargo knows: the target and the profile that is built for.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    for name in ["TARGET", "PROFILE"] {
        let value = std::env::var(name).unwrap_or_default();
        println!("cargo::rustc-env=UNDRIFT_{name}={value}");
    }
}
