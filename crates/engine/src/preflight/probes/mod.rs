//! The probes: one file each, and one line in [`PROBES`].
#![expect(clippy::unnecessary_wraps, reason = "all probes have one form")]

mod blockers;
mod blue_green;
mod connections;
mod extensions;
mod forbidden;
mod indexes;
mod prepared;
mod publications;
mod replicas;
mod rights;
mod slots;
mod storage;
mod support;
mod timeouts;
mod transactions;
mod vacuum;
mod windows;
mod writable;

use database::ServerInfo;

use super::finding::PreflightFinding;
use super::instance::Instance;
use super::round::Answer;
use super::touched::Touched;

/// What a probe looks for, and how.
pub(super) struct Probe {
    /// Its name.
    pub(super) name: &'static str,
    /// What it looks for, in a few words.
    pub(super) about: &'static str,
    /// The query for what it has to know, if there is anything. It is one of many in one message.
    pub(super) question: fn(&Surroundings<'_>) -> Option<String>,
    /// What follows from the answer; an error is why it cannot be told.
    pub(super) judge: fn(&Surroundings<'_>, &Answer) -> Judged,
}

/// What follows from an answer.
pub(super) type Judged = Result<Vec<PreflightFinding>, String>;

/// What is known of a database before its probes are asked.
pub(super) struct Surroundings<'a> {
    /// What the pending migrations touch.
    pub(super) touched: &'a Touched,
    /// The server.
    pub(super) server: &'a ServerInfo,
    /// Whether it has a history table.
    pub(super) has_history: bool,
    /// Whether it is RDS or Aurora.
    pub(super) is_managed: bool,
    /// The time by the server's clock, in seconds since 1970.
    pub(super) now: i64,
    /// What RDS says of the instance, if it was asked.
    pub(super) instance: Option<&'a Instance>,
    /// Whether there is time for more than a moment.
    pub(super) is_thorough: bool,
}

/// All probes, in the order in which they are told.
pub(super) const PROBES: &[Probe] = &[
    writable::PROBE,
    rights::PROBE,
    extensions::PROBE,
    forbidden::PROBE,
    blue_green::PROBE,
    blockers::PROBE,
    prepared::PROBE,
    vacuum::PROBE,
    transactions::PROBE,
    publications::PROBE,
    slots::PROBE,
    replicas::PROBE,
    storage::PROBE,
    indexes::PROBE,
    timeouts::PROBE,
    connections::PROBE,
    windows::PROBE,
    support::PROBE,
];

/// For probes that ask nothing.
const fn nothing(_: &Surroundings<'_>) -> Option<String> {
    None
}

/// What the tests of a probe go through.
#[cfg(test)]
mod tests {
    use super::{Answer, Instance, PROBES, Probe, ServerInfo, Surroundings, Touched};

    /// The codes that a probe finds, with their severities.
    pub(super) fn codes(
        probe: &Probe,
        touched: &Touched,
        instance: Option<&Instance>,
        now: i64,
        answer: &str,
    ) -> Vec<String> {
        let server = ServerInfo {
            version_number: 150_004,
            version: "15.4".to_owned(),
            in_recovery: false,
            read_only: false,
            database: "app".to_owned(),
            user: "deployer".to_owned(),
            schema: "public".to_owned(),
            clock_milliseconds: 0,
        };
        let surroundings = Surroundings {
            touched,
            server: &server,
            has_history: true,
            is_managed: instance.is_some(),
            now,
            instance,
            is_thorough: true,
        };
        let found = (probe.judge)(&surroundings, &Answer::of(answer)).unwrap();
        found.iter().map(|it| format!("{} {}", it.severity, it.code)).collect()
    }

    #[test]
    fn names_of_probes_are_different() {
        let mut names: Vec<&str> = PROBES.iter().map(|probe| probe.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), PROBES.len());
    }
}
