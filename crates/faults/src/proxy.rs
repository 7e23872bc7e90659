//! A proxy that knows the messages of PostgreSQL's protocol, and cuts connections at them.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use anyhow::Context as _;

/// On which side of a message a connection is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// The server never gets it.
    Before,
    /// The server has answered it, and the program never hears.
    After,
}

/// Where the first connection is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cut {
    /// The number of the simple query, from 0.
    pub(crate) message: usize,
    pub(crate) side: Side,
}

#[derive(Default)]
struct Seen {
    cut: Option<Cut>,
    /// The simple queries of the first connection.
    queries: Vec<String>,
    connections: usize,
    streams: Vec<TcpStream>,
    /// Whether the answer that comes is not to be passed on.
    swallows: bool,
}

/// A proxy in front of a server on this machine. Its threads end with its connections.
pub(crate) struct Proxy {
    pub(crate) port: u16,
    seen: Arc<Mutex<Seen>>,
}

fn lock(seen: &Mutex<Seen>) -> std::sync::MutexGuard<'_, Seen> {
    seen.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Proxy {
    /// Listens on a free port.
    pub(crate) fn start(server: u16, cut: Option<Cut>) -> anyhow::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = listener.local_addr()?.port();
        let seen = Arc::new(Mutex::new(Seen { cut, ..Seen::default() }));
        let kept = Arc::clone(&seen);
        thread::spawn(move || {
            for client in listener.incoming() {
                let Ok(client) = client else { return };
                // While the server is down nobody is let through.
                let Ok(server) = TcpStream::connect((Ipv4Addr::LOCALHOST, server)) else {
                    continue;
                };
                // A connection that breaks at once is one more that is cut.
                drop(pass_on(client, server, &kept));
            }
        });
        Ok(Self { port, seen })
    }

    /// Cuts all connections that there are.
    pub(crate) fn cut_all(&self) {
        let mut seen = lock(&self.seen);
        seen.streams.drain(..).for_each(|stream| close(&stream));
    }

    /// The simple queries of the first connection.
    pub(crate) fn queries(&self) -> Vec<String> {
        lock(&self.seen).queries.clone()
    }
}

fn close(stream: &TcpStream) {
    // It may be closed already.
    drop(stream.shutdown(Shutdown::Both));
}

fn pass_on(client: TcpStream, server: TcpStream, seen: &Arc<Mutex<Seen>>) -> anyhow::Result<()> {
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let is_first = {
        let mut seen = lock(seen);
        seen.connections += 1;
        seen.streams.extend([client.try_clone()?, server.try_clone()?]);
        seen.connections == 1
    };
    let (to_server, to_client) = (server.try_clone()?, client.try_clone()?);
    let (one, other) = (Arc::clone(seen), Arc::clone(seen));
    thread::spawn(move || drop(requests(client, to_server, is_first, &one)));
    thread::spawn(move || drop(answers(server, to_client, is_first, &other)));
    Ok(())
}

/// The next message with its type.
fn message(from: &mut TcpStream) -> anyhow::Result<Vec<u8>> {
    let mut head = [0; 5];
    from.read_exact(&mut head)?;
    let length = head.get(1..).and_then(|length| length.try_into().ok()).map(u32::from_be_bytes);
    let length = usize::try_from(length.context("a length")?)?;
    let mut message = head.to_vec();
    message.resize(length + 1, 0);
    from.read_exact(message.get_mut(5..).context("a body")?)?;
    Ok(message)
}

fn requests(
    mut client: TcpStream,
    mut server: TcpStream,
    is_first: bool,
    seen: &Mutex<Seen>,
) -> anyhow::Result<()> {
    // The first message has no type.
    let mut length = [0; 4];
    client.read_exact(&mut length)?;
    let mut start = vec![0; usize::try_from(u32::from_be_bytes(length))?.saturating_sub(4)];
    client.read_exact(&mut start)?;
    server.write_all(&[length.as_slice(), &start].concat())?;
    loop {
        let message = match message(&mut client) {
            Ok(message) => message,
            Err(error) => {
                close(&server);
                return Err(error);
            }
        };
        if is_first && message.first() == Some(&b'Q') {
            let mut seen = lock(seen);
            let number = seen.queries.len();
            let text = message.get(5..).unwrap_or_default();
            seen.queries.push(String::from_utf8_lossy(text).trim_end_matches('\0').to_owned());
            match seen.cut {
                Some(Cut { message, side: Side::Before }) if message == number => {
                    close(&client);
                    close(&server);
                    return Ok(());
                }
                Some(Cut { message, side: Side::After }) if message == number => {
                    seen.swallows = true;
                }
                Some(_) | None => {}
            }
        }
        server.write_all(&message)?;
    }
}

fn answers(
    mut server: TcpStream,
    mut client: TcpStream,
    is_first: bool,
    seen: &Mutex<Seen>,
) -> anyhow::Result<()> {
    loop {
        let message = match message(&mut server) {
            Ok(message) => message,
            Err(error) => {
                close(&client);
                return Err(error);
            }
        };
        if is_first && lock(seen).swallows {
            // ReadyForQuery: the server is done.
            if message.first() == Some(&b'Z') {
                close(&client);
                close(&server);
                return Ok(());
            }
            continue;
        }
        client.write_all(&message)?;
    }
}
