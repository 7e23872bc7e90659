//! A pool of one connection that gives it to whoever begins a transaction, as PgBouncer does in
//! transaction mode. `cargo xtask aws` has the real one.
#![expect(clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::io::{Read, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex};

use project::DatabaseUrl;

use crate::stand::Database;

/// Opens a pool to where a database is; answers its port.
pub(crate) fn open(database: &Database) -> u16 {
    let url = DatabaseUrl::parse(&database.url).unwrap();
    let path = format!("{}/.s.PGSQL.{}", url.host, url.port);
    let mut server = UnixStream::connect(path).unwrap();
    let body = format!("user\0postgres\0database\0{}\0\0", url.database);
    let length = i32::try_from(body.len() + 8).unwrap().to_be_bytes();
    server.write_all(&[&length[..], &196_608_i32.to_be_bytes(), body.as_bytes()].concat()).unwrap();
    // What it says of itself goes to everybody.
    let mut greeting = Vec::new();
    while !relay(&mut server, &mut greeting) {}
    let (server, greeting) = (Arc::new(Mutex::new(server)), Arc::new(greeting));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(std::thread::spawn(move || {
        while let Ok((client, _)) = listener.accept() {
            let (server, greeting) = (Arc::clone(&server), Arc::clone(&greeting));
            drop(std::thread::spawn(move || serve(client, &server, &greeting)));
        }
    }));
    port
}

fn serve(mut client: TcpStream, server: &Mutex<UnixStream>, greeting: &[u8]) {
    loop {
        let Some(length) = number(&mut client) else { return };
        let mut rest = vec![0; usize::try_from(length - 4).unwrap()];
        client.read_exact(&mut rest).unwrap();
        // A request for TLS is declined.
        if rest[..4] != 80_877_103_i32.to_be_bytes() {
            break;
        }
        client.write_all(b"N").unwrap();
    }
    client.write_all(greeting).unwrap();
    let mut lent = None;
    loop {
        let mut kind = [0];
        if client.read_exact(&mut kind).is_err() || kind == *b"X" {
            return;
        }
        let Some(length) = number(&mut client) else { return };
        let mut message = [&kind[..], &length.to_be_bytes()].concat();
        message.resize(usize::try_from(length).unwrap() + 1, 0);
        client.read_exact(&mut message[5..]).unwrap();
        let mut server = match lent.take() {
            Some(server) => server,
            None => server.lock().unwrap(),
        };
        server.write_all(&message).unwrap();
        if matches!(&kind, b"Q" | b"S") {
            let mut answer = Vec::new();
            while !relay(&mut server, &mut answer) {}
            client.write_all(&answer).unwrap();
            // Outside of a transaction the connection is anybody's.
            if answer.last() == Some(&b'I') {
                continue;
            }
        }
        lent = Some(server);
    }
}

/// Adds a message to what is passed on; whether it was the last of an answer.
fn relay(server: &mut UnixStream, to: &mut Vec<u8>) -> bool {
    let mut kind = [0];
    server.read_exact(&mut kind).unwrap();
    let length = number(server).unwrap();
    let mut rest = vec![0; usize::try_from(length - 4).unwrap()];
    server.read_exact(&mut rest).unwrap();
    to.extend([&kind[..], &length.to_be_bytes(), &rest].concat());
    kind == *b"Z"
}

fn number(stream: &mut impl Read) -> Option<i32> {
    let mut bytes = [0; 4];
    stream.read_exact(&mut bytes).ok()?;
    Some(i32::from_be_bytes(bytes))
}
