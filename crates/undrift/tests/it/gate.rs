//! A door to the tests' PostgreSQL that does what RDS does: TLS with a certificate for a name of AWS, and
//! as the password a token of IAM, which it checks by signing it again.
#![expect(clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use project::DatabaseUrl;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use ring::{digest, hmac};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::Notify;
use tokio_rustls::TlsAcceptor;

use crate::secrets;
use crate::stand::{Database, PASSWORD, wait};

/// Who the tests are to AWS.
pub(crate) const ACCESS_KEY_ID: &str = "AKIDTEST";

/// What the door asks for.
#[derive(Clone, Default)]
pub(crate) struct Rules {
    /// A token of IAM; otherwise the password of the tests.
    pub(crate) iam: bool,
    /// By how much the door's clock is ahead.
    pub(crate) ahead: Duration,
    /// A certificate of the client, signed by our authority.
    pub(crate) client_certificate: bool,
}

/// An open door.
pub(crate) struct Gate {
    pub(crate) host: String,
    pub(crate) port: u16,
    folder: TempDir,
    passed: Arc<Mutex<Vec<String>>>,
    cut: Arc<Notify>,
}

impl Gate {
    /// Opens a door named `host` to where a database is.
    pub(crate) fn open(host: &str, database: &Database, rules: Rules) -> Self {
        let url = DatabaseUrl::parse(&database.url).unwrap();
        let socket = PathBuf::from(format!("{}/.s.PGSQL.{}", url.host, url.port));
        let (folder, config) = certificates(host, &rules);
        let passed = Arc::new(Mutex::new(Vec::new()));
        let cut = Arc::new(Notify::new());
        let listener = wait(TcpListener::bind("127.0.0.1:0")).unwrap();
        let port = listener.local_addr().unwrap().port();
        let door = Arc::new(Door {
            address: format!("{host}:{port}"),
            socket,
            rules,
            acceptor: TlsAcceptor::from(Arc::new(config)),
            passed: Arc::clone(&passed),
            cut: Arc::clone(&cut),
        });
        wait(async {
            drop(tokio::spawn(async move {
                while let Ok((stream, _)) = listener.accept().await {
                    let door = Arc::clone(&door);
                    // Who hangs up in the middle is of no interest.
                    drop(tokio::spawn(async move { drop(door.let_in(stream).await) }));
                }
            }));
        });
        Self { host: host.to_owned(), port, folder, passed, cut }
    }

    /// A file of the certificates: `ca.pem`, `client.pem`, `client.key`, `client.p12`.
    pub(crate) fn file(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    /// Cuts all connections that lead through the door.
    pub(crate) fn cut(&self) {
        self.cut.notify_waiters();
    }

    /// The URL of a database through the door, with more parameters.
    pub(crate) fn url(&self, database: &str, parameters: &str) -> String {
        format!(
            "postgresql://postgres@{}:{}/{database}?hostaddr=127.0.0.1&{parameters}",
            self.host, self.port
        )
    }

    /// When the tokens were made that were shown, as `20261231T235959Z`.
    pub(crate) fn dates(&self) -> Vec<String> {
        let tokens = self.passed();
        let date = |token: &String| token.split("X-Amz-Date=").nth(1)?.get(..16).map(str::to_owned);
        tokens.iter().filter_map(date).collect()
    }

    /// How many came in, each with what it showed.
    pub(crate) fn passed(&self) -> Vec<String> {
        self.passed.lock().unwrap().clone()
    }
}

/// Our authority, a certificate for the host, and one for a client: files in a folder, and a server.
pub(crate) fn certificates(host: &str, rules: &Rules) -> (TempDir, ServerConfig) {
    let folder = tempfile::tempdir().unwrap();
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, "authority of the tests");
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let made = |name: &str| {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        (params.signed_by(&key, &authority).unwrap(), key)
    };
    let ((server, server_key), (client, client_key)) = (made(host), made("postgres"));
    let write =
        |name: &str, content: &[u8]| std::fs::write(folder.path().join(name), content).unwrap();
    write("ca.pem", authority.as_ref().pem().as_bytes());
    write("server.pem", server.pem().as_bytes());
    write("server.key", server_key.serialize_pem().as_bytes());
    write("client.pem", client.pem().as_bytes());
    write("client.key", client_key.serialize_pem().as_bytes());
    write("client.p12", &pkcs12(client.der(), &client_key));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .unwrap();
    let builder = if rules.client_certificate {
        let mut roots = RootCertStore::empty();
        roots.add(authority.as_ref().der().clone()).unwrap();
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
        builder.with_client_cert_verifier(verifier.build().unwrap())
    } else {
        builder.with_no_client_auth()
    };
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(server_key.serialize_der()));
    let mut config = builder.with_single_cert(vec![server.der().clone()], key).unwrap();
    config.alpn_protocols = vec![b"postgresql".to_vec()];
    (folder, config)
}

/// A key store that opens with the password of the tests.
fn pkcs12(certificate: &[u8], key: &KeyPair) -> Vec<u8> {
    use p12_keystore::{Certificate, KeyStore, KeyStoreEntry, PrivateKey, PrivateKeyChain};
    let certificate = Certificate::from_der(certificate).unwrap();
    let key = PrivateKey::from_der(&key.serialize_der()).unwrap();
    let mut store = KeyStore::new();
    let chain = PrivateKeyChain::new("1", key, [certificate]);
    store.add_entry("client", KeyStoreEntry::PrivateKeyChain(chain));
    store.writer(PASSWORD).write().unwrap()
}

struct Door {
    address: String,
    socket: PathBuf,
    rules: Rules,
    acceptor: TlsAcceptor,
    passed: Arc<Mutex<Vec<String>>>,
    cut: Arc<Notify>,
}

const SSL_REQUEST: i32 = 80_877_103;

impl Door {
    async fn let_in(&self, mut stream: TcpStream) -> std::io::Result<()> {
        let mut first = [0; 1];
        stream.peek(&mut first).await?;
        // Direct negotiation begins with the handshake.
        if first[0] == 0x16 {
            return self.ask(self.acceptor.accept(stream).await?).await;
        }
        let (code, startup) = packet(&mut stream).await?;
        if code == SSL_REQUEST {
            stream.write_all(b"S").await?;
            return self.ask(self.acceptor.accept(stream).await?).await;
        }
        let user = parameters(&startup).remove("user").unwrap_or_default();
        let refusal = format!(
            "pg_hba.conf rejects connection for host \"127.0.0.1\", user \"{user}\", database \"d\", SSL off"
        );
        refuse(&mut stream, &refusal).await
    }

    /// Asks for the password, and passes on to the server.
    async fn ask(&self, mut stream: impl AsyncRead + AsyncWrite + Unpin) -> std::io::Result<()> {
        let (_, startup) = packet(&mut stream).await?;
        let user = parameters(&startup).remove("user").unwrap_or_default();
        if self.rules.client_certificate {
            self.passed.lock().unwrap().push("certificate".to_owned());
        } else {
            stream.write_all(&[b'R', 0, 0, 0, 8, 0, 0, 0, 3]).await?;
            stream.read_u8().await?;
            let length = stream.read_i32().await?;
            let mut password = vec![0; usize::try_from(length - 4).unwrap()];
            stream.read_exact(&mut password).await?;
            password.pop();
            let password = String::from_utf8(password).unwrap();
            let problem = if self.rules.iam {
                self.check_token(&password, &user).err()
            } else {
                (password != PASSWORD).then_some("wrong")
            };
            if problem.is_some() {
                let how = if self.rules.iam { "PAM" } else { "password" };
                return refuse(
                    &mut stream,
                    &format!("{how} authentication failed for user \"{user}\""),
                )
                .await;
            }
            self.passed.lock().unwrap().push(password);
        }
        let mut server = UnixStream::connect(&self.socket).await?;
        server.write_all(&startup).await?;
        tokio::select! {
            ended = copy_bidirectional(&mut stream, &mut server) => ended.map(drop),
            () = self.cut.notified() => Ok(()),
        }
    }

    /// Checks a token as RDS does: for whom and what it is, whether it is still good, and who signed it.
    fn check_token(&self, token: &str, user: &str) -> Result<(), &'static str> {
        let (address, query) = token.split_once("/?").ok_or("no token")?;
        let pairs: Vec<&str> = query.split('&').collect();
        let value = |name: &str| {
            pairs
                .iter()
                .find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
                .ok_or("incomplete")
        };
        let signature = value("X-Amz-Signature")?;
        secrets::keep(signature);
        let signed_user =
            percent_encoding::percent_decode_str(value("DBUser")?).decode_utf8_lossy().into_owned();
        if address != self.address || value("Action")? != "connect" || signed_user != user {
            return Err("for another database, or somebody else");
        }
        let date = value("X-Amz-Date")?;
        let seconds: u64 = value("X-Amz-Expires")?.parse().map_err(|_| "no time")?;
        let made: jiff::Timestamp = format!(
            "{}-{}-{}T{}:{}:{}Z",
            &date[..4],
            &date[4..6],
            &date[6..8],
            &date[9..11],
            &date[11..13],
            &date[13..15]
        )
        .parse()
        .map_err(|_| "no time")?;
        #[expect(clippy::disallowed_methods, reason = "the door has a clock of its own")]
        let now = SystemTime::now() + self.rules.ahead;
        let age = now.duration_since(SystemTime::from(made)).unwrap_or_default();
        if seconds > 900 || age > Duration::from_secs(seconds) {
            return Err("expired");
        }
        let credential = value("X-Amz-Credential")?.replace("%2F", "/");
        let (id, scope) = credential.split_once('/').ok_or("no scope")?;
        let [day, region, "rds-db", "aws4_request"] = *scope.split('/').collect::<Vec<_>>() else {
            return Err("of another service");
        };
        if id != ACCESS_KEY_ID || !self.address.contains(region) {
            return Err("of somebody else");
        }
        let mut canonical: Vec<&str> =
            pairs.iter().copied().filter(|pair| !pair.starts_with("X-Amz-Signature")).collect();
        canonical.sort_unstable();
        let request = format!(
            "GET\n/\n{}\nhost:{address}\n\nhost\n{}",
            canonical.join("&"),
            hex(digest::digest(&digest::SHA256, b"").as_ref())
        );
        let hash = hex(digest::digest(&digest::SHA256, request.as_bytes()).as_ref());
        let text = format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{hash}");
        let mut key = format!("AWS4{PASSWORD}").into_bytes();
        for part in [day, region, "rds-db", "aws4_request"] {
            key = mac(&key, part);
        }
        if hex(&mac(&key, &text)) == signature { Ok(()) } else { Err("signed by somebody else") }
    }
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text.as_bytes()).as_ref().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}

/// A message without a type, as connections begin with: its code, and all of it.
async fn packet(stream: &mut (impl AsyncRead + Unpin)) -> std::io::Result<(i32, Vec<u8>)> {
    let length = stream.read_i32().await?;
    let mut all = length.to_be_bytes().to_vec();
    let mut rest = vec![0; usize::try_from(length - 4).unwrap()];
    stream.read_exact(&mut rest).await?;
    let code = i32::from_be_bytes(rest[..4].try_into().unwrap());
    all.append(&mut rest);
    Ok((code, all))
}

fn parameters(startup: &[u8]) -> BTreeMap<String, String> {
    let texts: Vec<String> = startup[8..]
        .split(|byte| *byte == 0)
        .map(|it| String::from_utf8_lossy(it).into_owned())
        .collect();
    texts.chunks_exact(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect()
}

async fn refuse(stream: &mut (impl AsyncWrite + Unpin), message: &str) -> std::io::Result<()> {
    let fields = format!("SFATAL\0VFATAL\0C28000\0M{message}\0\0");
    let mut all = vec![b'E'];
    all.extend(i32::try_from(fields.len() + 4).unwrap().to_be_bytes());
    all.extend(fields.as_bytes());
    stream.write_all(&all).await?;
    stream.shutdown().await
}
