//! Single sign-on: the token that `aws sso login` left, exchanged for the credentials of a role.

use super::{Credentials, time};
use crate::http::Request;
use crate::profiles::{Profile, Profiles};
use crate::sign::{encoded, sha1};
use crate::{Client, Error, Partition};

pub(super) async fn find(
    client: &Client,
    profiles: &Profiles,
    name: &str,
    profile: &Profile,
) -> Result<Credentials, Error> {
    let failed = |problem: String| Error::Credentials {
        source_name: format!("profile {name}, single sign-on"),
        problem,
        next: format!("aws sso login --profile {name}"),
    };
    let lacking = |key: &str| failed(format!("{key} is not set"));
    let session = match profile.get("sso_session") {
        Some(session) => Some(profiles.session(session).ok_or_else(|| {
            failed(format!("there is no section [sso-session {session}] in the config file"))
        })?),
        None => None,
    };
    let setting = |key: &str| {
        session.and_then(|it| it.get(key)).or_else(|| profile.get(key)).ok_or_else(|| lacking(key))
    };
    let region = setting("sso_region")?;
    let account = profile.get("sso_account_id").ok_or_else(|| lacking("sso_account_id"))?;
    let role = profile.get("sso_role_name").ok_or_else(|| lacking("sso_role_name"))?;
    // The file is named after the session, or of a profile of the old form, after the start URL.
    let key = match profile.get("sso_session") {
        Some(session) => session,
        None => setting("sso_start_url")?,
    };
    let folder = client.surroundings().folder().ok_or_else(|| lacking("HOME"))?;
    let path = folder.join("sso/cache").join(format!("{}.json", sha1(key)));
    let text =
        std::fs::read_to_string(&path).map_err(|_| failed("nobody has signed in".to_owned()))?;
    let cached: serde_json::Value = serde_json::from_str(&text)
        .map_err(|_| failed(format!("{} is not JSON", path.display())))?;
    let field = |name: &str| cached.get(name).and_then(serde_json::Value::as_str);
    let token = field("accessToken").ok_or_else(|| failed("nobody has signed in".to_owned()))?;
    let expires = field("expiresAt").and_then(time);
    if expires.is_some_and(|at| at <= client.surroundings().clock.now()) {
        return Err(failed("the session has expired".to_owned()));
    }
    let endpoint = match client.surroundings().variable("AWS_ENDPOINT_URL_SSO") {
        Some(url) => url.trim_end_matches('/').to_owned(),
        None => format!("https://portal.sso.{region}.{}", Partition::of_region(region).domain()),
    };
    let url = format!(
        "{endpoint}/federation/credentials?account_id={}&role_name={}",
        encoded(account),
        encoded(role)
    );
    let headers = [("x-amz-sso_bearer_token", token)];
    let answer = client
        .trying("sso:GetRoleCredentials", &endpoint, async || {
            Ok(Request::get(url.clone(), &headers, std::time::Duration::from_secs(30)))
        })
        .await
        .map_err(|error| {
            if let Error::Refused { message, .. } = error { failed(message) } else { error }
        })?;
    read(&answer.body).ok_or_else(|| failed("the answer cannot be understood".to_owned()))
}

fn read(body: &str) -> Option<Credentials> {
    let document: serde_json::Value = serde_json::from_str(body).ok()?;
    let role = document.get("roleCredentials")?;
    let field = |name: &str| role.get(name)?.as_str();
    let token = field("sessionToken").map(str::to_owned);
    let mut found = Credentials::new(field("accessKeyId")?, field("secretAccessKey")?, token);
    let expires = role.get("expiration").and_then(serde_json::Value::as_u64);
    found.expires = expires.map(|at| std::time::UNIX_EPOCH + std::time::Duration::from_millis(at));
    Some(found)
}
