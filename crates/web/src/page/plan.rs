//! What would be done, statement by statement: locks, what becomes of the rows, the data at stake.

use engine::{
    Action, Fate, Finding, LockMode, PlanFile, PlannedScript, PlannedStatement, Severity, Work,
};
use maud::{Markup, html};

use super::{Tone, badge, count};
use crate::sql;

/// Shows a plan.
pub fn plan(plan: &PlanFile) -> Markup {
    html! {
        @for notice in &plan.notices { p class="note warn" { (notice) } }
        @if plan.is_empty() && plan.stops.is_empty() {
            p { (badge(Tone::Good, "nothing to do")) " No migration is pending." }
        } @else {
            p { (told(plan)) }
        }
        (list("Data that would be lost", "bad", &plan.losses))
        (list("What makes it fail", "bad", &plan.stops))
        @for question in plan.open_questions() {
            p class="note warn" { "To be decided: " (question.text) " " code { (question.flag) } }
        }
        @for script in &plan.scripts { (planned(script)) }
    }
}

fn told(plan: &PlanFile) -> String {
    let statements = plan.scripts.iter().map(|script| script.statements.len()).sum();
    let scripts = if plan.scripts.iter().any(|script| script.migration.is_some()) {
        count(plan.scripts.len(), "migration", "migrations")
    } else {
        count(plan.scripts.len(), "transaction", "transactions")
    };
    format!("{scripts}, {}.", count(statements, "statement", "statements"))
}

fn list(heading: &str, tone: &str, lines: &[String]) -> Markup {
    html! {
        @if !lines.is_empty() {
            div class={ "note " (tone) } role="note" {
                p { strong { (heading) } }
                ul { @for line in lines { li { (line) } } }
            }
        }
    }
}

fn planned(script: &PlannedScript) -> Markup {
    let PlannedScript { migration, action, statements, findings } = script;
    let name = migration.as_deref().unwrap_or("In one transaction");
    let action = match action {
        Action::Run => "",
        Action::Resume => "goes on where it was interrupted",
        Action::Record => "is recorded: the database has what it stands in place of",
        Action::Recognise => "is recorded where the database has what it makes, and run otherwise",
    };
    html! {
        article class="script" {
            h3 { code { (name) } @if !action.is_empty() { " " span class="muted" { (action) } } }
            @for finding in findings { (found(finding)) }
            ol class="statements" {
                @for statement in statements { li { (described(statement)) } }
            }
        }
    }
}

fn described(statement: &PlannedStatement) -> Markup {
    let PlannedStatement { sql, is_done, in_transaction, locks, work, data, findings, .. } =
        statement;
    html! {
        (sql::block(sql))
        @let has_facts = !locks.is_empty() || work.and_then(told_of).is_some() || !in_transaction
            || *is_done;
        @if has_facts {
            ul class="facts" {
                @if *is_done { li { (badge(Tone::Good, "done")) } }
                @for lock in locks {
                    li {
                        (badge(tone(lock.mode), &lock.mode.to_string())) " on " code { (lock.relation.to_string()) }
                        span class="muted" { " (" (lock.mode.blocks()) " wait)" }
                    }
                }
                @if let Some(work) = work.and_then(told_of) { li { (work) } }
                @if !in_transaction { li { "outside any transaction" } }
            }
        }
        @for stake in data {
            p class={ "stake " (if stake.fate == Fate::MayStop { "warn" } else { "bad" }) } {
                (stake.to_string())
            }
        }
        @for finding in findings.iter().filter(|finding| finding.severity != Severity::Note) {
            (found(finding))
        }
    }
}

/// A finding of lint at the statement it is about.
fn found(finding: &Finding) -> Markup {
    html! {
        p class="finding" {
            (severity(finding.severity)) " " (finding.message) " "
            span class="muted" { "Instead: " (finding.advice) " (" (finding.rule) ")" }
        }
    }
}

/// How bad a finding is.
pub(crate) fn severity(severity: Severity) -> Markup {
    let tone = match severity {
        Severity::Error => Tone::Bad,
        Severity::Warning => Tone::Notice,
        Severity::Note => Tone::Plain,
    };
    badge(tone, &severity.to_string())
}

fn tone(mode: LockMode) -> Tone {
    match mode {
        LockMode::AccessExclusive => Tone::Bad,
        LockMode::Share | LockMode::ShareRowExclusive | LockMode::Exclusive => Tone::Notice,
        LockMode::AccessShare
        | LockMode::RowShare
        | LockMode::RowExclusive
        | LockMode::ShareUpdateExclusive => Tone::Plain,
    }
}

/// What is done with the rows, if it is worth a word.
fn told_of(work: Work) -> Option<&'static str> {
    match work {
        Work::Nothing => None,
        Work::Unknown => Some("may write the table anew"),
        Work::Scan => Some("all rows are read"),
        Work::Index => Some("all rows are read, and an index is written"),
        Work::Rewrite => Some("the table is written anew"),
    }
}
