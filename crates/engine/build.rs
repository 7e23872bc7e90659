//! Hands on what only cargo knows: the target and the profile that is built for.

#[expect(clippy::disallowed_methods, reason = "cargo tells a build script by its environment")]
fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    for name in ["TARGET", "PROFILE"] {
        let value = std::env::var(name).unwrap_or_default();
        println!("cargo::rustc-env=UNDRIFT_{name}={value}");
    }
}
