//! The report: everything on one page, in one file.

use engine::{Found, Overview};
use maud::html;

use crate::page::{self, Assets, Section, Shell, Tone, badge, found};

/// Makes the report of a project, called as a person calls it. It has nothing from elsewhere and says so in its content policy.
pub fn report(overview: &Overview, project: &str) -> String {
    let title = format!("{project}: undrift report");
    let about = html! {
        p {
            @match &overview.status {
                Some(Found::Known(status)) => {
                    "Database " strong { (status.datasource.database) } ", schema "
                    strong { (status.datasource.schema) } " at " strong { (status.datasource.address) } ". "
                }
                Some(Found::Unknown(_)) | None => {}
            }
            "Schema " code { (overview.schema_path) } "."
        }
        p class="muted" { "Made " time { (overview.at) } " by undrift " (overview.undrift) "." }
    };
    let shell = Shell {
        title: &title,
        heading: project,
        about,
        pages: Vec::new(),
        sections: sections(overview, None),
        foot: html! { "undrift " (overview.undrift) ", " (overview.at) },
        assets: Assets::Inside,
    };
    shell.page()
}

/// All sections that there is something for.
pub(crate) fn sections(overview: &Overview, acts: Option<page::Acts<'_>>) -> Vec<Section> {
    let Overview { timeline, drift, plan, lint, diagram, .. } = overview;
    let mut sections =
        vec![Section { id: "state", title: "State", mark: None, body: page::summary(overview) }];
    if let Some(timeline) = timeline {
        sections.push(Section {
            id: "migrations",
            title: "Migrations",
            mark: timeline.known().map(|it| badge(Tone::Plain, &it.events.len().to_string())),
            body: found(timeline, page::timeline),
        });
    }
    if let Some(drift) = drift {
        let number = |it: &engine::Explanation| {
            let tone = if it.objects.is_empty() { Tone::Good } else { Tone::Bad };
            badge(tone, &it.objects.len().to_string())
        };
        sections.push(Section {
            id: "drift",
            title: "Drift",
            mark: drift.known().map(number),
            body: found(drift, |it| page::drift(it, acts)),
        });
    }
    if let Some(plan) = plan {
        let number = |it: &engine::PlanFile| {
            let tone = match () {
                () if !it.losses.is_empty() || !it.stops.is_empty() => Tone::Bad,
                () if it.is_empty() => Tone::Good,
                () => Tone::Notice,
            };
            badge(tone, &it.scripts.len().to_string())
        };
        sections.push(Section {
            id: "plan",
            title: "Next deploy",
            mark: plan.known().map(number),
            body: found(plan, page::plan),
        });
    }
    let number = |it: &engine::Lint| {
        let tone = match () {
            () if it.errors > 0 => Tone::Bad,
            () if it.warnings > 0 => Tone::Notice,
            () => Tone::Good,
        };
        badge(tone, &(it.errors + it.warnings).to_string())
    };
    sections.push(Section {
        id: "lint",
        title: "Lint",
        mark: lint.known().map(number),
        body: found(lint, page::lint),
    });
    sections.push(Section {
        id: "diagram",
        title: "Diagram",
        mark: diagram.known().map(|it| badge(Tone::Plain, &it.tables.len().to_string())),
        body: found(diagram, page::diagram),
    });
    sections
}
