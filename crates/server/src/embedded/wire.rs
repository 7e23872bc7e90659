//! PostgreSQL's wire protocol, as far as a bridge has to look into it: the frames, the names of
//! prepared statements, and what an answer says about the state of the session.

/// One frontend or backend message: its kind and its body, without the length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) kind: u8,
    pub(super) body: Vec<u8>,
}

impl Frame {
    pub(super) fn new(kind: u8, body: impl Into<Vec<u8>>) -> Self {
        Self { kind, body: body.into() }
    }

    pub(super) fn write(&self, output: &mut Vec<u8>) {
        output.push(self.kind);
        output.extend_from_slice(&length(&self.body));
        output.extend_from_slice(&self.body);
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.body.len() + 5);
        self.write(&mut bytes);
        bytes
    }
}

fn length(body: &[u8]) -> [u8; 4] {
    u32::try_from(body.len() + 4).unwrap_or(u32::MAX).to_be_bytes()
}

/// Splits an answer into its messages.
pub(super) fn frames(mut bytes: &[u8]) -> Vec<Frame> {
    let mut frames = Vec::new();
    while let Some((head, rest)) = bytes.split_first_chunk::<5>() {
        let [kind, length @ ..] = *head;
        let length = usize::try_from(u32::from_be_bytes(length).saturating_sub(4));
        let Some((body, rest)) = length.ok().and_then(|length| rest.split_at_checked(length))
        else {
            break;
        };
        frames.push(Frame::new(kind, body));
        bytes = rest;
    }
    frames
}

/// A `StartupMessage`.
pub(super) fn startup(user: &str, database: &str) -> Vec<u8> {
    let mut body = vec![0, 3, 0, 0];
    for text in ["user", user, "database", database] {
        body.extend_from_slice(text.as_bytes());
        body.push(0);
    }
    body.push(0);
    let mut message = length(&body).to_vec();
    message.extend(body);
    message
}

/// A `Query`.
pub(super) fn query(sql: &str) -> Vec<u8> {
    Frame::new(b'Q', c_string(sql)).to_bytes()
}

/// An `ErrorResponse`.
pub(super) fn error(severity: &str, code: &str, message: &str) -> Frame {
    let mut body = Vec::new();
    for (field, text) in [(b'S', severity), (b'V', severity), (b'C', code), (b'M', message)] {
        body.push(field);
        body.extend(c_string(text));
    }
    body.push(0);
    Frame::new(b'E', body)
}

/// Returns the message of the first error in an answer.
pub(super) fn error_message(answer: &[u8]) -> String {
    let error = frames(answer).into_iter().find(|frame| frame.kind == b'E');
    let Some(error) = error else { return "no answer".to_owned() };
    let mut fields = error.body.split(|byte| *byte == 0);
    let message = fields.find_map(|field| field.strip_prefix(b"M"));
    String::from_utf8_lossy(message.unwrap_or_default()).into_owned()
}

/// Returns the text values of every `DataRow`; null is empty.
pub(super) fn rows(answer: &[u8]) -> Vec<Vec<String>> {
    let rows = frames(answer).into_iter().filter(|frame| frame.kind == b'D');
    rows.map(|row| values(row.body.get(2..).unwrap_or_default())).collect()
}

fn values(mut bytes: &[u8]) -> Vec<String> {
    let mut values = Vec::new();
    while let Some((length, rest)) = bytes.split_first_chunk::<4>() {
        // Null has the length -1.
        let length = usize::try_from(i32::from_be_bytes(*length)).unwrap_or(0);
        let Some((value, rest)) = rest.split_at_checked(length) else { break };
        values.push(String::from_utf8_lossy(value).into_owned());
        bytes = rest;
    }
    values
}

/// Returns a session's state after an answer, `I`, `T` or `E`, if the answer is complete.
pub(super) fn status(answer: &[u8]) -> Option<u8> {
    let ready = frames(answer).into_iter().rfind(|frame| frame.kind == b'Z')?;
    ready.body.first().copied()
}

pub(super) fn c_string(text: &str) -> Vec<u8> {
    let mut bytes: Vec<u8> = text.bytes().filter(|byte| *byte != 0).collect();
    bytes.push(0);
    bytes
}

/// Splits a zero-terminated string off the front.
pub(super) fn split_c_string(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.iter().position(|byte| *byte == 0)?;
    let (text, rest) = bytes.split_at(end);
    Some((text, rest.get(1..)?))
}

/// Puts `prefix` before the name of the prepared statement that a frontend message mentions, so that
/// clients which share a session do not meet in each other's names. The unnamed statement keeps its
/// lack of a name.
pub(super) fn with_private_names(frame: &Frame, prefix: &str) -> Frame {
    renamed(frame, prefix).unwrap_or_else(|| frame.clone())
}

fn renamed(frame: &Frame, prefix: &str) -> Option<Frame> {
    let mut body = Vec::with_capacity(frame.body.len() + prefix.len());
    let rest = match frame.kind {
        b'P' => frame.body.as_slice(),
        b'B' => {
            let (portal, rest) = split_c_string(&frame.body)?;
            body.extend_from_slice(portal);
            body.push(0);
            rest
        }
        b'C' | b'D' => {
            let rest = frame.body.strip_prefix(b"S")?;
            body.push(b'S');
            rest
        }
        _ => return None,
    };
    if rest.first() != Some(&0) {
        body.extend_from_slice(prefix.as_bytes());
    }
    body.extend_from_slice(rest);
    Some(Frame::new(frame.kind, body))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_survive_a_round_trip_and_stop_at_a_torn_one() {
        let mut bytes = Frame::new(b'C', *b"SELECT 1\0").to_bytes();
        bytes.extend(Frame::new(b'Z', *b"T").to_bytes());
        assert_eq!(frames(&bytes).len(), 2);
        assert_eq!(status(&bytes), Some(b'T'));
        bytes.pop();
        assert_eq!(frames(&bytes).len(), 1);
        assert_eq!(status(&bytes), None);
    }

    #[test]
    fn statements_are_renamed_wherever_they_are_mentioned() {
        let renamed = |kind, body: &[u8]| {
            let frame = with_private_names(&Frame::new(kind, body), "7_");
            String::from_utf8(frame.body).unwrap()
        };
        assert_eq!(renamed(b'P', b"s0\0SELECT 1\0"), "7_s0\0SELECT 1\0");
        assert_eq!(renamed(b'P', b"\0SELECT 1\0"), "\0SELECT 1\0");
        assert_eq!(renamed(b'B', b"p\0s0\0rest"), "p\x007_s0\0rest");
        assert_eq!(renamed(b'D', b"Ss0\0"), "S7_s0\0");
        assert_eq!(renamed(b'D', b"Ps0\0"), "Ps0\0");
        assert_eq!(renamed(b'C', b"Ss0\0"), "S7_s0\0");
        assert_eq!(renamed(b'Q', b"SELECT 1\0"), "SELECT 1\0");
        assert_eq!(renamed(b'B', b"torn"), "torn");
    }

    #[test]
    fn rows_and_errors_are_read() {
        let row = Frame::new(b'D', *b"\0\x02\0\0\0\x02ab\xff\xff\xff\xff").to_bytes();
        assert_eq!(rows(&row), [["ab", ""]]);
        assert_eq!(error_message(&error("FATAL", "28P01", "no").to_bytes()), "no");
    }
}
