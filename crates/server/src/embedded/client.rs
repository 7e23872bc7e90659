//! One connection to the embedded server: from the startup message to the end.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::sync::{Mutex, OwnedMutexGuard};

use super::USER;
use super::copy::CopyIn;
use super::session::{ClientId, Refusal, Session};
use super::wire::{self, Frame};
use crate::Password;

/// No honest message is longer; a longer one means that this is not PostgreSQL's protocol.
const LONGEST_MESSAGE: usize = 1 << 30;

const CANCEL: u32 = 80_877_102;
const TLS: u32 = 80_877_103;
const GSS: u32 = 80_877_104;

/// Serves one client until it leaves or breaks the protocol.
pub(super) async fn serve<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    id: ClientId,
    session: Arc<Mutex<Session>>,
    password: Option<&Password>,
) -> io::Result<()> {
    let mut client = Client { stream: BufReader::new(stream), id, session, turn: None };
    let result = client.serve(password).await;
    client.leave().await;
    result
}

struct Client<S> {
    stream: BufReader<S>,
    id: ClientId,
    session: Arc<Mutex<Session>>,
    /// The session, while it must not be lent to anybody else: in a transaction, or between the
    /// messages of one unfinished exchange.
    turn: Option<OwnedMutexGuard<Session>>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Client<S> {
    async fn serve(&mut self, password: Option<&Password>) -> io::Result<()> {
        let Some(parameters) = self.startup().await? else { return Ok(()) };
        if let Some(password) = password
            && !self.authenticate(password).await?
        {
            return self.refuse("28P01", "password authentication failed").await;
        }
        let user = parameters.get("user").map_or("", String::as_str);
        if user != USER {
            let message = format!("role \"{user}\" does not exist; connect as {USER}");
            return self.refuse("28000", &message).await;
        }
        let database = parameters.get("database").map_or(user, String::as_str);
        let settings = settings(&parameters);
        let joined = {
            let mut turn = Arc::clone(&self.session).lock_owned().await;
            turn.join(self.id, database, settings).await
        };
        match joined {
            Ok(greeting) => self.greet(greeting).await?,
            Err(Refusal { code, message }) => return self.refuse(code, &message).await,
        }
        self.converse().await
    }

    /// Reads the startup message, after whatever may come before it.
    async fn startup(&mut self) -> io::Result<Option<BTreeMap<String, String>>> {
        loop {
            let Ok(length) = self.stream.read_u32().await else { return Ok(None) };
            let body = self.body(length).await?;
            let Some((code, rest)) = body.split_first_chunk::<4>() else { return Ok(None) };
            match u32::from_be_bytes(*code) {
                TLS | GSS => {
                    self.stream.write_all(b"N").await?;
                    self.stream.flush().await?;
                }
                // A block under way cannot be interrupted.
                CANCEL => return Ok(None),
                version if version >> 16 == 3 => {
                    let mut fields = rest.split(|byte| *byte == 0).map(String::from_utf8_lossy);
                    let mut parameters = BTreeMap::new();
                    while let Some(name) = fields.next().filter(|name| !name.is_empty()) {
                        let value = fields.next().unwrap_or_default();
                        parameters.insert(name.into_owned(), value.into_owned());
                    }
                    return Ok(Some(parameters));
                }
                _ => {
                    self.refuse("08P01", "unsupported version of the protocol").await?;
                    return Ok(None);
                }
            }
        }
    }

    async fn authenticate(&mut self, password: &Password) -> io::Result<bool> {
        // In clear: the connection is on the loopback interface.
        self.write(&[Frame::new(b'R', [0, 0, 0, 3])]).await?;
        let Some(frame) = self.frame().await? else { return Ok(false) };
        let given = frame.body.strip_suffix(b"\0").unwrap_or_default();
        Ok(frame.kind == b'p' && given == password.reveal().as_bytes())
    }

    async fn greet(&mut self, parameters: Vec<Frame>) -> io::Result<()> {
        let mut greeting = vec![Frame::new(b'R', [0, 0, 0, 0])];
        greeting.extend(parameters);
        greeting.push(Frame::new(b'K', [0; 8]));
        greeting.push(Frame::new(b'Z', *b"I"));
        self.write(&greeting).await
    }

    /// Exchanges blocks of messages for their answers.
    async fn converse(&mut self) -> io::Result<()> {
        let mut block = Vec::new();
        let mut copies = CopyIn::default();
        while let Some(frame) = self.frame().await? {
            let ends_block = matches!(frame.kind, b'Q' | b'F' | b'S' | b'H');
            match frame.kind {
                b'X' => return Ok(()),
                // Left over from a COPY that failed.
                b'd' | b'c' | b'f' => continue,
                _ => block.push(frame),
            }
            if ends_block && !self.exchange(std::mem::take(&mut block), &mut copies).await? {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Has one block executed; returns whether the connection can go on.
    async fn exchange(&mut self, block: Vec<Frame>, copies: &mut CopyIn) -> io::Result<bool> {
        let kept = self.turn.take();
        let lent = kept.is_none();
        let mut turn = match kept {
            Some(turn) => turn,
            None => Arc::clone(&self.session).lock_owned().await,
        };
        if lent && let Err(Refusal { message, .. }) = turn.activate(self.id).await {
            drop(turn);
            self.refuse("57P01", &message).await?;
            return Ok(false);
        }
        let prefix = format!("undrift{}_", self.id);
        let mut renamed: Vec<_> =
            block.iter().map(|frame| wire::with_private_names(frame, &prefix)).collect();
        let copy = copies.starts(&block);
        if let Some(way) = copy {
            self.write(&way.invitation()).await?;
            while let Some(frame) = self.frame().await? {
                let last = matches!(frame.kind, b'c' | b'f');
                if matches!(frame.kind, b'd' | b'c' | b'f') {
                    renamed.push(frame);
                }
                if last {
                    break;
                }
            }
        }
        let mut bytes = Vec::new();
        for frame in &renamed {
            frame.write(&mut bytes);
        }
        let mut answer = match turn.send(bytes).await {
            Ok(answer) => answer,
            Err(error) => {
                drop(turn);
                self.refuse("58000", &error.to_string()).await?;
                return Ok(false);
            }
        };
        keep_account(&mut turn, self.id, &block, &renamed, &answer);
        // Only an idle session can be lent; before `Sync` it is not known to be idle.
        if wire::status(&answer) != Some(b'I') {
            self.turn = Some(turn);
        }
        if let Some(way) = copy {
            answer = way.without_invitation(&answer);
        }
        self.stream.write_all(&answer).await?;
        self.stream.flush().await?;
        Ok(true)
    }

    async fn leave(&mut self) {
        let mut turn = match self.turn.take() {
            Some(turn) => turn,
            None => Arc::clone(&self.session).lock_owned().await,
        };
        turn.leave(self.id).await;
    }

    /// Reads a message; none at the end of the stream.
    async fn frame(&mut self) -> io::Result<Option<Frame>> {
        let Ok(kind) = self.stream.read_u8().await else { return Ok(None) };
        let length = self.stream.read_u32().await?;
        Ok(Some(Frame::new(kind, self.body(length).await?)))
    }

    async fn body(&mut self, length: u32) -> io::Result<Vec<u8>> {
        let length = usize::try_from(length).unwrap_or(usize::MAX).saturating_sub(4);
        if length > LONGEST_MESSAGE {
            return Err(io::Error::from(io::ErrorKind::InvalidData));
        }
        // Grows with what arrives, not with what is announced.
        let mut body = Vec::new();
        let wanted = u64::try_from(length).unwrap_or(u64::MAX);
        (&mut self.stream).take(wanted).read_to_end(&mut body).await?;
        if body.len() < length {
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof));
        }
        Ok(body)
    }

    async fn write(&mut self, frames: &[Frame]) -> io::Result<()> {
        let mut bytes = Vec::new();
        for frame in frames {
            frame.write(&mut bytes);
        }
        self.stream.write_all(&bytes).await?;
        self.stream.flush().await
    }

    async fn refuse(&mut self, code: &str, message: &str) -> io::Result<()> {
        self.write(&[wire::error("FATAL", code, message)]).await
    }
}

/// Tells the session which prepared statements came and went.
fn keep_account(
    session: &mut Session,
    id: ClientId,
    block: &[Frame],
    renamed: &[Frame],
    answer: &[u8],
) {
    // Messages are executed in order until one fails, so the first so many succeeded.
    let answers = wire::frames(answer);
    let count = |kind| answers.iter().filter(|frame| frame.kind == kind).count();
    let of_kind = |kind| renamed.iter().filter(move |frame| frame.kind == kind);
    for parse in of_kind(b'P').take(count(b'1')) {
        session.prepared(id, parse.clone());
    }
    for close in of_kind(b'C').take(count(b'3')) {
        if let Some(name) = close.body.strip_prefix(b"S") {
            session.closed(id, name.strip_suffix(b"\0").unwrap_or(name));
        }
    }
    let discards = |frame: &Frame| {
        let text = frame.body.to_ascii_uppercase();
        let contains = |word: &[u8]| text.windows(word.len()).any(|window| window == word);
        matches!(frame.kind, b'Q' | b'P') && (contains(b"DISCARD") || contains(b"DEALLOCATE"))
    };
    if block.iter().any(discards) {
        session.discarded(id);
    }
}

/// Returns the settings that a startup message asks for, `options` included.
fn settings(parameters: &BTreeMap<String, String>) -> Vec<(String, String)> {
    let mut settings = Vec::new();
    for (name, value) in parameters {
        match name.as_str() {
            "user" | "database" | "replication" => {}
            // Protocol extensions, none of which is known.
            name if name.starts_with("_pq_.") => {}
            "options" => settings.extend(options(value)),
            _ => settings.push((name.clone(), value.clone())),
        }
    }
    settings
}

/// Reads `-c name=value` and `--name=value` the way a server does: a backslash quotes a character.
fn options(text: &str) -> Vec<(String, String)> {
    let mut words = vec![String::new()];
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        let character = match character {
            '\\' => characters.next().unwrap_or('\\'),
            it if it.is_ascii_whitespace() => {
                words.push(String::new());
                continue;
            }
            it => it,
        };
        if let Some(word) = words.last_mut() {
            word.push(character);
        }
    }
    let mut settings = Vec::new();
    let mut words = words.into_iter().filter(|word| !word.is_empty());
    while let Some(word) = words.next() {
        let setting = match word.strip_prefix("--").or_else(|| word.strip_prefix("-c")) {
            Some("") => words.next(),
            Some(setting) => Some(setting.to_owned()),
            None => None,
        };
        if let Some(setting) = setting
            && let Some((name, value)) = setting.split_once('=')
        {
            settings.push((name.replace('-', "_"), value.to_owned()));
        }
    }
    settings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read_as_a_server_reads_them() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(
            options(r"-c search_path=a\ b  --lock-timeout=3s -cgeqo=off -x"),
            [pair("search_path", "a b"), pair("lock_timeout", "3s"), pair("geqo", "off")]
        );
    }
}
