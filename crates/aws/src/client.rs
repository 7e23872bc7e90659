//! Asking AWS: signed, and again when it is busy.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::http::{Http, Request, Response, host};
use crate::sign::{Scope, query, sign_headers};
use crate::{Credentials, Element, Error, Partition, Surroundings, profiles};

/// Whom to ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// RDS and Aurora.
    Rds,
    /// Secrets Manager.
    SecretsManager,
    /// The security token service.
    Sts,
}

impl Service {
    /// The name in host names, signatures and policies.
    fn name(self) -> &'static str {
        match self {
            Self::Rds => "rds",
            Self::SecretsManager => "secretsmanager",
            Self::Sts => "sts",
        }
    }

    /// The name in the variable that moves its endpoint.
    fn variable(self) -> &'static str {
        match self {
            Self::Rds => "AWS_ENDPOINT_URL_RDS",
            Self::SecretsManager => "AWS_ENDPOINT_URL_SECRETS_MANAGER",
            Self::Sts => "AWS_ENDPOINT_URL_STS",
        }
    }

    /// The version of its Query API.
    fn version(self) -> &'static str {
        match self {
            Self::Rds => "2014-10-31",
            Self::Sts => "2011-06-15",
            Self::SecretsManager => "2017-10-17",
        }
    }
}

/// Asks AWS on behalf of whoever the surroundings say. A clone shares what was found out.
#[derive(Clone)]
pub struct Client {
    surroundings: Arc<Surroundings>,
    pub(crate) http: Arc<Http>,
    kept: Arc<Mutex<Option<Credentials>>>,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Client").field(&self.surroundings).finish()
    }
}

impl Default for Client {
    /// Of nobody, from nowhere.
    fn default() -> Self {
        Self::new(Surroundings::default())
    }
}

/// How long one request may take.
const TIMEOUT: Duration = Duration::from_secs(30);
/// How often a request is tried, unless `AWS_MAX_ATTEMPTS` says.
const ATTEMPTS: u32 = 5;
/// The first wait before trying again; each further one is twice as long, up to [`LONGEST`].
const WAIT: Duration = Duration::from_millis(250);
const LONGEST: Duration = Duration::from_secs(20);
/// Credentials that expire within this time are fetched anew.
const MARGIN: Duration = Duration::from_mins(2);

impl Client {
    /// A client of these surroundings. Nothing is read or asked before it is needed.
    pub fn new(surroundings: Surroundings) -> Self {
        let http = Arc::new(Http::new(&surroundings));
        Self { surroundings: Arc::new(surroundings), http, kept: Arc::default() }
    }

    /// The same for another region.
    #[must_use]
    pub fn in_region(&self, region: &str) -> Self {
        let surroundings =
            Surroundings { region: Some(region.to_owned()), ..(*self.surroundings).clone() };
        Self { surroundings: Arc::new(surroundings), ..self.clone() }
    }

    /// The same on behalf of a profile.
    #[must_use]
    pub fn as_profile(&self, profile: &str) -> Self {
        let profile = Some(profile.to_owned());
        Self::new(Surroundings { profile, ..(*self.surroundings).clone() })
    }

    /// What it was made of.
    pub fn surroundings(&self) -> &Surroundings {
        &self.surroundings
    }

    /// The credentials, fetched anew before they expire.
    ///
    /// # Errors
    /// When there are none, with where was looked and what to do.
    pub async fn credentials(&self) -> Result<Credentials, Error> {
        let soon = self.surroundings.clock.now() + MARGIN;
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(credentials) = kept.filter(|kept| kept.expires().is_none_or(|at| at > soon)) {
            return Ok(credentials);
        }
        let credentials = crate::credentials::find(self).await?;
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(credentials.clone());
        Ok(credentials)
    }

    /// The region: what was said, `AWS_REGION`, or the profile's.
    ///
    /// # Errors
    /// [`Error::NoRegion`], or a file that cannot be read.
    pub fn region(&self) -> Result<String, Error> {
        let surroundings = &self.surroundings;
        let said = surroundings
            .region
            .as_deref()
            .or_else(|| surroundings.variable("AWS_REGION"))
            .or_else(|| surroundings.variable("AWS_DEFAULT_REGION"));
        if let Some(region) = said {
            return Ok(region.to_owned());
        }
        let profiles = profiles::Profiles::read(surroundings)?;
        let profile = profiles.profile(profiles::name(surroundings));
        profile.and_then(|it| it.get("region")).cloned().ok_or(Error::NoRegion)
    }

    /// Calls an action of a Query API, and returns what its result holds. It is tried again when AWS is
    /// busy or no answer comes, so an action that makes something may find that it was made.
    ///
    /// Lists are given as RDS numbers them: `Filters.Filter.1.Name`, `Tags.Tag.1.Key`.
    ///
    /// # Errors
    /// What AWS answers, or that it does not.
    pub async fn call(
        &self,
        service: Service,
        action: &str,
        parameters: &[(&str, &str)],
    ) -> Result<Element, Error> {
        let mut pairs = vec![("Action", action), ("Version", service.version())];
        pairs.extend_from_slice(parameters);
        let doing = format!("{}:{action}", service.name());
        let headers = [("content-type", "application/x-www-form-urlencoded; charset=utf-8")];
        let body = query(&pairs);
        let answer = self.signed(service, &doing, &headers, body.as_bytes()).await?;
        let element = Element::parse(&answer.body)
            .map_err(|problem| Error::Answer { action: doing.clone(), problem })?;
        let result = format!("{action}Result");
        Ok(element.find(&result).cloned().unwrap_or(element))
    }

    /// Calls an action of a JSON API.
    pub(crate) async fn call_json(
        &self,
        service: Service,
        action: &str,
        body: &serde_json::Value,
    ) -> Result<serde_json::Value, Error> {
        let doing = format!("{}:{action}", service.name());
        let target = format!("{}.{action}", service.name());
        let headers =
            [("content-type", "application/x-amz-json-1.1"), ("x-amz-target", target.as_str())];
        let answer = self.signed(service, &doing, &headers, body.to_string().as_bytes()).await?;
        serde_json::from_str(&answer.body)
            .map_err(|error| Error::Answer { action: doing, problem: error.to_string() })
    }

    async fn signed(
        &self,
        service: Service,
        doing: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Result<Response, Error> {
        let region = self.region()?;
        let endpoint = self.endpoint(service, &region);
        self.trying(doing, &endpoint, async || {
            let credentials = self.credentials().await?;
            let now = self.surroundings.clock.now();
            let scope = Scope { region: &region, service: service.name(), now };
            let headers = sign_headers(host(&endpoint), headers, body, &scope, &credentials);
            let (url, body) = (endpoint.clone(), body.to_vec());
            Ok(Request { method: "POST", url, headers, body, timeout: TIMEOUT })
        })
        .await
    }

    /// Sends a request, made anew each time, until it is answered with something final.
    pub(crate) async fn trying(
        &self,
        doing: &str,
        endpoint: &str,
        request: impl AsyncFn() -> Result<Request, Error>,
    ) -> Result<Response, Error> {
        let attempts = self.surroundings.variable("AWS_MAX_ATTEMPTS");
        let attempts = attempts.and_then(|number| number.parse().ok()).unwrap_or(ATTEMPTS).max(1);
        let mut attempt = 1;
        loop {
            let error = match self.http.send(request().await?).await {
                Ok(answer) if (200..300).contains(&answer.status) => return Ok(answer),
                Ok(answer) => refused(doing, &answer),
                Err(cause) => Error::Unreachable {
                    action: doing.to_owned(),
                    endpoint: endpoint.to_owned(),
                    cause,
                },
            };
            if attempt >= attempts || !is_passing(&error) {
                return Err(error);
            }
            tokio::time::sleep(self.wait(attempt)).await;
            attempt += 1;
        }
    }

    /// How long to wait before trying again: between half of the time and all of it, so that many who
    /// were turned away together do not come back together.
    fn wait(&self, attempt: u32) -> Duration {
        let longest = WAIT.saturating_mul(1 << (attempt - 1).min(10)).min(LONGEST);
        let now = self.surroundings.clock.now();
        let chance = now.duration_since(std::time::UNIX_EPOCH).unwrap_or_default().subsec_micros();
        longest / 2 + longest / 2 * (chance % 1000) / 1000
    }

    /// Where a service is asked.
    pub(crate) fn endpoint(&self, service: Service, region: &str) -> String {
        let surroundings = &self.surroundings;
        let moved = surroundings
            .variable(service.variable())
            .or_else(|| surroundings.variable("AWS_ENDPOINT_URL"));
        if let Some(url) = moved {
            return format!("{}/", url.trim_end_matches('/'));
        }
        let domain = Partition::of_region(region).domain();
        format!("https://{}.{region}.{domain}/", service.name())
    }
}

/// What an answer with another status than "fine" says.
fn refused(doing: &str, answer: &Response) -> Error {
    let of_xml = || {
        let document = Element::parse(&answer.body).ok()?;
        let error = document.find("Error").or_else(|| document.find("Errors/Error"))?;
        let text = |name| error.text_of(name).unwrap_or_default().to_owned();
        Some((text("Code"), text("Message")))
    };
    let of_json = || {
        let document: serde_json::Value = serde_json::from_str(&answer.body).ok()?;
        let text = |names: &[&str]| {
            let found = names.iter().find_map(|name| document.get(name)?.as_str());
            found.unwrap_or_default().to_owned()
        };
        let code = text(&["__type", "code", "error"]);
        let code = code.rsplit('#').next().unwrap_or_default().to_owned();
        Some((code, text(&["message", "Message", "error_description"])))
    };
    let (code, message) = of_xml().or_else(of_json).unwrap_or_default();
    let code = if code.is_empty() { format!("HTTP {}", answer.status) } else { code };
    Error::Refused { action: doing.to_owned(), code, message, status: answer.status }
}

/// Whether it is worth asking again.
fn is_passing(error: &Error) -> bool {
    match error {
        Error::Unreachable { .. } => true,
        Error::Refused { code, status, .. } => {
            matches!(status, 429 | 500 | 502 | 503 | 504)
                || code.contains("Throttl")
                || matches!(
                    code.as_str(),
                    "RequestLimitExceeded"
                        | "TooManyRequestsException"
                        | "SlowDown"
                        | "PriorRequestNotComplete"
                        | "RequestTimeout"
                        | "RequestTimeoutException"
                        | "InternalFailure"
                        | "ServiceUnavailable"
                )
        }
        Error::NoCredentials(_)
        | Error::Credentials { .. }
        | Error::File { .. }
        | Error::NoRegion
        | Error::Answer { .. } => false,
    }
}
