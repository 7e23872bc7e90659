//! The server over streamable HTTP: on this machine only, for whoever was told the token.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use engine::{Error, Token};
use http_body_util::{BodyExt as _, Full, combinators::BoxBody};
use hyper::body::{Bytes, Incoming};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, WWW_AUTHENTICATE};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::{StreamableHttpServerConfig, StreamableHttpService};
use tokio::net::TcpListener;

use super::Server;

/// Where the protocol is.
const PATH: &str = "/mcp";

type Service = StreamableHttpService<Server, LocalSessionManager>;
type Answer = Response<BoxBody<Bytes, Infallible>>;

/// Reads where to listen: a port, or an address of this machine with a port.
pub(crate) fn address(text: &str) -> Result<SocketAddr, String> {
    let parsed = match text.parse::<u16>() {
        Ok(port) => SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port),
        Err(_) => text
            .replacen("localhost:", "127.0.0.1:", 1)
            .parse()
            .map_err(|_| "write a port, or 127.0.0.1:PORT".to_owned())?,
    };
    if parsed.ip().is_loopback() {
        return Ok(parsed);
    }
    Err("the server listens on this machine only: 127.0.0.1 or [::1]".to_owned())
}

/// A server that listens.
pub(crate) struct Listening {
    listener: TcpListener,
    /// Where clients find it.
    pub(crate) url: String,
    /// What they have to show.
    pub(crate) token: Token,
}

impl Listening {
    /// Begins to listen.
    pub(crate) async fn on(address: SocketAddr, token: Token) -> Result<Self, Error> {
        let error = |cause| Error::Usage(format!("listening on {address}: {cause}"));
        let listener = TcpListener::bind(address).await.map_err(error)?;
        let url = format!("http://{}{PATH}", listener.local_addr().map_err(error)?);
        Ok(Self { listener, url, token })
    }

    /// Serves until the user interrupts.
    pub(crate) async fn serve(self, server: Server) -> Result<(), Error> {
        let Self { listener, token, .. } = self;
        let jobs = Arc::clone(&server.jobs);
        // Pages in a browser have an origin, and no business here.
        let config = StreamableHttpServerConfig::default().enforce_origin_validation();
        let cancel = config.cancellation_token.clone();
        let service = Service::new(move || Ok(server.clone()), Arc::default(), config);
        let accepting = async {
            loop {
                // A connection that failed is its client's matter.
                let Ok((stream, _)) = listener.accept().await else { continue };
                let (service, token) = (service.clone(), token.clone());
                tokio::spawn(async move {
                    let answer = service_fn(|request| answer(&service, &token, request));
                    drop(
                        http1::Builder::new().serve_connection(TokioIo::new(stream), answer).await,
                    );
                });
            }
        };
        tokio::select! {
            () = accepting => {}
            _ = tokio::signal::ctrl_c() => {}
        }
        cancel.cancel();
        jobs.end();
        Ok(())
    }
}

/// Answers a request, if it shows the token.
async fn answer(
    service: &Service,
    token: &Token,
    request: Request<Incoming>,
) -> Result<Answer, Infallible> {
    let header = request.headers().get(AUTHORIZATION).and_then(|header| header.to_str().ok());
    let shown = header.and_then(|header| header.strip_prefix("Bearer ")).unwrap_or_default();
    if !token.is(shown) {
        return Ok(refusal(StatusCode::UNAUTHORIZED, "the token is missing, or is another one\n"));
    }
    if request.uri().path() != PATH {
        return Ok(refusal(StatusCode::NOT_FOUND, "MCP is at /mcp\n"));
    }
    Ok(service.handle(request).await)
}

fn refusal(status: StatusCode, text: &'static str) -> Answer {
    let mut response = Response::new(Full::new(Bytes::from_static(text.as_bytes())).boxed());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, hyper::header::HeaderValue::from_static("text/plain"));
    if status == StatusCode::UNAUTHORIZED {
        headers.insert(WWW_AUTHENTICATE, hyper::header::HeaderValue::from_static("Bearer"));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn only_this_machine_is_listened_on() {
        for (text, expected) in [
            ("0", "127.0.0.1:0"),
            ("localhost:8080", "127.0.0.1:8080"),
            ("127.0.0.1:1", "127.0.0.1:1"),
            ("[::1]:1", "[::1]:1"),
        ] {
            assert_eq!(address(text).unwrap().to_string(), expected);
        }
        for text in ["0.0.0.0:1", "[::]:1", "192.0.2.1:1", "example.com:1", "70000", ""] {
            assert!(address(text).is_err(), "{text}");
        }
    }
}
