//! Pairs that fail, made small.

use std::path::Path;

use server::private::Cluster;

use super::{Direction, Scripts, judge, looks};
use crate::judge::case::Failure;

/// How many smaller pairs are tried.
const PATIENCE: usize = 120;

/// Leaves out statements as long as the pair fails in the same way; a statement that is in both
/// scripts is left out of both.
pub(super) async fn shrunk(
    cluster: &Cluster,
    programs: &Path,
    scripts: &Scripts,
    direction: Direction,
    failure: &Failure,
) -> anyhow::Result<Scripts> {
    let (wanted, dumps) = (looks(failure), failure.group == "the dumps differ");
    let mut statements: Vec<&String> = scripts.a.iter().chain(&scripts.b).collect();
    statements.sort();
    statements.dedup();
    // What comes late needs what comes early, and goes first.
    let age = |statement: &&String| {
        let position = |script: &[String]| script.iter().position(|one| one == *statement);
        std::cmp::Reverse(position(&scripts.a).or_else(|| position(&scripts.b)))
    };
    statements.sort_by_key(age);
    let only = |kept: &[&String]| {
        let keep = |script: &[String]| {
            script.iter().filter(|one| kept.contains(one)).cloned().collect::<Vec<_>>()
        };
        Scripts { a: keep(&scripts.a), b: keep(&scripts.b) }
    };
    let mut tried = 0;
    let mut size = statements.len() / 2;
    while size > 0 {
        let mut start = 0;
        let before = statements.len();
        while start < statements.len() && tried < PATIENCE {
            tried += 1;
            let kept: Vec<&String> = statements
                .iter()
                .enumerate()
                .filter(|(at, _)| !(start..start + size).contains(at))
                .map(|(_, statement)| *statement)
                .collect();
            let outcome = judge(cluster, programs, &only(&kept), dumps).await?;
            let fails = outcome.directions.iter().any(|(which, result)| {
                *which == direction && result.as_ref().is_err_and(|it| looks(it) == wanted)
            });
            if fails {
                statements = kept;
            } else {
                start += size;
            }
        }
        // Once more as long as single statements can go, for they need each other.
        if size > 1 || statements.len() == before || tried >= PATIENCE {
            size /= 2;
        }
    }
    Ok(only(&statements))
}
