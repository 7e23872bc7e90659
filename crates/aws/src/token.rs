//! The password that IAM makes of an identity: `rds-db:connect`, signed for one database and user.

use std::time::Duration;

use crate::sign::{Scope, sign_query};
use crate::{Client, Credentials, Error};

/// How long a token opens connections; it is asked for at connect only, and sessions outlive it.
pub const TOKEN_LIFETIME: Duration = Duration::from_mins(15);

/// Which database a token is for: the endpoint as AWS names it, whatever leads there.
pub(crate) struct Database<'a> {
    pub(crate) host: &'a str,
    pub(crate) port: u16,
    pub(crate) user: &'a str,
}

impl Client {
    /// Makes a token for a user at an endpoint of RDS, RDS Proxy or Aurora. The host must be AWS's own
    /// name of it, not a tunnel's and not a CNAME.
    ///
    /// # Errors
    /// When there are no credentials, or no region.
    pub async fn database_token(
        &self,
        host: &str,
        port: u16,
        user: &str,
        region: &str,
    ) -> Result<String, Error> {
        let credentials = self.credentials().await?;
        let now = self.surroundings().clock.now();
        let scope = Scope { region, service: "rds-db", now };
        Ok(token(&Database { host, port, user }, &scope, &credentials))
    }
}

fn token(database: &Database<'_>, scope: &Scope<'_>, credentials: &Credentials) -> String {
    let Database { host, port, user } = database;
    let address = format!("{host}:{port}");
    // The port that a URL need not name is not part of what is signed.
    let signed = if *port == 443 { host } else { address.as_str() };
    let pairs = [("Action", "connect"), ("DBUser", *user)];
    let query = sign_query(signed, &pairs, TOKEN_LIFETIME.as_secs(), scope, credentials);
    format!("{address}/?{query}")
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::{Database, Scope, token};
    use crate::Credentials;

    // The expected tokens are botocore's, of the same clock: `cargo xtask aws` compares many more.
    include!("token/vectors.rs");

    #[test]
    fn tokens_are_those_of_botocore() {
        for vector in VECTORS {
            let now = SystemTime::UNIX_EPOCH + Duration::from_secs(vector.seconds);
            let scope = Scope { region: vector.region, service: "rds-db", now };
            let credentials = Credentials::new(
                vector.access_key_id,
                vector.secret_access_key,
                vector.session_token.map(str::to_owned),
            );
            let database = Database { host: vector.host, port: vector.port, user: vector.user };
            assert_eq!(token(&database, &scope, &credentials), vector.token);
        }
    }
}
