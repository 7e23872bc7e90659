//! What a URL says about TLS, as a connector.
//!
//! | parameter | meaning |
//! |---|---|
//! | `sslmode` | `disable`, `prefer` (the default, but on hosts of AWS, where it is `verify-full`), `require`, `verify-ca`, `verify-full` |
//! | `sslaccept` | Prisma's: `strict` checks the certificate and the host's name, `accept_invalid_certs` (the default) does not |
//! | `sslrootcert` | PEM file of the authorities to trust; `system` for those of the machine, which is also the default where certificates are checked; `rds` for those of RDS and its proxies, built in, which hosts of AWS have besides. With `sslmode=require` it asks for `verify-ca`, as in libpq |
//! | `sslcert` with `sslkey` | as in libpq: the client's certificate and key, PEM |
//! | `sslcert` without `sslkey` | as in Prisma: the authority to trust, PEM |
//! | `sslidentity` | the client's certificate and key in one file: PKCS #12, opened with `sslpassword`, as in Prisma; or PEM |
//! | `sslnegotiation` | `direct`: TLS from the first byte (PostgreSQL 17) |

use crate::{Error, sign_in};
use p12_keystore::{KeyStore, Pkcs12ImportPolicy};
use project::DatabaseUrl;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_cert_signed_by_trust_anchor};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use std::path::Path;
use std::sync::Arc;
use tokio_postgres::config::SslMode;
use tokio_postgres_rustls::MakeRustlsConnect;

/// TLS as the URL asks for it.
pub(crate) struct Tls {
    /// Whether to ask the server for it, and whether to go on without.
    pub(crate) mode: SslMode,
    /// What makes the handshakes.
    pub(crate) connector: MakeRustlsConnect,
}

/// How far the server's certificate is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Check {
    Nothing,
    Authority,
    AuthorityAndHost,
}

/// Reads the TLS parameters of a URL; `base` is where relative paths start.
pub(crate) fn from_url(url: &DatabaseUrl, base: &Path) -> Result<Tls, Error> {
    let (mode, check) = policy(url)?;
    let key = url.parameter("sslkey");
    let certificate = url.parameter("sslcert");
    let (authority, client) = match (certificate, key) {
        (Some(certificate), Some(key)) => {
            let identity = (certificates(certificate, base)?, private_key(key, base)?);
            (url.parameter("sslrootcert"), Some(identity))
        }
        (authority, _) => {
            let identity = match url.parameter("sslidentity") {
                Some(file) => Some(identity(file, url.parameter("sslpassword"), base)?),
                None => None,
            };
            (url.parameter("sslrootcert").or(authority), identity)
        }
    };
    let is_aws = url.endpoint().is_ok_and(|(name, _)| aws::Host::parse(name).is_some());
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| broken(error.to_string()))?;
    let builder = match check {
        Check::Nothing => {
            builder.dangerous().with_custom_certificate_verifier(Arc::new(AcceptAny {
                provider: Arc::clone(&provider),
            }))
        }
        Check::Authority => {
            let roots = Arc::new(roots(authority, is_aws, base)?);
            builder.dangerous().with_custom_certificate_verifier(Arc::new(AuthorityOnly {
                provider: Arc::clone(&provider),
                roots,
            }))
        }
        Check::AuthorityAndHost => {
            let roots = Arc::new(roots(authority, is_aws, base)?);
            let verifier =
                WebPkiServerVerifier::builder_with_provider(roots, Arc::clone(&provider))
                    .build()
                    .map_err(|error| broken(error.to_string()))?;
            builder.with_webpki_verifier(verifier)
        }
    };
    let mut config = match client {
        None => builder.with_no_client_auth(),
        Some((certificates, key)) => {
            let key = provider
                .key_provider
                .load_private_key(key)
                .map_err(|error| broken(format!("client key: {error}")))?;
            // Not compared with the key here: that, too, refuses version 1 certificates.
            let identity = CertifiedKey::new(certificates, key);
            builder.with_client_cert_resolver(Arc::new(SingleCertAndKey::from(identity)))
        }
    };
    if url.parameter("sslnegotiation") == Some("direct") {
        config.alpn_protocols = vec![b"postgresql".to_vec()];
    }
    Ok(Tls { mode, connector: MakeRustlsConnect::new(config) })
}

/// Whether to encrypt, and what to check.
fn policy(url: &DatabaseUrl) -> Result<(SslMode, Check), Error> {
    let host = url.endpoint().ok().and_then(|(name, _)| aws::Host::parse(name));
    let needs_tls = sign_in::is_iam(url) || url.parameter("sslnegotiation") == Some("direct");
    let (mode, mut check) = match url.parameter("sslmode") {
        // A password, or a token, would go to whoever answers.
        None if host.is_some() && url.parameter("sslaccept").is_none() => {
            (SslMode::Require, Check::AuthorityAndHost)
        }
        None if needs_tls => (SslMode::Require, Check::Nothing),
        Some("disable") => (SslMode::Disable, Check::Nothing),
        None | Some("prefer" | "allow") => (SslMode::Prefer, Check::Nothing),
        Some("require") if url.parameter("sslrootcert").is_some() => {
            (SslMode::Require, Check::Authority)
        }
        Some("require") => (SslMode::Require, Check::Nothing),
        Some("verify-ca") => (SslMode::Require, Check::Authority),
        Some("verify-full") => (SslMode::Require, Check::AuthorityAndHost),
        Some(other) => return Err(broken(format!("unknown sslmode `{other}` in the URL"))),
    };
    if url.parameter("sslaccept") == Some("strict") && check == Check::Nothing {
        check = Check::AuthorityAndHost;
    }
    Ok((mode, check))
}

/// Whether there is no connection without TLS.
pub(crate) fn is_required(url: &DatabaseUrl) -> Result<bool, Error> {
    Ok(policy(url)?.0 == SslMode::Require)
}

/// The same as libpq's `sslmode`.
pub(crate) fn libpq_mode(url: &DatabaseUrl) -> Result<&'static str, Error> {
    Ok(match policy(url)? {
        (SslMode::Disable, _) => "disable",
        (_, Check::AuthorityAndHost) => "verify-full",
        (_, Check::Authority) => "verify-ca",
        (SslMode::Prefer, Check::Nothing) => "prefer",
        (_, Check::Nothing) => "require",
    })
}

/// How far the server's certificate is checked, in words.
pub(crate) fn checked(url: &DatabaseUrl) -> Result<&'static str, Error> {
    Ok(match policy(url)?.1 {
        Check::Nothing => "nothing",
        Check::Authority => "authority",
        Check::AuthorityAndHost => "authority and name",
    })
}

/// What to do about a certificate that was refused.
pub(crate) fn advice(url: &DatabaseUrl, cause: &str) -> Option<String> {
    let (name, _) = url.endpoint().ok()?;
    let host = aws::Host::parse(name);
    let region = host.as_ref().and_then(|host| host.region.as_deref());
    if cause.contains("UnknownIssuer")
        && let Some(region) = region
    {
        let source = aws::authorities::source(region);
        let file = source.rsplit('/').next().unwrap_or_default();
        let why = if aws::authorities::covers(region) {
            "whoever answers is not signed by an authority of RDS that is built in"
        } else {
            "the authorities of this region are not built in"
        };
        let date = aws::authorities::DATE;
        return Some(format!(
            "{why} (bundle of {date}): curl -O {source}, and write sslrootcert={file} into the URL"
        ));
    }
    if cause.contains("NotValidForName") || cause.contains("not valid for name") {
        return Some(format!(
            "the certificate is not one of `{name}`: write the server's own name into the URL, with \
             hostaddr=ADDRESS, or iam_host=NAME with auth=iam, where a tunnel or a CNAME is between; or \
             check only who signed it: sslmode=verify-ca"
        ));
    }
    None
}

fn broken(cause: String) -> Error {
    Error::Tls { cause, help: None }
}

/// The certificate and the key of a client in one file.
fn identity(
    file: &str,
    password: Option<&str>,
    base: &Path,
) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), Error> {
    let bytes = read(file, base)?;
    if bytes.starts_with(b"-----") || bytes.windows(11).any(|it| it == b"-----BEGIN ") {
        return Ok((certificates(file, base)?, private_key(file, base)?));
    }
    // A wrong password cannot be told from a broken file.
    let store =
        KeyStore::from_pkcs12(&bytes, password.unwrap_or_default(), Pkcs12ImportPolicy::Relaxed)
            .map_err(|error| Error::Tls {
                cause: format!("`{file}` cannot be opened as PKCS #12: {error}"),
                help: Some(
                    "see sslpassword in the URL; characters such as & and # must be \
                        percent-encoded there"
                        .to_owned(),
                ),
            })?;
    let (_, chain) = store
        .private_key_chain()
        .ok_or_else(|| broken(format!("`{file}` holds no certificate with its key")))?;
    let key = PrivateKeyDer::try_from(chain.key().as_der().to_vec())
        .map_err(|error| broken(format!("`{file}`: {error}")))?;
    let certificates = chain.certs().iter().map(|it| it.as_der().to_vec().into()).collect();
    Ok((certificates, key))
}

fn read(file: &str, base: &Path) -> Result<Vec<u8>, Error> {
    let path = base.join(file);
    std::fs::read(&path).map_err(|cause| Error::File { path, cause })
}

/// The authorities of a file, those of RDS, or those of the machine.
fn roots(file: Option<&str>, is_aws: bool, base: &Path) -> Result<RootCertStore, Error> {
    let mut roots = RootCertStore::empty();
    let rds = || aws::authorities::rds().into_iter().chain(aws::authorities::amazon());
    match file {
        None | Some("system") => {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            if is_aws && file.is_none() {
                roots.add_parsable_certificates(rds());
            }
        }
        Some("rds") => {
            roots.add_parsable_certificates(rds());
        }
        Some(file) => {
            roots.add_parsable_certificates(certificates(file, base)?);
        }
    }
    if roots.is_empty() {
        let place = file.unwrap_or("the machine's store");
        return Err(broken(format!("no certificate authority found in {place}")));
    }
    Ok(roots)
}

fn certificates(file: &str, base: &Path) -> Result<Vec<CertificateDer<'static>>, Error> {
    let pem = read(file, base)?;
    let certificates: Vec<_> =
        CertificateDer::pem_slice_iter(&pem).filter_map(Result::ok).collect();
    if certificates.is_empty() {
        return Err(not_pem(file, "certificate"));
    }
    Ok(certificates)
}

fn private_key(file: &str, base: &Path) -> Result<PrivateKeyDer<'static>, Error> {
    PrivateKeyDer::from_pem_slice(&read(file, base)?).map_err(|_| not_pem(file, "private key"))
}

fn not_pem(file: &str, what: &str) -> Error {
    broken(format!("`{file}` holds no {what} in PEM form"))
}

/// Encrypts without asking who is there, which is what `prefer` and `require` mean.
#[derive(Debug)]
struct AcceptAny {
    provider: Arc<CryptoProvider>,
}

/// Checks who signed the certificate, but not whom it was made for: `verify-ca`.
#[derive(Debug)]
struct AuthorityOnly {
    provider: Arc<CryptoProvider>,
    roots: Arc<RootCertStore>,
}

// Whose signature it is is not asked, so the signature is not checked either: it would prove
// nothing, and the check refuses the version 1 certificates that many servers still have.
impl ServerCertVerifier for AcceptAny {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

impl ServerCertVerifier for AuthorityOnly {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let certificate = ParsedCertificate::try_from(certificate)?;
        verify_server_cert_signed_by_trust_anchor(
            &certificate,
            &self.roots,
            intermediates,
            now,
            self.provider.signature_verification_algorithms.all,
        )?;
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
