//! `cargo xtask faults`: migrations cut at every statement, by every kind of accident.
//!
//! Half of the runs may connect again and go on by themselves, the others are completed by the next run.
//! In the end the database must be what an undisturbed run makes it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::ensure;
use clap::Args;
use faults::{Case, Fault, Outcome, Site, cases};

/// What can be said.
#[derive(Args)]
pub(crate) struct Flags {
    /// The undrift to be cut
    #[arg(long, default_value = "target/debug/undrift")]
    undrift: PathBuf,
    /// Only the cases whose names contain this
    #[arg(long, default_value = "")]
    case: String,
    /// Only the faults whose names contain this
    #[arg(long, default_value = "")]
    fault: String,
    /// Of the cases only every so many, beginning with the one given by --from
    #[arg(long, default_value_t = 1)]
    every: usize,
    /// At each place only one of the faults, each in its turn
    #[arg(long)]
    rotate: bool,
    /// The first case, from 0
    #[arg(long, default_value_t = 0)]
    from: usize,
}

impl Flags {
    /// Whether a fault is to happen at a place.
    fn is_turn(&self, fault: Fault, place: usize) -> bool {
        let all = if Fault::AT_GATES.contains(&fault) {
            Fault::AT_GATES.as_slice()
        } else {
            Fault::AT_MESSAGES.as_slice()
        };
        !self.rotate || all.get(place % all.len()) == Some(&fault)
    }
}

/// What came of the cuts of one kind.
#[derive(Default)]
struct Tally {
    made: usize,
    by_itself: usize,
    by_the_next: usize,
    failures: Vec<String>,
}

type Tallies = BTreeMap<Fault, Tally>;

/// Cuts, and counts what survived.
pub(crate) fn run(flags: &Flags) -> anyhow::Result<ExitCode> {
    let Flags { undrift, case, every, from, .. } = flags;
    ensure!(
        undrift.is_file(),
        "{} is not there: cargo build -p undrift --no-default-features",
        undrift.display()
    );
    let mut site = Site::new(&crate::server_programs()?, undrift)?;
    let mut tallies = Tallies::new();
    let started = Instant::now();
    let chosen = cases().enumerate().filter(|(_, it)| it.name.contains(case.as_str()));
    for (number, case) in chosen.skip(*from).step_by((*every).max(1)) {
        let before = tallies.values().map(|tally| tally.made).sum::<usize>();
        at_gates(&mut site, flags, number, &case, &mut tallies)?;
        at_messages(&mut site, flags, number, &case, &mut tallies)?;
        let made = tallies.values().map(|tally| tally.made).sum::<usize>() - before;
        let seconds = started.elapsed().as_secs();
        println!("{seconds:5} s  {number:2} {}: {made} cuts", case.name);
    }
    Ok(report(&tallies))
}

fn at_gates(
    site: &mut Site,
    flags: &Flags,
    number: usize,
    case: &Case,
    tallies: &mut Tallies,
) -> anyhow::Result<()> {
    let prepared = site.prepare(&format!("gated_{number}"), case, &case.gated())?;
    for fault in Fault::AT_GATES.into_iter().filter(|it| it.to_string().contains(&flags.fault)) {
        for gate in (0..case.gates()).filter(|gate| flags.is_turn(fault, number + gate)) {
            let connects_again = (number + gate / 5 + gate).is_multiple_of(2);
            let outcome = site.cut_at_gate(&prepared, gate, fault, connects_again);
            count(tallies, fault, case, &format!("behind statement {gate}"), outcome);
        }
    }
    for fault in Fault::WITHIN.into_iter().filter(|it| it.to_string().contains(&flags.fault)) {
        for (gate, connects_again) in
            case.long_statements().into_iter().zip([true, false].into_iter().cycle())
        {
            let outcome = site.cut_within(&prepared, gate, fault, connects_again);
            count(tallies, fault, case, &format!("behind gate {gate}"), outcome);
        }
    }
    site.discard(&prepared)
}

fn at_messages(
    site: &mut Site,
    flags: &Flags,
    number: usize,
    case: &Case,
    tallies: &mut Tallies,
) -> anyhow::Result<()> {
    let prepared = site.prepare(&format!("plain_{number}"), case, case.migration)?;
    for fault in Fault::AT_MESSAGES.into_iter().filter(|it| it.to_string().contains(&flags.fault)) {
        // What comes before is the same in all cases.
        let first = if number == 0 { 0 } else { prepared.messages().start };
        let messages = first..prepared.messages().end;
        for message in messages.filter(|message| flags.is_turn(fault, number + message)) {
            let connects_again = (number / 2 + message / 2).is_multiple_of(2);
            let outcome = site.cut_at_message(&prepared, message, fault, connects_again);
            count(tallies, fault, case, &format!("at message {message}"), outcome);
        }
    }
    site.discard(&prepared)
}

fn count(
    tallies: &mut Tallies,
    fault: Fault,
    case: &Case,
    place: &str,
    outcome: anyhow::Result<Outcome>,
) {
    let tally = tallies.entry(fault).or_default();
    tally.made += 1;
    match outcome {
        Ok(Outcome::ByItself) => tally.by_itself += 1,
        Ok(Outcome::ByTheNext) => tally.by_the_next += 1,
        Err(error) => {
            let failure = format!("{}, {fault} {place}: {error:#}", case.name);
            println!("FAILED {failure}");
            tally.failures.push(failure);
        }
    }
}

fn report(tallies: &Tallies) -> ExitCode {
    println!(
        "\n{:24} {:>6} {:>9} {:>11} {:>12}",
        "fault", "cuts", "survived", "by itself", "by the next"
    );
    let mut sum = Tally::default();
    for (fault, tally) in tallies {
        row(&fault.to_string(), tally);
        sum.made += tally.made;
        sum.by_itself += tally.by_itself;
        sum.by_the_next += tally.by_the_next;
        sum.failures.extend(tally.failures.iter().cloned());
    }
    row("all", &sum);
    for failure in &sum.failures {
        println!("FAILED {failure}");
    }
    if sum.failures.is_empty() && sum.made > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn row(name: &str, tally: &Tally) {
    let Tally { made, by_itself, by_the_next, .. } = tally;
    let survived = by_itself + by_the_next;
    println!("{name:24} {made:>6} {survived:>9} {by_itself:>11} {by_the_next:>12}");
}
