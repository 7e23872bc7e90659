//! Deploys that are cut: a slice of `cargo xtask faults`, which cuts everywhere.

use std::path::Path;

use faults::{Case, Fault, Outcome, Site, cases};
use server_test::server_test;

use crate::stand::programs;

fn case(name: &str) -> Case {
    cases().find(|case| case.name == name).unwrap()
}

fn site() -> Site {
    Site::new(&programs(), Path::new(env!("CARGO_BIN_EXE_undrift"))).unwrap()
}

#[server_test]
fn a_deploy_cut_behind_a_statement_is_completed_whatever_cuts_it() {
    let mut site = site();
    let case = case("rows changed between indexes");
    let prepared = site.prepare("gated", &case, &case.gated()).unwrap();
    for (gate, fault) in (1..).zip(Fault::AT_GATES) {
        for connects_again in [true, false] {
            let outcome = site.cut_at_gate(&prepared, gate, fault, connects_again);
            let outcome = outcome.unwrap_or_else(|error| panic!("{fault} at {gate}: {error:#}"));
            let by_itself = connects_again && fault != Fault::KillProgram;
            let expected = if by_itself { Outcome::ByItself } else { Outcome::ByTheNext };
            assert_eq!(outcome, expected, "{fault} at {gate}");
        }
    }
}

#[server_test]
fn a_deploy_cut_at_a_message_is_completed() {
    let mut site = site();
    let case = case("an index replaced concurrently");
    let prepared = site.prepare("plain", &case, case.migration).unwrap();
    for (message, connects_again) in prepared.messages().zip([true, false].into_iter().cycle()) {
        for fault in Fault::AT_MESSAGES {
            let outcome = site.cut_at_message(&prepared, message, fault, connects_again);
            outcome.unwrap_or_else(|error| panic!("{fault} {message}: {error:#}"));
        }
    }
}
