//! Tokens and signed requests, equal to botocore's of the same clock.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::process::Stdio;
use std::time::{Duration, SystemTime};

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};

use super::Flags;

const SCRIPT: &str = include_str!("signatures.py");

/// Numbers that look like chance and are the same each time.
struct Chance(u64);

impl Chance {
    fn next(&mut self, below: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below
    }

    fn one_of<T: Copy + Default>(&mut self, all: &[T]) -> T {
        let at = self.next(all.len() as u64);
        usize::try_from(at).ok().and_then(|at| all.get(at)).copied().unwrap_or_default()
    }

    fn text(&mut self, alphabet: &str, longest: u64) -> String {
        let letters: Vec<char> = alphabet.chars().collect();
        let length = 1 + self.next(longest);
        (0..length)
            .filter_map(|_| letters.get(usize::try_from(self.next(letters.len() as u64)).ok()?))
            .collect()
    }
}

pub(super) fn run(flags: &Flags) -> anyhow::Result<()> {
    let mut python = flags.python("boto3")?;
    let mut python =
        python.args(["-c", SCRIPT]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let mut asked = python.stdin.take().context("no input")?;
    let mut answers = BufReader::new(python.stdout.take().context("no output")?).lines();
    let mut chance = Chance(7);
    let (mut tokens, mut requests) = (0, 0);
    let mut different = Vec::new();
    for round in 0..flags.signatures {
        let identity = identity(&mut chance);
        let (case, ours) = if round % 2 == 0 {
            token(&mut chance, &identity)?
        } else {
            request(&mut chance, &identity)?
        };
        writeln!(asked, "{case}")?;
        let theirs = answers.next().context("python ended")??;
        let count = if round % 2 == 0 { &mut tokens } else { &mut requests };
        if ours == theirs {
            *count += 1;
        } else {
            different.push(format!("{case}\n  ours   {ours}\n  theirs {theirs}"));
        }
    }
    drop(asked);
    python.wait()?;
    println!(
        "signatures: {tokens} tokens and {requests} requests of {} equal to botocore's",
        flags.signatures
    );
    for one in different.iter().take(3) {
        println!("  {one}");
    }
    ensure!(different.is_empty(), "{} signatures differ", different.len());
    Ok(())
}

struct Identity {
    seconds: u64,
    id: String,
    secret: String,
    token: Option<String>,
    region: &'static str,
}

fn identity(chance: &mut Chance) -> Identity {
    let regions = ["eu-west-1", "us-gov-west-1", "cn-north-1", "ap-southeast-2"];
    let token = chance.next(2) == 0;
    Identity {
        seconds: 1_600_000_000 + chance.next(600_000_000),
        id: chance.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 20),
        secret: chance.text("abcdefghijklmnopqrstuvwxyzABCDEF0123456789/+", 40),
        token: token.then(|| chance.text("abcdefghijABCDEFGHIJ0123456789/+=", 900)),
        region: chance.one_of(&regions),
    }
}

fn client(identity: &Identity, endpoint: Option<&str>) -> aws::Client {
    let mut variables = BTreeMap::from([
        ("AWS_ACCESS_KEY_ID".to_owned(), identity.id.clone()),
        ("AWS_SECRET_ACCESS_KEY".to_owned(), identity.secret.clone()),
        ("AWS_MAX_ATTEMPTS".to_owned(), "1".to_owned()),
    ]);
    if let Some(token) = &identity.token {
        variables.insert("AWS_SESSION_TOKEN".to_owned(), token.clone());
    }
    if let Some(endpoint) = endpoint {
        variables.insert("AWS_ENDPOINT_URL".to_owned(), endpoint.to_owned());
    }
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(identity.seconds);
    let region = Some(identity.region.to_owned());
    let clock = aws::Clock::new(move || now);
    aws::Client::new(aws::Surroundings { variables, region, clock, ..aws::Surroundings::default() })
}

fn token(chance: &mut Chance, identity: &Identity) -> anyhow::Result<(Value, String)> {
    let host = format!(
        "{}.c{}.{}.rds.amazonaws.com",
        chance.text("abc-DEF0123", 20),
        chance.text("abc0123", 12),
        identity.region
    );
    let port = chance.one_of(&[5432, 443, 6543, 80]);
    let user = chance.text("abcxyz_-.~ /+='%&@äÜ", 20);
    let ours = super::runtime()?.block_on(client(identity, None).database_token(
        &host,
        port,
        &user,
        identity.region,
    ))?;
    let Identity { seconds, id, secret, token, region } = identity;
    let case = json!({ "seconds": seconds, "id": id, "secret": secret, "token": token,
        "region": region, "host": host, "port": port, "user": user });
    Ok((case, ours))
}

/// A request that a listener of ours gets.
fn request(chance: &mut Chance, identity: &Identity) -> anyhow::Result<(Value, String)> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let url = format!("http://{}/", listener.local_addr()?);
    let got = std::thread::spawn(move || -> anyhow::Result<String> {
        let (mut stream, _) = listener.accept()?;
        let mut text = String::new();
        let mut buffer = [0; 8192];
        loop {
            let read = stream.read(&mut buffer)?;
            text.push_str(&String::from_utf8_lossy(buffer.get(..read).unwrap_or_default()));
            let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
            let length = header(head, "content-length").and_then(|it| it.parse().ok()).unwrap_or(0);
            if body.len() >= length {
                stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n<A/>")?;
                return Ok(text);
            }
        }
    });
    let value = chance.text("abc /+=&%äÜ", 40);
    let parameters = [("DBInstanceIdentifier", value.as_str()), ("Tags.Tag.1.Key", "a b")];
    let call = client(identity, Some(&url));
    super::runtime()?.block_on(call.call(aws::Service::Rds, "DescribeDBInstances", &parameters))?;
    let got = got.join().map_err(|_| anyhow::anyhow!("the listener failed"))??;
    let (head, body) = got.split_once("\r\n\r\n").context("no body")?;
    let header = |name| header(head, name).context("a header is missing");
    let headers = json!({ "content-type": header("content-type")? });
    let Identity { seconds, id, secret, token, region } = identity;
    let case = json!({ "seconds": seconds, "id": id, "secret": secret, "token": token,
        "region": region, "service": "rds", "url": url, "body": body, "headers": headers });
    Ok((case, header("authorization")?))
}

fn header(head: &str, name: &str) -> Option<String> {
    head.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
    })
}
