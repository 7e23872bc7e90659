//! What a URL says about TLS, as a connector.
//!
//! | parameter | meaning |
//! |---|---|
//! | `sslmode` | `disable`, `prefer` (the default), `require`, `verify-ca`, `verify-full` |
//! | `sslaccept` | Prisma's: `strict` checks the certificate and the host's name, `accept_invalid_certs` (the default) does not |
//! | `sslrootcert` | PEM file of the authorities to trust; `system` for those of the machine, which is also the default where certificates are checked |
//! | `sslcert` with `sslkey` | as in libpq: the client's certificate and key, PEM |
//! | `sslcert` without `sslkey` | as in Prisma: the authority to trust, PEM |
//! | `sslidentity` | the client's certificate and key in one PEM file; Prisma's PKCS #12 is not read |

use crate::Error;
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
    let (mode, mut check) = match url.parameter("sslmode") {
        Some("disable") => (SslMode::Disable, Check::Nothing),
        None | Some("prefer" | "allow") => (SslMode::Prefer, Check::Nothing),
        Some("require") => (SslMode::Require, Check::Nothing),
        Some("verify-ca") => (SslMode::Require, Check::Authority),
        Some("verify-full") => (SslMode::Require, Check::AuthorityAndHost),
        Some(other) => {
            return Err(Error::Tls { cause: format!("unknown sslmode `{other}` in the URL") });
        }
    };
    if url.parameter("sslaccept") == Some("strict") && check == Check::Nothing {
        check = Check::AuthorityAndHost;
    }
    let key = url.parameter("sslkey");
    let certificate = url.parameter("sslcert");
    let identity = url.parameter("sslidentity");
    let (authority, client) = match (certificate, key) {
        (Some(certificate), Some(key)) => (url.parameter("sslrootcert"), Some((certificate, key))),
        (authority, _) => {
            (url.parameter("sslrootcert").or(authority), identity.map(|file| (file, file)))
        }
    };
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::Tls { cause: error.to_string() })?;
    let builder = match check {
        Check::Nothing => {
            builder.dangerous().with_custom_certificate_verifier(Arc::new(AcceptAny {
                provider: Arc::clone(&provider),
            }))
        }
        Check::Authority => {
            let roots = Arc::new(roots(authority, base)?);
            builder.dangerous().with_custom_certificate_verifier(Arc::new(AuthorityOnly {
                provider: Arc::clone(&provider),
                roots,
            }))
        }
        Check::AuthorityAndHost => {
            let roots = Arc::new(roots(authority, base)?);
            let verifier =
                WebPkiServerVerifier::builder_with_provider(roots, Arc::clone(&provider))
                    .build()
                    .map_err(|error| Error::Tls { cause: error.to_string() })?;
            builder.with_webpki_verifier(verifier)
        }
    };
    let config = match client {
        None => builder.with_no_client_auth(),
        Some((certificate, key)) => {
            let key = provider
                .key_provider
                .load_private_key(private_key(key, base)?)
                .map_err(|error| Error::Tls { cause: format!("client key: {error}") })?;
            // Not compared with the key here: that, too, refuses version 1 certificates.
            let identity = CertifiedKey::new(certificates(certificate, base)?, key);
            builder.with_client_cert_resolver(Arc::new(SingleCertAndKey::from(identity)))
        }
    };
    Ok(Tls { mode, connector: MakeRustlsConnect::new(config) })
}

/// The authorities of a file, or of the machine.
fn roots(file: Option<&str>, base: &Path) -> Result<RootCertStore, Error> {
    let mut roots = RootCertStore::empty();
    match file {
        None | Some("system") => {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
        Some(file) => {
            roots.add_parsable_certificates(certificates(file, base)?);
        }
    }
    if roots.is_empty() {
        let place = file.unwrap_or("the machine's store");
        return Err(Error::Tls { cause: format!("no certificate authority found in {place}") });
    }
    Ok(roots)
}

fn certificates(file: &str, base: &Path) -> Result<Vec<CertificateDer<'static>>, Error> {
    let path = base.join(file);
    let pem = std::fs::read(&path).map_err(|cause| Error::File { path, cause })?;
    let certificates: Vec<_> =
        CertificateDer::pem_slice_iter(&pem).filter_map(Result::ok).collect();
    if certificates.is_empty() {
        return Err(not_pem(file, "certificate"));
    }
    Ok(certificates)
}

fn private_key(file: &str, base: &Path) -> Result<PrivateKeyDer<'static>, Error> {
    let path = base.join(file);
    let pem = std::fs::read(&path).map_err(|cause| Error::File { path, cause })?;
    PrivateKeyDer::from_pem_slice(&pem).map_err(|_| not_pem(file, "private key"))
}

fn not_pem(file: &str, what: &str) -> Error {
    Error::Tls {
        cause: format!(
            "`{file}` holds no {what} in PEM form; a PKCS #12 file can be converted: openssl \
             pkcs12 -in {file} -out client.pem -nodes"
        ),
    }
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
