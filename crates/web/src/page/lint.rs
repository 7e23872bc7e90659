//! What is dangerous in the migrations, rule by rule.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use engine::{Finding, Lint, LintedFile, Severity};
use maud::{Markup, html};

use super::plan::severity;
use super::{Tone, badge, count};

/// How many places of a rule are shown.
const PLACES: usize = 40;

/// Shows the findings by rule, the worst rules first.
pub fn lint(lint: &Lint) -> Markup {
    let mut by_rule: BTreeMap<&str, Vec<(&LintedFile, &Finding)>> = BTreeMap::new();
    for file in &lint.files {
        for finding in &file.findings {
            by_rule.entry(finding.rule).or_default().push((file, finding));
        }
    }
    let worst = |places: &[(&LintedFile, &Finding)]| {
        places.iter().map(|(_, finding)| finding.severity).max().unwrap_or(Severity::Note)
    };
    let mut rules: Vec<_> = by_rule.into_iter().collect();
    rules.sort_by_key(|(_, places)| (Reverse(worst(places)), Reverse(places.len())));
    let files = count(lint.files.len(), "migration", "migrations");
    html! {
        @if rules.is_empty() {
            p { (badge(Tone::Good, "none")) " Nothing was found in " (files) "." }
        } @else {
            p { (count(rules.len(), "rule has", "rules have")) " findings in " (files) ". "
                span class="muted" {
                    "What was applied long ago has done what it did; what is pending counts."
                }
            }
        }
        @for (rule, places) in &rules {
            details class="rule" {
                summary {
                    (severity(worst(places))) " " code { (rule) } " "
                    span class="muted" { (count(places.len(), "place", "places")) }
                }
                @if let Some((_, finding)) = places.first() {
                    p { span class="muted" { "Instead: " } (finding.advice) }
                }
                ul class="places" {
                    @for (file, finding) in places.iter().rev().take(PLACES) {
                        li { code { (file.path) ":" (finding.line) } " " (finding.message) }
                    }
                }
                @if places.len() > PLACES {
                    p class="muted" { "and " (places.len() - PLACES) " older ones: undrift lint" }
                }
            }
        }
    }
}
