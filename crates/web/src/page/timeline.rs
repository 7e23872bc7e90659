//! The migrations in the order of time.

use std::collections::BTreeMap;

use engine::{Event, Standing, Timeline};
use maud::{Markup, html};

use super::{Tone, badge};

/// How many applied migrations are shown at once; older ones can be unfolded.
const SHOWN: usize = 25;

/// Shows what was applied when, newest first, and above it what is pending.
pub fn timeline(timeline: &Timeline) -> Markup {
    let events = &timeline.events;
    if events.is_empty() {
        return html! { p class="muted" { "There are no migrations." } };
    }
    let (pending, done): (Vec<&Event>, Vec<&Event>) =
        events.iter().partition(|event| event.standing == Standing::Pending);
    let newest: Vec<&Event> = done.into_iter().rev().collect();
    let (recent, older) = newest.split_at_checked(SHOWN).unwrap_or((&newest, &[]));
    html! {
        (months(events))
        @if !pending.is_empty() {
            (table("Pending, in the order in which they will be applied", &pending))
        }
        @if !recent.is_empty() { (table("Newest first", recent)) }
        @if !older.is_empty() {
            details {
                summary { (older.len()) " older" }
                (table("Older migrations, newest first", older))
            }
        }
    }
}

fn table(caption: &str, events: &[&Event]) -> Markup {
    html! {
        div class="scroll" tabindex="0" role="region" aria-label=(caption) {
            table class="timeline" {
                caption { (caption) }
                thead {
                    tr {
                        th scope="col" { "State" }
                        th scope="col" { "Migration" }
                        th scope="col" { "Begun (UTC)" }
                        th scope="col" class="number" { "Took" }
                    }
                }
                tbody { @for event in events { (row(event)) } }
            }
        }
    }
}

fn row(event: &Event) -> Markup {
    let Event { migration, standing, started_at, took_ms, log, .. } = event;
    html! {
        tr {
            td { (state(*standing)) }
            td class="name" {
                code { (migration) }
                @for note in notes(event) { " " (badge(Tone::Bad, note)) }
                @if event.only_recorded { " " (badge(Tone::Plain, "only recorded")) }
                @if !log.is_empty() {
                    details { summary { "The error" } pre tabindex="0" { (log.trim()) } }
                }
            }
            td class="time" {
                @if let Some(at) = started_at { (at.split('.').next().unwrap_or_default()) } @else { "—" }
            }
            td class="number" { @if let Some(took) = took_ms { (duration(*took)) } @else { "—" } }
        }
    }
}

fn state(standing: Standing) -> Markup {
    match standing {
        Standing::Applied => badge(Tone::Good, "applied"),
        Standing::Pending => badge(Tone::Notice, "pending"),
        Standing::Failed => badge(Tone::Bad, "failed"),
        Standing::Interrupted => badge(Tone::Bad, "interrupted"),
        Standing::RolledBack => badge(Tone::Plain, "taken back"),
    }
}

fn notes(event: &Event) -> impl Iterator<Item = &'static str> {
    let all = [
        (event.is_edited, "edited since"),
        (event.is_missing, "not in the folder"),
        (event.is_out_of_order, "older than applied ones"),
    ];
    all.into_iter().filter_map(|(is_so, note)| is_so.then_some(note))
}

fn duration(milliseconds: u64) -> String {
    match milliseconds {
        0..1000 => format!("{milliseconds} ms"),
        1000..60_000 => format!("{}.{} s", milliseconds / 1000, milliseconds % 1000 / 100),
        _ => format!("{} min {} s", milliseconds / 60_000, milliseconds / 1000 % 60),
    }
}

/// How many migrations were begun in each month, as bars; nothing if it was but one month.
fn months(events: &[Event]) -> Markup {
    const WIDTH: usize = 14;
    const HEIGHT: usize = 44;
    /// Five years: what lies before is in the table.
    const LONGEST: usize = 60;
    let mut by_month: BTreeMap<usize, usize> = BTreeMap::new();
    for month in events.iter().filter_map(|event| month(event.started_at.as_deref()?)) {
        *by_month.entry(month).or_default() += 1;
    }
    let ends = by_month.first_key_value().zip(by_month.last_key_value());
    let Some(((&first, _), (&last, _))) = ends.filter(|(first, last)| first.0 != last.0) else {
        return html! {};
    };
    let first = first.max((last + 1).saturating_sub(LONGEST));
    let most = by_month.values().max().copied().unwrap_or(1).max(1);
    let named = |month: usize| format!("{}-{:02}", month / 12, month % 12 + 1);
    let width = (last - first + 1) * WIDTH;
    html! {
        div class="months" {
            svg role="img" aria-label={ "Migrations a month, " (named(first)) " to " (named(last)) ", "
                (most) " at most" } viewBox={ "0 0 " (width) " " (HEIGHT + 2) }
                width=(width) height=(HEIGHT + 2) {
                @for month in first..=last {
                    @let number = by_month.get(&month).copied().unwrap_or(0);
                    @let high = if number == 0 { 1 } else { (number * HEIGHT / most).max(3) };
                    rect class=(if number == 0 { "none" } else { "some" })
                        x=((month - first) * WIDTH + 1) y=(HEIGHT + 1 - high) width=(WIDTH - 3)
                        height=(high) rx="1.5" { title { (named(month)) ": " (number) } }
                }
            }
            div class="ends" aria-hidden="true" { span { (named(first)) } span { (named(last)) } }
        }
    }
}

/// The month of a time as the server prints it, counted from year 0.
fn month(at: &str) -> Option<usize> {
    let (year, rest) = at.split_once('-')?;
    let month: usize = rest.split('-').next()?.parse().ok()?;
    Some(year.parse::<usize>().ok()? * 12 + month.checked_sub(1)?)
}
