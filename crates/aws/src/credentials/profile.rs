//! What a profile of `~/.aws` says: keys, a role to assume, single sign-on, a program to run.

use std::pin::Pin;

use super::{Credentials, container, instance, process, sso, sts};
use crate::error::EXPORT;
use crate::profiles::{Profile, Profiles};
use crate::{Client, Error};

type Found = Result<Option<Credentials>, Error>;

/// The credentials of a profile; none if it has none. `seen` are the profiles that led here.
pub(super) fn find<'a>(
    client: &'a Client,
    profiles: &'a Profiles,
    name: &'a str,
    seen: &'a mut Vec<String>,
) -> Pin<Box<dyn Future<Output = Found> + 'a>> {
    Box::pin(async move {
        let Some(profile) = profiles.profile(name) else { return Ok(None) };
        let is_again = seen.iter().any(|it| it == name);
        seen.push(name.to_owned());
        let of = |what: &str| format!("profile {name}, {what}");
        // A profile may name itself as its source: its own keys are meant then.
        if let Some(role) = profile.get("role_arn").filter(|_| !is_again) {
            let found = assume(client, profiles, name, profile, role, seen).await?;
            return Ok(Some(found.from(of(&format!("role {role}")))));
        }
        if let (Some(id), Some(secret)) =
            (profile.get("aws_access_key_id"), profile.get("aws_secret_access_key"))
        {
            let token = profile.get("aws_session_token").cloned();
            return Ok(Some(Credentials::new(id, secret, token).from(of("access key"))));
        }
        if profile.contains_key("sso_account_id") {
            let found = sso::find(client, profiles, name, profile).await?;
            return Ok(Some(found.from(of("single sign-on"))));
        }
        if let Some(command) = profile.get("credential_process") {
            let found = process::run(command, client).await;
            let found = found.map_err(|problem| failed(name, problem, command.clone()))?;
            return Ok(Some(found.from(of("credential_process"))));
        }
        if profile.contains_key("login_session") {
            let problem = "undrift does not read the sessions of aws login".to_owned();
            return Err(failed(name, problem, export(name)));
        }
        Ok(None)
    })
}

async fn assume(
    client: &Client,
    profiles: &Profiles,
    name: &str,
    profile: &Profile,
    role: &str,
    seen: &mut Vec<String>,
) -> Result<Credentials, Error> {
    let session = profile.get("role_session_name").map(String::as_str);
    if let Some(file) = profile.get("web_identity_token_file") {
        return sts::assume_with_web_identity(client, role, session, file).await;
    }
    if profile.contains_key("mfa_serial") {
        let problem = format!("the role {role} asks for a code of a second factor");
        return Err(failed(name, problem, export(name)));
    }
    let source = match (profile.get("source_profile"), profile.get("credential_source")) {
        (Some(source), _) => {
            let found = find(client, profiles, source, seen).await?;
            found.ok_or_else(|| {
                let problem = format!("its source_profile {source} has no credentials");
                failed(name, problem, format!("aws configure --profile {source}"))
            })?
        }
        (None, Some(source)) => of_source(client, name, source).await?,
        (None, None) => {
            let problem = "role_arn stands without source_profile or credential_source".to_owned();
            return Err(failed(
                name,
                problem,
                format!("aws configure set source_profile … --profile {name}"),
            ));
        }
    };
    sts::assume(client, &source, role, session, profile).await
}

async fn of_source(client: &Client, name: &str, source: &str) -> Result<Credentials, Error> {
    let surroundings = client.surroundings();
    let found = match source {
        "Environment" => {
            let id = surroundings.variable("AWS_ACCESS_KEY_ID");
            let secret = surroundings.variable("AWS_SECRET_ACCESS_KEY");
            let token = surroundings.variable("AWS_SESSION_TOKEN").map(str::to_owned);
            id.zip(secret).map(|(id, secret)| Credentials::new(id, secret, token))
        }
        "EcsContainer" => container::find(client).await?,
        "Ec2InstanceMetadata" => instance::find(client).await.ok(),
        _ => None,
    };
    found.ok_or_else(|| {
        let problem = format!("its credential_source {source} has no credentials");
        failed(name, problem, export(name))
    })
}

fn failed(name: &str, problem: String, next: String) -> Error {
    Error::Credentials { source_name: format!("profile {name}"), problem, next }
}

/// The command that gets them from AWS's own program.
fn export(name: &str) -> String {
    EXPORT.replace("--format", &format!("--profile {name} --format"))
}
