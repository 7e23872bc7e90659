//! Files over HTTP on this machine, until the value is dropped.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;

/// What is there, by path. A program asks for one file per connection.
pub(super) struct Served {
    address: SocketAddr,
}

impl Served {
    pub(super) fn new(
        listener: TcpListener,
        files: BTreeMap<String, Vec<u8>>,
    ) -> anyhow::Result<Self> {
        let address = listener.local_addr()?;
        let files = Arc::new(files);
        // Ends with the program: a developer command that serves some files.
        std::thread::spawn(move || {
            for stream in listener.incoming().filter_map(Result::ok) {
                let files = Arc::clone(&files);
                std::thread::spawn(move || drop(answer(stream, &files)));
            }
        });
        Ok(Self { address })
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

fn answer(mut stream: TcpStream, files: &BTreeMap<String, Vec<u8>>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut first = String::new();
    reader.read_line(&mut first)?;
    let mut line = String::new();
    while reader.read_line(&mut line)? > 2 {
        line.clear();
    }
    let path = first.split(' ').nth(1).unwrap_or_default().replace("%2F", "/").replace("%2f", "/");
    let (status, body) = match files.get(&path) {
        Some(body) => ("200 OK", body.as_slice()),
        None => ("404 Not Found", b"{}".as_slice()),
    };
    let length = body.len();
    write!(stream, "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n")?;
    stream.write_all(body)
}
