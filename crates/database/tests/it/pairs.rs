//! The full plan between the databases in `tests/pairs`, in both directions.
//!
//! Each pair is the least that shows what the random pairs of `cargo xtask judge` have found. That command
//! judges these as well, by their dumps: `cargo xtask judge crates/database/tests/pairs`.

use std::path::{Path, PathBuf};

use crate::repairing::{catalog, repair};
use crate::stand::Stand;
use server_test::server_test;

/// The folders of the pairs, sorted.
fn pairs() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pairs");
    let mut pairs: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    pairs.sort();
    assert!(pairs.len() > 1);
    pairs
}

#[server_test]
async fn each_pair_is_led_both_ways() {
    lead("pairs", 0).await;
}

#[server_test]
async fn each_other_pair_is_led_both_ways() {
    lead("other_pairs", 1).await;
}

/// Leads every other pair both ways.
#[expect(clippy::print_stdout, reason = "it names the pair that fails")]
async fn lead(database: &str, first: usize) {
    for pair in pairs().iter().skip(first).step_by(2) {
        let [a, b] = ["a", "b"]
            .map(|side| std::fs::read_to_string(pair.join(format!("{side}.sql"))).unwrap());
        let left = Stand::new(&format!("{database}_a")).await;
        let since = a.lines().next().and_then(|line| line.strip_prefix("-- since: "));
        let since = since.map_or(0, |version| version.parse().unwrap());
        if left.other.server().major_version() < since {
            continue;
        }
        let right = Stand::new(&format!("{database}_b")).await;
        left.run(&a).await;
        right.run(&b).await;
        let (before, after) = (catalog(&left).await, catalog(&right).await);
        println!("{}", pair.display());
        repair(&left, &after).await;
        repair(&right, &before).await;
    }
}
