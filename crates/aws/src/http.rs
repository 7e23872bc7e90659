//! One request over HTTP, and its answer.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use rustls::crypto::ring;
use ureq::tls::{Certificate, RootCerts, TlsConfig, TlsProvider};
use ureq::{Agent, Proxy};

use crate::{Surroundings, authorities};

/// What is asked.
pub(crate) struct Request {
    pub(crate) method: &'static str,
    pub(crate) url: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// How long all of it may take.
    pub(crate) timeout: Duration,
}

impl Request {
    /// Asks for what is at an address.
    pub(crate) fn get(url: String, headers: &[(&str, &str)], timeout: Duration) -> Self {
        let headers =
            headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Self { method: "GET", url, headers, body: Vec::new(), timeout }
    }
}

/// What is answered, whatever its status.
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) body: String,
}

/// Sends requests.
pub(crate) struct Http {
    authorities: Authorities,
    https_proxy: Option<String>,
    no_proxy: Vec<String>,
    roots: OnceLock<Vec<Certificate<'static>>>,
}

/// Whose signatures are taken.
enum Authorities {
    /// Those of the machine, and Amazon's.
    Usual,
    /// Those of a file: `AWS_CA_BUNDLE`.
    File(String),
}

impl Http {
    pub(crate) fn new(surroundings: &Surroundings) -> Self {
        let either =
            |one, other| surroundings.variable(one).or_else(|| surroundings.variable(other));
        let no_proxy = either("NO_PROXY", "no_proxy").unwrap_or_default();
        Self {
            authorities: match surroundings.variable("AWS_CA_BUNDLE") {
                Some(file) => Authorities::File(file.to_owned()),
                None => Authorities::Usual,
            },
            https_proxy: either("HTTPS_PROXY", "https_proxy").map(str::to_owned),
            no_proxy: no_proxy.split(',').map(|name| name.trim().to_owned()).collect(),
            roots: OnceLock::new(),
        }
    }

    /// Sends a request from a thread of its own, so that whoever waits can be interrupted.
    ///
    /// # Errors
    /// With why there is no answer.
    pub(crate) async fn send(self: &Arc<Self>, request: Request) -> Result<Response, String> {
        let http = Arc::clone(self);
        let sent = tokio::task::spawn_blocking(move || http.send_now(request)).await;
        sent.map_err(|error| error.to_string())?
    }

    fn send_now(&self, request: Request) -> Result<Response, String> {
        let Request { method, url, headers, body, timeout } = request;
        let agent = self.agent(&url, timeout)?;
        let mut builder = ureq::http::Request::builder().method(method).uri(&url);
        for (name, value) in headers {
            builder = builder.header(name, value);
        }
        // What has no body must not be sent with one.
        let answer = if method == "GET" {
            agent.run(builder.body(()).map_err(|error| error.to_string())?)
        } else {
            agent.run(builder.body(body).map_err(|error| error.to_string())?)
        };
        let mut answer = answer.map_err(|error| error.to_string())?;
        let status = answer.status().as_u16();
        let body = answer.body_mut().read_to_string().map_err(|error| error.to_string())?;
        Ok(Response { status, body })
    }

    fn agent(&self, url: &str, timeout: Duration) -> Result<Agent, String> {
        let is_secure = url.starts_with("https://");
        let mut config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(timeout))
            .timeout_connect(Some(timeout.min(Duration::from_secs(5))))
            .user_agent(concat!("undrift/", env!("CARGO_PKG_VERSION")))
            .proxy(None);
        if is_secure {
            let tls = TlsConfig::builder()
                .provider(TlsProvider::Rustls)
                .unversioned_rustls_crypto_provider(Arc::new(ring::default_provider()))
                .root_certs(RootCerts::new_with_certs(self.roots()?))
                .build();
            config = config.tls_config(tls);
            if let Some(proxy) = self.https_proxy.as_deref().filter(|_| !self.is_direct(url)) {
                // A proxy's URL may hold a password.
                let proxy = Proxy::new(proxy).map_err(|_| "HTTPS_PROXY is not a URL of a proxy")?;
                config = config.proxy(Some(proxy));
            }
        }
        Ok(config.build().new_agent())
    }

    /// Whether `NO_PROXY` names the host, or a domain that it is in.
    fn is_direct(&self, url: &str) -> bool {
        let host = host(url);
        let host = host.split(':').next().unwrap_or_default();
        self.no_proxy.iter().any(|name| {
            let domain = name.trim_start_matches("*.").trim_start_matches('.');
            name == "*"
                || !domain.is_empty() && (host == domain || host.ends_with(&format!(".{domain}")))
        })
    }

    fn roots(&self) -> Result<&[Certificate<'static>], String> {
        if let Some(roots) = self.roots.get() {
            return Ok(roots);
        }
        let certificates = match &self.authorities {
            Authorities::Usual => {
                let machine = rustls_native_certs::load_native_certs().certs;
                machine.into_iter().chain(authorities::amazon()).collect()
            }
            Authorities::File(file) => {
                let pem = std::fs::read(file)
                    .map_err(|error| format!("AWS_CA_BUNDLE: {file}: {error}"))?;
                authorities::of_pem(&pem)
            }
        };
        let roots = certificates.iter().map(|it| Certificate::from_der(it).to_owned()).collect();
        Ok(self.roots.get_or_init(|| roots))
    }
}

/// The host of a URL, with its port if it has one.
pub(crate) fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?']).next().unwrap_or_default()
}
