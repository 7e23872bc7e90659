//! Who may ask what: only the browser of whoever was told the address, and only this page in it.
//!
//! Other pages in the same browser can send requests here, and a name that leads to this machine can be
//! made by anybody. So the host must be ours by name, the origin, where one is told, must be this page, and
//! the address must hold the token. To do something takes all of that, the flag, and the token of a form.

use engine::Token;

/// What is known of a request before it is answered.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Asked<'a> {
    pub(super) method: &'a str,
    pub(super) path: &'a str,
    pub(super) host: Option<&'a str>,
    pub(super) origin: Option<&'a str>,
    /// `Sec-Fetch-Site`: from where the browser was led here.
    pub(super) site: Option<&'a str>,
}

/// Where the server is, and what it is for.
pub(super) struct Guard {
    pub(super) port: u16,
    pub(super) token: Token,
    pub(super) allows_apply: bool,
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Route {
    Home,
    Style,
    Script,
    Environment(String),
    Card(String),
    Review(String),
    CarryOut(String),
    Run(usize),
    Events(usize),
}

/// Why a request is not answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    Host,
    Origin,
    Token,
    ReadOnly,
    Method,
    Unknown,
}

impl Refusal {
    /// The status of the answer, and what it says.
    pub(super) fn told(self) -> (u16, &'static str) {
        match self {
            Self::Host => (403, "this server is asked as 127.0.0.1 or localhost only"),
            Self::Origin => (403, "another page may ask nothing here"),
            Self::Token => {
                (403, "the address lacks its token: use the one that undrift ui printed")
            }
            Self::ReadOnly => (403, "read-only: start it with undrift ui --allow-apply"),
            Self::Method => (405, "that cannot be done with this address"),
            Self::Unknown => (404, "there is nothing at this address"),
        }
    }
}

impl Guard {
    /// Says what is asked for, if it may be.
    pub(super) fn admit(&self, asked: Asked<'_>) -> Result<Route, Refusal> {
        let Asked { method, path, host, origin, site } = asked;
        let hosts = ["127.0.0.1", "localhost", "[::1]"].map(|name| format!("{name}:{}", self.port));
        let Some(host) = host.filter(|host| hosts.iter().any(|own| own == host)) else {
            return Err(Refusal::Host);
        };
        let is_own = |origin: &str| origin.strip_prefix("http://") == Some(host);
        let is_foreign = origin.is_some_and(|origin| !is_own(origin));
        if is_foreign || !matches!(site, None | Some("same-origin" | "none")) {
            return Err(Refusal::Origin);
        }
        let mut parts = path.trim_start_matches('/').split('/');
        if !self.token.is(parts.next().unwrap_or_default()) {
            return Err(Refusal::Token);
        }
        let parts: Vec<&str> = parts.collect();
        let route = Route::of(&parts).ok_or(Refusal::Unknown)?;
        match (method, &route) {
            ("POST", _) if !self.allows_apply => Err(Refusal::ReadOnly),
            // A browser tells the origin of every form.
            ("POST", Route::CarryOut(_)) if origin.is_none() => Err(Refusal::Origin),
            ("POST", Route::CarryOut(_)) => Ok(route),
            (_, Route::CarryOut(_)) => Err(Refusal::Method),
            ("GET", _) => Ok(route),
            _ => Err(Refusal::Method),
        }
    }
}

impl Route {
    fn of(parts: &[&str]) -> Option<Self> {
        let name = |text: &str| {
            let pair = format!("{}=", text.replace('+', "%2B"));
            let decoded = form_urlencoded::parse(pair.as_bytes()).next();
            decoded.map(|(name, _)| name.into_owned())
        };
        Some(match parts {
            [] | [""] => Self::Home,
            ["style.css"] => Self::Style,
            ["script.js"] => Self::Script,
            ["env", environment] => Self::Environment(name(environment)?),
            ["env", environment, "card"] => Self::Card(name(environment)?),
            ["env", environment, "review"] => Self::Review(name(environment)?),
            ["env", environment, "carry-out"] => Self::CarryOut(name(environment)?),
            ["run", number] => Self::Run(number.parse().ok()?),
            ["run", number, "events"] => Self::Events(number.parse().ok()?),
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use engine::Token;

    use super::{Asked, Guard, Refusal, Route};

    fn guard(allows_apply: bool) -> Guard {
        Guard { port: 8700, token: Token::random().unwrap(), allows_apply }
    }

    #[test]
    fn only_who_has_the_address_is_answered() {
        let guard = guard(false);
        let path = format!("/{}/env/my%20db+1", guard.token.reveal());
        let asked =
            Asked { method: "GET", path: &path, host: Some("127.0.0.1:8700"), ..Asked::default() };
        assert_eq!(guard.admit(asked), Ok(Route::Environment("my db+1".to_owned())));
        let own = Asked {
            host: Some("localhost:8700"),
            origin: Some("http://localhost:8700"),
            site: Some("same-origin"),
            ..asked
        };
        assert!(guard.admit(own).is_ok());
        let longer = format!("/{}x/", guard.token.reveal());
        for (asked, refusal) in [
            (Asked { host: None, ..asked }, Refusal::Host),
            (Asked { host: Some("evil.example:8700"), ..asked }, Refusal::Host),
            (Asked { host: Some("127.0.0.1:80"), ..asked }, Refusal::Host),
            (Asked { host: Some("127.0.0.1.evil.example:8700"), ..asked }, Refusal::Host),
            (Asked { origin: Some("https://evil.example"), ..asked }, Refusal::Origin),
            (Asked { origin: Some("null"), ..asked }, Refusal::Origin),
            (Asked { origin: Some("http://127.0.0.1:8701"), ..asked }, Refusal::Origin),
            (Asked { origin: Some("http://localhost:8700"), ..asked }, Refusal::Origin),
            (Asked { site: Some("cross-site"), ..asked }, Refusal::Origin),
            (Asked { site: Some("same-site"), ..asked }, Refusal::Origin),
            (Asked { path: "/", ..asked }, Refusal::Token),
            (Asked { path: "/env/default", ..asked }, Refusal::Token),
            (Asked { path: &longer, ..asked }, Refusal::Token),
        ] {
            assert_eq!(guard.admit(asked), Err(refusal), "{asked:?}");
        }
    }

    #[test]
    fn nothing_is_done_without_the_flag() {
        let check = |allows_apply, method, end: &str, origin| {
            let guard = guard(allows_apply);
            let path = format!("/{}/{end}", guard.token.reveal());
            let host = Some("127.0.0.1:8700");
            guard.admit(Asked { method, path: &path, host, origin, site: None })
        };
        let own = Some("http://127.0.0.1:8700");
        let carry_out = Ok(Route::CarryOut("a".to_owned()));
        assert_eq!(check(true, "POST", "env/a/carry-out", own), carry_out);
        assert_eq!(check(true, "POST", "env/a/carry-out", None), Err(Refusal::Origin));
        assert_eq!(check(false, "POST", "env/a/carry-out", own), Err(Refusal::ReadOnly));
        assert_eq!(check(true, "GET", "env/a/carry-out", own), Err(Refusal::Method));
        assert_eq!(check(true, "POST", "env/a/review", own), Err(Refusal::Method));
        assert_eq!(check(true, "DELETE", "env/a", own), Err(Refusal::Method));
        assert_eq!(check(true, "GET", "env/a/b/c", own), Err(Refusal::Unknown));
        assert_eq!(check(true, "GET", "run/x", own), Err(Refusal::Unknown));
    }
}
