//! AWS Signature Version 4: in the header of a request, or in the query of a URL.
//!
//! Ours, since `aws-sigv4` brings 59 crates for what is one page; `cargo xtask aws` compares with
//! AWS's own implementation in botocore.

use std::fmt::Write as _;
use std::time::SystemTime;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use ring::{digest, hmac};

use crate::Credentials;

/// All but what RFC 3986 calls unreserved.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Encodes a name or a value as signatures want it.
pub(crate) fn encoded(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// Pairs as a query, in their order.
pub(crate) fn query<K: AsRef<str>, V: AsRef<str>>(pairs: &[(K, V)]) -> String {
    let pair =
        |(name, value): &(K, V)| format!("{}={}", encoded(name.as_ref()), encoded(value.as_ref()));
    pairs.iter().map(pair).collect::<Vec<_>>().join("&")
}

/// What a signature is for, and when.
pub(crate) struct Scope<'a> {
    pub(crate) region: &'a str,
    pub(crate) service: &'a str,
    pub(crate) now: SystemTime,
}

impl Scope<'_> {
    /// The time as `20260102T030405Z`.
    fn time(&self) -> String {
        // Beyond the year 9999 there is no signature.
        let now = jiff::Timestamp::try_from(self.now).unwrap_or_default();
        now.strftime("%Y%m%dT%H%M%SZ").to_string()
    }

    fn day(&self) -> String {
        self.time().chars().take(8).collect()
    }

    fn text(&self) -> String {
        format!("{}/{}/{}/aws4_request", self.day(), self.region, self.service)
    }

    fn signature(&self, canonical_request: &str, secret_access_key: &str) -> String {
        let to_sign = format!(
            "AWS4-HMAC-SHA256\n{}\n{}\n{}",
            self.time(),
            self.text(),
            sha256(canonical_request.as_bytes())
        );
        let first = format!("AWS4{secret_access_key}").into_bytes();
        let day = self.day();
        let key = [day.as_str(), self.region, self.service, "aws4_request"]
            .iter()
            .fold(first, |key, text| mac(&key, text.as_bytes()));
        hex(&mac(&key, to_sign.as_bytes()))
    }
}

/// The headers that make a request signed: those given, the time, the token and the signature.
pub(crate) fn sign_headers(
    host: &str,
    headers: &[(&str, &str)],
    body: &[u8],
    scope: &Scope<'_>,
    credentials: &Credentials,
) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> =
        headers.iter().map(|(name, value)| (name.to_lowercase(), (*value).to_owned())).collect();
    all.push(("x-amz-date".to_owned(), scope.time()));
    if let Some(token) = credentials.session_token() {
        all.push(("x-amz-security-token".to_owned(), token.to_owned()));
    }
    let mut signed = all.clone();
    signed.push(("host".to_owned(), host.to_owned()));
    signed.sort();
    let names: Vec<&str> = signed.iter().map(|(name, _)| name.as_str()).collect();
    let names = names.join(";");
    let line = |(name, value): &(String, String)| format!("{name}:{}", value.trim());
    let lines = signed.iter().map(line).collect::<Vec<_>>().join(
        "
",
    );
    let canonical = format!("POST\n/\n\n{lines}\n\n{names}\n{}", sha256(body));
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential={}/{}, SignedHeaders={names}, Signature={}",
        credentials.access_key_id(),
        scope.text(),
        scope.signature(&canonical, credentials.secret_access_key())
    );
    all.push(("authorization".to_owned(), authorization));
    all
}

/// The query that makes a GET of `https://host/` signed, for so many seconds.
pub(crate) fn sign_query(
    host: &str,
    pairs: &[(&str, &str)],
    seconds: u64,
    scope: &Scope<'_>,
    credentials: &Credentials,
) -> String {
    let credential = format!("{}/{}", credentials.access_key_id(), scope.text());
    let (time, seconds) = (scope.time(), seconds.to_string());
    let mut all = pairs.to_vec();
    all.extend([
        ("X-Amz-Algorithm", "AWS4-HMAC-SHA256"),
        ("X-Amz-Credential", &credential),
        ("X-Amz-Date", &time),
        ("X-Amz-Expires", &seconds),
        ("X-Amz-SignedHeaders", "host"),
    ]);
    if let Some(token) = credentials.session_token() {
        all.push(("X-Amz-Security-Token", token));
    }
    let mut sorted = all.clone();
    sorted.sort_unstable();
    let host = host.to_lowercase();
    let canonical = format!("GET\n/\n{}\nhost:{host}\n\nhost\n{}", query(&sorted), sha256(b""));
    let signature = scope.signature(&canonical, credentials.secret_access_key());
    format!("{}&X-Amz-Signature={signature}", query(&all))
}

fn mac(key: &[u8], text: &[u8]) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text).as_ref().to_vec()
}

fn sha256(bytes: &[u8]) -> String {
    hex(digest::digest(&digest::SHA256, bytes).as_ref())
}

/// SHA-1, by which AWS's programs name their cache files.
pub(crate) fn sha1(text: &str) -> String {
    hex(digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, text.as_bytes()).as_ref())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
