//! The server of `undrift ui`: this machine only, and what it shows and does are the engine's functions.

mod answer;
mod guard;
mod reviews;
mod runs;

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::rc::Rc;
use std::time::Duration;

use engine::{Error, Settings, Token};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::task::{LocalSet, spawn_local};
use web::ui::Site;

use guard::Guard;
use reviews::Reviews;
use runs::Runs;

/// A server that listens.
pub(crate) struct Ui {
    listener: TcpListener,
    state: Rc<State>,
}

/// What the answers are made of.
struct State {
    settings: Settings,
    site: Site,
    guard: Guard,
    form: Token,
    reviews: Reviews,
    runs: Runs,
}

impl Ui {
    /// Begins to listen on a port of this machine; 0 takes a free one.
    pub(crate) async fn listen(
        settings: Settings,
        project: String,
        port: u16,
        allows_apply: bool,
    ) -> Result<Self, Error> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let error = |cause| Error::Usage(format!("listening on {address}: {cause}"));
        let listener = TcpListener::bind(address).await.map_err(error)?;
        let port = listener.local_addr().map_err(error)?.port();
        let (token, form) = (Token::random()?, Token::random()?);
        let site = Site {
            project,
            base: format!("/{}", token.reveal()),
            allows_apply,
            form_token: form.reveal().to_owned(),
        };
        let guard = Guard { port, token, allows_apply };
        let (reviews, runs) = (Reviews::default(), Runs::default());
        Ok(Self { listener, state: Rc::new(State { settings, site, guard, form, reviews, runs }) })
    }

    /// Where it is to be opened.
    pub(crate) fn url(&self) -> String {
        let State { site, guard, .. } = &*self.state;
        format!("http://127.0.0.1:{}{}/", guard.port, site.base)
    }

    /// Serves until the user interrupts. A run is told to stop then, and ends in order.
    pub(crate) async fn serve(self) -> Result<(), Error> {
        let Self { listener, state } = self;
        let local = LocalSet::new();
        let serving = async {
            let accepting = async {
                loop {
                    // A connection that failed is its browser's matter.
                    let Ok((stream, _)) = listener.accept().await else { continue };
                    let state = Rc::clone(&state);
                    spawn_local(async move {
                        let answer = service_fn(|request| {
                            let state = Rc::clone(&state);
                            async move { Ok::<_, Infallible>(state.answer(request).await) }
                        });
                        let connection = http1::Builder::new();
                        drop(connection.serve_connection(TokioIo::new(stream), answer).await);
                    });
                }
            };
            tokio::select! {
                () = accepting => {}
                _ = tokio::signal::ctrl_c() => {}
            }
            state.runs.cancel();
            while state.runs.are_busy() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        local.run_until(serving).await;
        Ok(())
    }
}
