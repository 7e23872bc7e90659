//! Answers to requests.

use std::collections::BTreeMap;
use std::rc::Rc;

use engine::{Error, ListedEnvironment, Progress, Project, Scope, Settings};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{HOST, HeaderName, HeaderValue, LOCATION, ORIGIN};
use hyper::{Request, Response, StatusCode};
use tokio::task::spawn_local;
use web::ui::{Review, Run, What as Shown, events, state};

use super::State;
use super::guard::{Asked, Route};
use super::reviews::{Place, Reviewed, Said, What};
use crate::settings::now;

/// An answer, whole.
pub(super) type Answer = Response<Full<Bytes>>;

/// The longest form.
const LONGEST: usize = 64 * 1024;

/// What every answer says to the browser.
const HEADERS: &[(&str, &str)] = &[
    (
        "content-security-policy",
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:; \
         form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    ("x-content-type-options", "nosniff"),
    // The address goes nowhere else; without any referrer a browser would not tell the origin of a form.
    ("referrer-policy", "same-origin"),
    ("cache-control", "no-store"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
];

/// One of the databases, and the settings for it.
struct Chosen {
    project: Project,
    settings: Settings,
    environment: ListedEnvironment,
}

/// Nobody looks on.
struct Silent;

impl Progress for Silent {
    fn busy(&mut self, _doing: &str) {}

    fn notice(&mut self, _text: &str) {}
}

impl State {
    /// Answers a request.
    pub(super) async fn answer(self: Rc<Self>, request: Request<Incoming>) -> Answer {
        let header =
            |name: &HeaderName| request.headers().get(name).and_then(|it| it.to_str().ok());
        let asked = Asked {
            method: request.method().as_str(),
            path: request.uri().path(),
            host: header(&HOST),
            origin: header(&ORIGIN),
            site: header(&HeaderName::from_static("sec-fetch-site")),
        };
        let route = match self.guard.admit(asked) {
            Ok(route) => route,
            Err(refusal) => {
                let (status, text) = refusal.told();
                return whole(status, "text/plain; charset=utf-8", format!("{text}\n"));
            }
        };
        let answered = match route {
            Route::Style => {
                return whole(200, "text/css; charset=utf-8", web::page::style());
            }
            Route::Script => {
                let script = web::page::SCRIPT.to_owned();
                return whole(200, "text/javascript; charset=utf-8", script);
            }
            Route::Home => self.environments().map(|all| page(self.site.home(&all))),
            Route::Environment(name) => self.overview(&name).await,
            Route::Card(name) => self.card(&name).await,
            Route::Review(name) => {
                let query = request.uri().query().unwrap_or_default().to_owned();
                self.review(&name, &query).await
            }
            Route::CarryOut(name) => self.carry_out(&name, request.into_body()).await,
            Route::Run(number) => self.run(number),
            Route::Events(number) => self.events(number),
        };
        answered.unwrap_or_else(|error| {
            let environments = self.environments().unwrap_or_default();
            let text = self.site.refusal(&environments, &error.report());
            whole(400, "text/html; charset=utf-8", text)
        })
    }

    /// The databases of the project as it is now.
    fn environments(&self) -> Result<Vec<ListedEnvironment>, Error> {
        engine::databases(&engine::open(&self.settings)?, &self.settings)
    }

    /// A database by its name, with the project as seen from there.
    fn choose(&self, name: &str) -> Result<(Chosen, Vec<ListedEnvironment>), Error> {
        let environments = self.environments()?;
        let environment = environments.iter().find(|it| it.name == name).cloned();
        let Some(environment) = environment else {
            return Err(Error::Usage(format!("there is no database {name} in undrift.toml")));
        };
        let Some(settings) = environment.settings(&self.settings) else {
            let problem = format!("the variable that should hold the URL of {name} is not set");
            return Err(Error::Usage(problem));
        };
        let project = engine::open(&settings)?;
        Ok((Chosen { project, settings, environment }, environments))
    }

    async fn card(&self, name: &str) -> Result<Answer, Error> {
        let found = match self.choose(name) {
            Ok((Chosen { project, settings, .. }, _)) => {
                Box::pin(engine::status(&project, &settings, &mut Silent)).await
            }
            Err(error) => Err(error),
        };
        let found = found.map_err(|error| error.report());
        Ok(page(state(found.as_ref())))
    }

    async fn overview(&self, name: &str) -> Result<Answer, Error> {
        let (Chosen { project, settings, environment }, environments) = self.choose(name)?;
        let progress = &mut Silent;
        let overview = engine::overview(&project, &settings, Scope::Database, now(), progress);
        let overview = Box::pin(overview).await.map_err(|error| error.report());
        Ok(page(self.site.overview(&environment, &environments, overview.as_ref())))
    }

    /// Shows what would be done, and remembers it.
    async fn review(&self, name: &str, query: &str) -> Result<Answer, Error> {
        let (Chosen { project, settings, environment }, environments) = self.choose(name)?;
        let pairs: Vec<(String, String)> =
            form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let all = |wanted: &str| -> Vec<String> {
            let pairs = pairs.iter().filter(|(key, _)| key == wanted);
            pairs.map(|(_, value)| value.clone()).collect()
        };
        let (way, objects) = (all("way").concat(), all("object"));
        let place = Place { project: &project, settings: &settings };
        let what = Box::pin(place.review(&way, objects, &mut Silent)).await?;
        let word = match &what {
            What::Ignore(..) => "ignore".to_owned(),
            What::Deploy(plan) => plan.target.datasource.database.clone(),
            What::Adopt(adoption, _) => adoption.datasource.database.clone(),
            What::Revert(reversion, _) => reversion.datasource.database.clone(),
        };
        let environment_name = environment.name.clone();
        let reviewed =
            Reviewed { environment: environment_name, word: word.clone(), what: what.clone() };
        let id = self.reviews.keep(reviewed)?;
        let (shown, command) = match &what {
            What::Deploy(plan) => (Shown::Deploy(plan), "undrift migrate deploy"),
            What::Adopt(adoption, _) => (Shown::Adopt(adoption), "undrift drift adopt"),
            What::Revert(reversion, _) => (Shown::Revert(reversion), "undrift drift revert"),
            What::Ignore(objects, _) => (Shown::Ignore(objects), "undrift drift ignore"),
        };
        let review = Review { id: &id, what: shown, word: &word, command, refusal: None };
        Ok(page(self.site.review(&environment, &environments, &review)))
    }

    /// Begins to do what was shown, and leads to where that can be watched.
    async fn carry_out(self: &Rc<Self>, name: &str, body: Incoming) -> Result<Answer, Error> {
        let usage = |text: &str| Error::Usage(text.to_owned());
        let body = Limited::new(body, LONGEST).collect().await;
        let body = body.map_err(|_| usage("the form is too long, or was cut off"))?.to_bytes();
        let form: BTreeMap<String, String> = form_urlencoded::parse(&body).into_owned().collect();
        let field = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
        if !self.form.is(field("form")) {
            return Err(usage("the form is not from this page: open the review again"));
        }
        let reviewed = self.reviews.take(field("review")).filter(|it| it.environment == name);
        let Some(reviewed) = reviewed else {
            return Err(usage("what was reviewed is no longer known: open the review again"));
        };
        if field("word") != reviewed.word {
            let problem = format!(
                "{} was to be typed; nothing was done, open the review again",
                reviewed.word
            );
            return Err(Error::Usage(problem));
        }
        let (Chosen { project, settings, environment }, _) = self.choose(name)?;
        let title = match reviewed.what {
            What::Deploy(_) => "Deploy",
            What::Adopt(..) => "Keep what has drifted",
            What::Revert(..) => "Take back what has drifted",
            What::Ignore(..) => "Declare drift as meant",
        };
        let said = Said { name: field("name").to_owned(), reason: field("reason").to_owned() };
        let (number, mut heard, cancel) = self.runs.begin(title, &environment.name);
        spawn_local(async move {
            let place = Place { project: &project, settings: &settings };
            let done = Box::pin(place.carry_out(reviewed, said, cancel, &mut heard)).await;
            heard.end(done.map_err(|error| error.report()));
        });
        let mut answer = whole(303, "text/plain; charset=utf-8", String::new());
        let address = format!("{}/run/{number}", self.site.base);
        if let Ok(address) = HeaderValue::from_str(&address) {
            answer.headers_mut().insert(LOCATION, address);
        }
        Ok(answer)
    }

    fn run(&self, number: usize) -> Result<Answer, Error> {
        let environments = self.environments()?;
        self.with_run(number, |run, environment_name| {
            let environment = environments.iter().find(|it| it.name == environment_name);
            match environment {
                Some(environment) => page(self.site.run(environment, &environments, run)),
                None => page(events(run).into_string()),
            }
        })
    }

    fn events(&self, number: usize) -> Result<Answer, Error> {
        self.with_run(number, |run, _| {
            let mut answer = page(events(run).into_string());
            if run.outcome.is_none() {
                let again = HeaderName::from_static("x-undrift-again");
                answer.headers_mut().insert(again, HeaderValue::from_static("yes"));
            }
            answer
        })
    }

    fn with_run(
        &self,
        number: usize,
        shown: impl FnOnce(&Run<'_>, &str) -> Answer,
    ) -> Result<Answer, Error> {
        let Some(run) = self.runs.get(number) else {
            return Err(Error::Usage(format!("there is no run {number}")));
        };
        let run = run.borrow();
        let outcome = run.outcome.as_ref().map(|it| it.as_ref().map(String::as_str));
        let view = Run { number, title: run.title, events: &run.events, outcome };
        Ok(shown(&view, &run.environment))
    }
}

fn page(text: String) -> Answer {
    whole(200, "text/html; charset=utf-8", text)
}

fn whole(status: u16, kind: &'static str, text: String) -> Answer {
    let mut answer = Response::new(Full::new(Bytes::from(text)));
    *answer.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = answer.headers_mut();
    headers.insert("content-type", HeaderValue::from_static(kind));
    for (name, value) in HEADERS {
        headers.insert(*name, HeaderValue::from_static(value));
    }
    answer
}
