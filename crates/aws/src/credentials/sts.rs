//! Roles, assumed by other credentials or by a token of the cluster that we run in.

use super::{Credentials, time};
use crate::http::{Request, host};
use crate::profiles::Profile;
use crate::sign::{Scope, query, sign_headers};
use crate::{Client, Element, Error, Service};

const SESSION: &str = "undrift";
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded; charset=utf-8");
const TIMEOUT: std::time::Duration = std::time::Duration::from_secs(30);

/// Assumes a role as somebody else.
pub(super) async fn assume(
    client: &Client,
    source: &Credentials,
    role: &str,
    session: Option<&str>,
    profile: &Profile,
) -> Result<Credentials, Error> {
    let mut pairs = vec![
        ("Action", "AssumeRole"),
        ("Version", "2011-06-15"),
        ("RoleArn", role),
        ("RoleSessionName", session.unwrap_or(SESSION)),
    ];
    for (key, parameter) in [("external_id", "ExternalId"), ("duration_seconds", "DurationSeconds")]
    {
        if let Some(value) = profile.get(key) {
            pairs.push((parameter, value));
        }
    }
    let region = region(client, profile.get("region"));
    let endpoint = client.endpoint(Service::Sts, &region);
    let body = query(&pairs);
    let doing = "sts:AssumeRole";
    let answer = client
        .trying(doing, &endpoint, async || {
            let now = client.surroundings().clock.now();
            let scope = Scope { region: &region, service: "sts", now };
            let headers = sign_headers(host(&endpoint), &[FORM], body.as_bytes(), &scope, source);
            let (url, body) = (endpoint.clone(), body.clone().into_bytes());
            Ok(Request { method: "POST", url, headers, body, timeout: TIMEOUT })
        })
        .await?;
    read(doing, "AssumeRoleResult/Credentials", &answer.body)
}

/// Assumes a role by the token in a file, as pods of Kubernetes and other outside identities do.
pub(super) async fn assume_with_web_identity(
    client: &Client,
    role: &str,
    session: Option<&str>,
    file: &str,
) -> Result<Credentials, Error> {
    let token = std::fs::read_to_string(file).map_err(|error| Error::Credentials {
        source_name: "web identity".to_owned(),
        problem: format!("{file}: {error}"),
        next: "see the service account of the pod: eks.amazonaws.com/role-arn".to_owned(),
    })?;
    let body = query(&[
        ("Action", "AssumeRoleWithWebIdentity"),
        ("Version", "2011-06-15"),
        ("RoleArn", role),
        ("RoleSessionName", session.unwrap_or(SESSION)),
        ("WebIdentityToken", token.trim()),
    ]);
    let endpoint = client.endpoint(Service::Sts, &region(client, None));
    let doing = "sts:AssumeRoleWithWebIdentity";
    let answer = client
        .trying(doing, &endpoint, async || {
            let headers = vec![(FORM.0.to_owned(), FORM.1.to_owned())];
            let (url, body) = (endpoint.clone(), body.clone().into_bytes());
            Ok(Request { method: "POST", url, headers, body, timeout: TIMEOUT })
        })
        .await?;
    read(doing, "AssumeRoleWithWebIdentityResult/Credentials", &answer.body)
}

/// The service is in every region; without one, in the first.
fn region(client: &Client, of_profile: Option<&String>) -> String {
    let known = of_profile.cloned().or_else(|| client.region().ok());
    known.unwrap_or_else(|| "us-east-1".to_owned())
}

fn read(doing: &str, path: &str, body: &str) -> Result<Credentials, Error> {
    let odd = |problem: String| Error::Answer { action: doing.to_owned(), problem };
    let document = Element::parse(body).map_err(odd)?;
    let read = || {
        let found = document.find(path)?;
        let token = found.text_of("SessionToken").map(str::to_owned);
        let (id, secret) = (found.text_of("AccessKeyId")?, found.text_of("SecretAccessKey")?);
        let mut credentials = Credentials::new(id, secret, token);
        credentials.expires = found.text_of("Expiration").and_then(time);
        Some(credentials)
    };
    read().ok_or_else(|| odd("the answer holds no credentials".to_owned()))
}
