//! Signing in by AWS: a token of IAM, or a secret of Secrets Manager, fetched for each connection.
//!
//! | parameter | meaning |
//! |---|---|
//! | `auth=iam` | the password is a token, made for this connection; TLS is required |
//! | `iam_host` | the endpoint that the token is for, where the URL names a tunnel or a CNAME: `HOST` or `HOST:PORT`; it is also the name that the certificate must have |
//! | `region` | the region, where neither host nor AWS's settings tell it |
//! | `profile` | the profile of `~/.aws` |
//! | `secret` | user and password come from this secret, by name or ARN |

use std::borrow::Cow;

use project::DatabaseUrl;

use crate::Error;

/// Whether a URL asks for a token of IAM.
pub(crate) fn is_iam(url: &DatabaseUrl) -> bool {
    url.parameter("auth") == Some("iam")
}

/// Who asks AWS on behalf of a URL.
pub(crate) fn client(url: &DatabaseUrl, aws: &aws::Client) -> aws::Client {
    let aws = match url.parameter("profile") {
        Some(profile) => aws.as_profile(profile),
        None => aws.clone(),
    };
    match url.parameter("region") {
        Some(region) => aws.in_region(region),
        None => aws,
    }
}

/// The URL with what a secret says of the server, where it says so and the URL does not: host, port and
/// database. User and password are asked for at each connection, since they change.
///
/// # Errors
/// What AWS answers, or that there is no host.
pub async fn located(url: &DatabaseUrl, aws: &aws::Client) -> Result<DatabaseUrl, Error> {
    let Some(id) = url.parameter("secret").filter(|_| url.host.is_empty()) else {
        return Ok(url.clone());
    };
    let user = format!("secret {id}");
    let secret = client(url, aws).secret(id).await;
    let secret = secret.map_err(|error| Error::Aws { user: user.clone(), error })?;
    let mut found = url.clone();
    if let Some(whole) = secret.url.as_deref().and_then(|whole| DatabaseUrl::parse(whole).ok()) {
        (found.host, found.port) = (whole.host, whole.port);
        (found.user, found.database) = (whole.user, whole.database);
        return Ok(found);
    }
    found.host = secret.host.ok_or_else(|| Error::AuthenticationFailed {
        user,
        cause: "the secret names no host: those that RDS keeps itself hold user and password only"
            .to_owned(),
        help: Some(format!("write postgresql://HOST:5432/DATABASE?secret={id}")),
    })?;
    found.port = secret.port.unwrap_or(found.port);
    found.user = secret.username.unwrap_or(found.user);
    if let Some(database) = secret.dbname.filter(|_| found.database.is_empty()) {
        found.database = database;
    }
    if found.database.is_empty() {
        "postgres".clone_into(&mut found.database);
    }
    Ok(found)
}

/// The URL with a password that is good for a connection now.
pub(crate) async fn complete<'a>(
    url: &'a DatabaseUrl,
    aws: &aws::Client,
) -> Result<Cow<'a, DatabaseUrl>, Error> {
    let aws = client(url, aws);
    let mut complete = Cow::Borrowed(url);
    if let Some(id) = url.parameter("secret") {
        let failed = |error| Error::Aws { user: format!("secret {id}"), error };
        let secret = aws.secret(id).await.map_err(failed)?;
        let whole = secret.url.as_deref().and_then(|whole| DatabaseUrl::parse(whole).ok());
        let url = complete.to_mut();
        url.user = secret.username.unwrap_or_else(|| url.user.clone());
        url.password = whole.and_then(|whole| whole.password).or(secret.password);
    }
    match url.parameter("auth") {
        None | Some("" | "password") => {}
        Some("iam") => complete.to_mut().password = Some(token(url, &aws).await?),
        Some(other) => {
            return Err(refused(
                url,
                format!("auth={other} is unknown"),
                "write auth=iam, or leave it out for a password".to_owned(),
            ));
        }
    }
    Ok(complete)
}

async fn token(url: &DatabaseUrl, aws: &aws::Client) -> Result<String, Error> {
    let (host, port) = url.endpoint().map_err(|_| {
        let help = "write iam_host=HOST or iam_host=HOST:5432".to_owned();
        refused(url, "iam_host is not a host with a port".to_owned(), help)
    })?;
    if url.is_socket() || matches!(url.parameter("sslmode"), Some("disable" | "allow" | "prefer")) {
        let problem = "IAM needs TLS, and the URL does without".to_owned();
        return Err(refused(
            url,
            problem,
            "leave sslmode out, or write sslmode=verify-full".to_owned(),
        ));
    }
    let Some(known) = aws::Host::parse(host) else {
        let problem =
            format!("a token is made for AWS's own name of the server, and `{host}` is none");
        let help = format!(
            "write auth=iam&iam_host=NAME.….rds.amazonaws.com into the URL; of a CNAME, `dig +short {host}` \
             tells it"
        );
        return Err(refused(url, problem, help));
    };
    let failed = |error| Error::Aws { user: url.user.clone(), error };
    let region = match (url.parameter("region"), known.region) {
        (Some(region), _) => region.to_owned(),
        (None, Some(region)) => region,
        (None, None) => aws.region().map_err(failed)?,
    };
    aws.database_token(host, port, &url.user, &region).await.map_err(failed)
}

fn refused(url: &DatabaseUrl, cause: String, help: String) -> Error {
    Error::AuthenticationFailed { user: url.user.clone(), cause, help: Some(help) }
}

/// What to do where a host of AWS asks for a password, and the URL has none.
pub(crate) fn without_password(url: &DatabaseUrl) -> Option<String> {
    let is_aws = url.endpoint().is_ok_and(|(host, _)| aws::Host::parse(host).is_some());
    (is_aws && url.password.is_none()).then(|| {
        "write into the URL a password, or auth=iam for a user that has rds_iam, or secret=NAME for one that \
         Secrets Manager keeps"
            .to_owned()
    })
}

/// What to do about what a server said when it refused us, where RDS says it in riddles.
pub(crate) fn advice(url: &DatabaseUrl, said: &str) -> Option<String> {
    let user = catalog::quoted(&url.user);
    let is_rds = url.endpoint().is_ok_and(|(host, _)| aws::Host::parse(host).is_some());
    let is_plain = said.contains("SSL off") || said.contains("no encryption");
    if said.contains("pg_hba.conf") && is_plain {
        return Some(
            "the server takes TLS only: write sslmode=verify-full into the URL".to_owned(),
        );
    }
    if is_iam(url) && said.contains("PAM authentication failed") {
        let (host, port) = url.endpoint().unwrap_or((&url.host, url.port));
        return Some(format!(
            "IAM did not take the token for {} at {host}:{port}. In this order: whoever `aws sts \
             get-caller-identity` names needs rds-db:connect on \
             arn:aws:rds-db:REGION:ACCOUNT:dbuser:RESOURCE-ID/{}; IAM authentication must be on: aws rds \
             modify-db-instance --enable-iam-database-authentication; this machine's clock must be right: \
             date -u; behind a tunnel or a CNAME the real endpoint belongs into iam_host",
            url.user, url.user
        ));
    }
    if is_iam(url) && said.contains("password authentication failed") {
        return Some(format!(
            "the server asked for a password, not for a token: as another user, GRANT rds_iam TO {user};"
        ));
    }
    if said.contains("PAM authentication failed") && is_rds {
        return Some(format!(
            "{user} signs in by IAM (it has rds_iam): write auth=iam into the URL, without a password"
        ));
    }
    None
}

#[cfg(test)]
mod tests {
    use project::DatabaseUrl;

    use super::advice;

    fn check(url: &str, said: &str, expected: &str) {
        let advice = advice(&DatabaseUrl::parse(url).unwrap(), said).unwrap_or_default();
        assert!(advice.contains(expected) && expected.is_empty() == advice.is_empty(), "{advice}");
    }

    #[test]
    fn riddles_of_rds_are_translated() {
        let host = "app.c1.eu-west-1.rds.amazonaws.com";
        let pam = "FATAL: PAM authentication failed for user \"u\"";
        check(&format!("postgres://u@{host}/d?auth=iam"), pam, "rds-db:connect");
        check(&format!("postgres://u@{host}/d"), pam, "write auth=iam");
        check("postgres://u@db.example/d", pam, "");
        check(
            &format!("postgres://u@{host}/d?auth=iam"),
            "password authentication failed for user \"u\"",
            "GRANT rds_iam TO \"u\"",
        );
        check(
            "postgres://u@db.example/d",
            "no pg_hba.conf entry for host \"10.0.0.1\", user \"u\", database \"d\", no encryption",
            "sslmode=verify-full",
        );
    }
}
