//! The pages of `undrift ui`: the databases of a project, one of them in full, what would be done, and what is
//! being done.

use engine::{
    Adoption, Difference, ListedEnvironment, Overview, PlanFile, Report, Reversion, Status,
};
use maud::{Markup, html};

use crate::page::{self, Assets, Section, Shell, Tone, badge, count};
use crate::report::sections;
use crate::sql;

/// What all pages of one server share.
#[derive(Debug, Clone)]
pub struct Site {
    /// What the project is called.
    pub project: String,
    /// What every address begins with, token and all, without a slash at its end.
    pub base: String,
    /// Whether something can be done, or only looked at.
    pub allows_apply: bool,
    /// What a form has to bring along, so that it is one of these pages.
    pub form_token: String,
}

impl Site {
    /// The address of a database's page.
    pub fn environment(&self, name: &str) -> String {
        format!("{}/env/{}", self.base, encoded(name))
    }

    fn shell<'a>(
        &'a self,
        title: &'a str,
        heading: &'a str,
        here: &str,
        environments: &[ListedEnvironment],
        about: Markup,
        sections: Vec<Section>,
    ) -> Shell<'a> {
        let mut pages = vec![("Databases".to_owned(), format!("{}/", self.base), here.is_empty())];
        for environment in environments {
            let name = &environment.name;
            pages.push((name.clone(), self.environment(name), here == name));
        }
        let foot = html! {
            @if self.allows_apply { "Started with --allow-apply: what is reviewed here can be done here." }
            @else { "Read-only: started without --allow-apply." }
        };
        Shell { title, heading, about, pages, sections, foot, assets: Assets::Below(&self.base) }
    }

    /// The databases of the project. What each is like is fetched when the page is there.
    pub fn home(&self, environments: &[ListedEnvironment]) -> String {
        let title = format!("{}: undrift", self.project);
        let body = html! {
            div class="cards" {
                @for environment in environments { (self.card(environment)) }
            }
        };
        let section = Section { id: "databases", title: "Databases", mark: None, body };
        let about =
            html! { p class="muted" { "The project's own database, and those of undrift.toml." } };
        self.shell(&title, &self.project, "", environments, about, vec![section]).page()
    }

    fn card(&self, environment: &ListedEnvironment) -> Markup {
        let address = self.environment(&environment.name);
        html! {
            div class="card" {
                h3 { a href=(address) { (environment.name) } " " (class(environment)) }
                @match &environment.datasource {
                    Some(datasource) => {
                        p class="muted" { (datasource.database) " at " (datasource.address) }
                        div data-fetch={ (address) "/card" } aria-live="polite" aria-busy="true" {
                            span class="muted" { "Looking…" }
                            noscript { a href=(address) { "Open" } }
                        }
                    }
                    None if environment.is_default => {
                        p class="muted" { "The local database of the project." }
                    }
                    None => p class="muted" { "The variable that should hold its URL is not set." },
                }
            }
        }
    }

    /// Everything about one database, with what can be done about it.
    pub fn overview(
        &self,
        environment: &ListedEnvironment,
        environments: &[ListedEnvironment],
        overview: Result<&Overview, &Report>,
    ) -> String {
        let title = format!("{}: {}", environment.name, self.project);
        let review = |way: &str, object: Option<&Difference>| {
            let mut address = format!("{}/review?way={way}", self.environment(&environment.name));
            if let Some(object) = object {
                let named = format!("{} {}", object.kind.title(), object.id);
                address = format!("{address}&object={}", encoded(&named));
            }
            address
        };
        let acts = |object: &Difference| {
            html! {
                a class="button" href=(review("adopt", Some(object))) { "Keep it…" }
                a class="button" href=(review("revert", Some(object))) { "Take it back…" }
                a class="button" href=(review("ignore", Some(object))) { "It is meant…" }
            }
        };
        let sections = match overview {
            Ok(overview) => {
                let mut sections = sections(overview, Some(&acts));
                for section in &mut sections {
                    let ways = actions(section.id, overview);
                    if !ways.is_empty() {
                        section.body = html! {
                            (section.body)
                            div class="acts" {
                                @for (way, words) in ways {
                                    a class="button" href=(review(way, None)) { (words) }
                                }
                            }
                        };
                    }
                }
                sections
            }
            Err(report) => {
                let body = page::problem(report);
                vec![Section { id: "state", title: "State", mark: None, body }]
            }
        };
        let about = about(environment);
        self.shell(&title, &environment.name, &environment.name, environments, about, sections)
            .page()
    }

    /// What would be done, and, where something may be done, the form that says so.
    pub fn review(
        &self,
        environment: &ListedEnvironment,
        environments: &[ListedEnvironment],
        review: &Review<'_>,
    ) -> String {
        let title = format!("{}: {}", review.what.title(), environment.name);
        let heading = review.what.title();
        let body = html! {
            (review.what.shown())
            @match (&review.refusal, review.what.is_empty()) {
                (_, true) => {}
                (Some(refusal), _) => (page::problem(refusal)),
                (None, _) if !self.allows_apply => {
                    p class="note warn" {
                        "This server is read-only. Start it with " code { "undrift ui --allow-apply" }
                        " to do this here, or run " code { (review.command) } "."
                    }
                }
                (None, _) => (self.form(environment, review)),
            }
            p { a href=(self.environment(&environment.name)) { "Back to " (environment.name) } }
        };
        let section = Section { id: "review", title: "What would be done", mark: None, body };
        let about = about(environment);
        self.shell(&title, heading, &environment.name, environments, about, vec![section]).page()
    }

    fn form(&self, environment: &ListedEnvironment, review: &Review<'_>) -> Markup {
        let loses = !review.what.losses().is_empty();
        let button = if loses { "danger" } else { "primary" };
        html! {
            form class="confirm" method="post" action={ (self.environment(&environment.name)) "/carry-out" } {
                input type="hidden" name="form" value=(self.form_token);
                input type="hidden" name="review" value=(review.id);
                @match review.what {
                    What::Adopt(_) => {
                        label {
                            span { "Name of the migration" }
                            input type="text" name="name" required pattern="[A-Za-z0-9_ -]+" value="adopt_drift"
                                autocomplete="off";
                        }
                    }
                    What::Ignore(_) => {
                        label {
                            span { "Why it is meant" }
                            input type="text" name="reason" autocomplete="off";
                        }
                    }
                    What::Deploy(_) | What::Revert(_) => {}
                }
                label {
                    span { "To go on, type " strong { (review.word) } }
                    input type="text" name="word" required autocomplete="off" spellcheck="false";
                }
                div { button class=(button) type="submit" { (review.what.button()) } }
            }
        }
    }

    /// A run, with what it does as long as it goes on.
    pub fn run(
        &self,
        environment: &ListedEnvironment,
        environments: &[ListedEnvironment],
        run: &Run<'_>,
    ) -> String {
        let title = format!("{}: {}", run.title, environment.name);
        let body = html! {
            div data-fetch={ (self.base) "/run/" (run.number) "/events" } data-again="700"
                aria-live="polite" { (events(run)) }
            noscript { p { a href={ (self.base) "/run/" (run.number) } { "Look again" } } }
            p { a href=(self.environment(&environment.name)) { "Back to " (environment.name) } }
        };
        let section = Section { id: "run", title: "Progress", mark: None, body };
        let about = about(environment);
        self.shell(&title, run.title, &environment.name, environments, about, vec![section]).page()
    }

    /// A page that says what is wrong.
    pub fn refusal(&self, environments: &[ListedEnvironment], report: &Report) -> String {
        let section =
            Section { id: "error", title: "Error", mark: None, body: page::problem(report) };
        self.shell(
            "undrift: error",
            "That did not work",
            "-",
            environments,
            html! {},
            vec![section],
        )
        .page()
    }
}

/// What the card of a database shows once it was asked.
pub fn state(state: Result<&Status, &Report>) -> String {
    let shown = match state {
        Ok(status) => html! {
            p { (page::word(status)) }
            @if let Some(last) = status.migrations.applied.last() {
                p class="muted" { "Last: " code { (last) } }
            }
        },
        Err(report) => html! {
            p { (badge(Tone::Bad, "cannot be asked")) }
            p class="muted" { (report.message) }
        },
    };
    shown.into_string()
}

/// Which database a page is about.
fn about(environment: &ListedEnvironment) -> Markup {
    html! {
        p {
            (class(environment)) " "
            @if let Some(datasource) = &environment.datasource {
                "Database " strong { (datasource.database) } ", schema " strong { (datasource.schema) } " at "
                strong { (datasource.address) } "."
            }
        }
    }
}

/// What can be done about a section as a whole.
fn actions(section: &str, overview: &Overview) -> Vec<(&'static str, &'static str)> {
    let known = |it: Option<&engine::Found<engine::Explanation>>| {
        it.and_then(engine::Found::known).is_some_and(|it| !it.objects.is_empty())
    };
    let pending = overview.plan.as_ref().and_then(engine::Found::known);
    match section {
        "drift" if known(overview.drift.as_ref()) => {
            vec![("adopt", "Keep all…"), ("revert", "Take all back…")]
        }
        "plan" if pending.is_some_and(|plan| !plan.is_empty()) => vec![("deploy", "Deploy…")],
        _ => Vec::new(),
    }
}

fn class(environment: &ListedEnvironment) -> Markup {
    let tone = if environment.is_guarded { Tone::Notice } else { Tone::Plain };
    html! {
        (badge(tone, &environment.class))
        @if environment.is_default && environment.name != "default" { " " (badge(Tone::Plain, "default")) }
    }
}

/// What would be done, as it is shown to whoever decides.
pub struct Review<'a> {
    /// What names it in the form.
    pub id: &'a str,
    /// What would be done.
    pub what: What<'a>,
    /// The word that has to be typed.
    pub word: &'a str,
    /// The command that does the same.
    pub command: &'a str,
    /// Why it may not be done, if it is known already.
    pub refusal: Option<&'a Report>,
}

/// What can be done.
#[derive(Clone, Copy)]
pub enum What<'a> {
    /// Pending migrations are applied.
    Deploy(&'a PlanFile),
    /// Drift becomes a migration.
    Adopt(&'a Adoption),
    /// Drift is taken back.
    Revert(&'a Reversion),
    /// These objects are meant to differ.
    Ignore(&'a [Difference]),
}

impl What<'_> {
    fn title(&self) -> &'static str {
        match self {
            Self::Deploy(_) => "Deploy",
            Self::Adopt(_) => "Keep what has drifted",
            Self::Revert(_) => "Take back what has drifted",
            Self::Ignore(_) => "Declare drift as meant",
        }
    }

    fn button(&self) -> &'static str {
        match self {
            Self::Deploy(_) => "Apply the migrations",
            Self::Adopt(_) => "Write the migration and mark it as applied",
            Self::Revert(_) => "Take it back",
            Self::Ignore(_) => "Write the rule",
        }
    }

    fn losses(&self) -> &[String] {
        match self {
            Self::Deploy(plan) => &plan.losses,
            Self::Revert(reversion) => &reversion.losses,
            Self::Adopt(_) | Self::Ignore(_) => &[],
        }
    }

    fn is_empty(&self) -> bool {
        match self {
            Self::Deploy(plan) => plan.is_empty() || !plan.stops.is_empty(),
            Self::Adopt(adoption) => adoption.created.is_none(),
            Self::Revert(reversion) => reversion.reverted.is_empty(),
            Self::Ignore(objects) => objects.is_empty(),
        }
    }

    fn shown(&self) -> Markup {
        match self {
            Self::Deploy(plan) => page::plan(plan),
            Self::Adopt(adoption) => html! {
                p { "A migration is written that makes these, proven on a shadow database, and marked as "
                    "applied here. No data is touched." }
                (objects(&adoption.adopted))
                @if let Some(script) = &adoption.script { (sql::block(script)) }
            },
            Self::Revert(reversion) => html! {
                p { "These become again what the applied migrations make, in one transaction that is committed "
                    "only if the outcome is proven." }
                (objects(&reversion.reverted))
                @if !reversion.losses.is_empty() {
                    div class="note bad" role="note" {
                        p { strong { "Data that would be lost" } }
                        ul { @for loss in &reversion.losses { li { (loss) } } }
                    }
                }
                (sql::block(&reversion.script))
            },
            Self::Ignore(differences) => html! {
                p { "A rule for each is written into undrift.toml. Nothing is done to the database." }
                (objects(differences))
            },
        }
    }
}

fn objects(differences: &[Difference]) -> Markup {
    html! {
        @if differences.is_empty() { p class="muted" { "There is nothing to do." } }
        ul { @for difference in differences { li { (difference.to_string()) } } }
    }
}

/// Something that is being done, or was.
pub struct Run<'a> {
    /// Its number.
    pub number: usize,
    /// What it is.
    pub title: &'a str,
    /// What it has told: after how many milliseconds, and what.
    pub events: &'a [(u64, String)],
    /// What came of it; none as long as it goes on.
    pub outcome: Option<Result<&'a str, &'a Report>>,
}

/// What a run has told so far, newest first.
pub fn events(run: &Run<'_>) -> Markup {
    html! {
        @match run.outcome {
            None => p class="verdict warn" { "Running." },
            Some(Ok(text)) => p class="verdict good" { (text) },
            Some(Err(report)) => { p class="verdict bad" { "It failed." } (page::problem(report)) }
        }
        p class="muted" { (count(run.events.len(), "step", "steps")) }
        ol class="events" {
            @for (after, text) in run.events.iter().rev() {
                li {
                    span class="muted" { (after / 1000) "." (after % 1000 / 100) " s" }
                    span { (text) }
                }
            }
        }
    }
}

/// A text as a part of an address.
pub fn encoded(text: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let letter = |byte: u8| {
        if is_plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }
    };
    text.bytes().map(letter).collect()
}
