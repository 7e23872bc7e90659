//! Who we are to AWS: found where AWS's own programs find it, in their order.

mod container;
mod instance;
mod process;
mod profile;
mod sso;
mod sts;

use std::fmt;
use std::time::SystemTime;

use crate::{Client, Error, profiles};

/// The credentials of an identity. Neither secret nor token is in its debug text.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    access_key_id: String,
    secret_access_key: String,
    session_token: Option<String>,
    expires: Option<SystemTime>,
    source: String,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { access_key_id, secret_access_key: _, session_token: _, expires, source } = self;
        f.debug_struct("Credentials")
            .field("access_key_id", access_key_id)
            .field("expires", expires)
            .field("source", source)
            .finish_non_exhaustive()
    }
}

impl Credentials {
    /// Credentials that do not expire, as far as is known.
    pub fn new(
        access_key_id: &str,
        secret_access_key: &str,
        session_token: Option<String>,
    ) -> Self {
        Self {
            access_key_id: access_key_id.to_owned(),
            secret_access_key: secret_access_key.to_owned(),
            session_token: session_token.filter(|token| !token.is_empty()),
            expires: None,
            source: String::new(),
        }
    }

    /// The public part.
    pub fn access_key_id(&self) -> &str {
        &self.access_key_id
    }

    /// When they are no longer taken.
    pub fn expires(&self) -> Option<SystemTime> {
        self.expires
    }

    /// Where they are from, for people: `profile dev, single sign-on`.
    pub fn source(&self) -> &str {
        &self.source
    }

    pub(crate) fn secret_access_key(&self) -> &str {
        &self.secret_access_key
    }

    pub(crate) fn session_token(&self) -> Option<&str> {
        self.session_token.as_deref()
    }

    fn from(mut self, source: impl Into<String>) -> Self {
        self.source = source.into();
        self
    }

    /// Those of an answer in JSON, as containers, instances and processes give them.
    fn of_json(text: &str) -> Option<Self> {
        let document: serde_json::Value = serde_json::from_str(text).ok()?;
        let field = |name: &str| document.get(name)?.as_str().map(str::to_owned);
        let token = field("SessionToken").or_else(|| field("Token"));
        let mut found = Self::new(&field("AccessKeyId")?, &field("SecretAccessKey")?, token);
        found.expires = field("Expiration").as_deref().and_then(time);
        Some(found)
    }
}

/// A time as AWS's programs write it; old ones write `UTC` for `Z`.
fn time(text: &str) -> Option<SystemTime> {
    text.replace("UTC", "Z").parse::<jiff::Timestamp>().ok().map(SystemTime::from)
}

/// Finds credentials.
///
/// # Errors
/// What is set up and fails, or that there is nothing.
pub(crate) async fn find(client: &Client) -> Result<Credentials, Error> {
    let surroundings = client.surroundings();
    let mut looked = Vec::new();
    // A profile that was asked for by name wins over variables that happen to be set.
    if surroundings.profile.is_none() {
        if let (Some(id), Some(secret)) = (
            surroundings.variable("AWS_ACCESS_KEY_ID"),
            surroundings.variable("AWS_SECRET_ACCESS_KEY"),
        ) {
            let token = surroundings.variable("AWS_SESSION_TOKEN").map(str::to_owned);
            return Ok(Credentials::new(id, secret, token).from("environment variables"));
        }
        looked.push("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (not set)".to_owned());
        if let Some(file) = surroundings.variable("AWS_WEB_IDENTITY_TOKEN_FILE")
            && let Some(role) = surroundings.variable("AWS_ROLE_ARN")
        {
            let session = surroundings.variable("AWS_ROLE_SESSION_NAME");
            let found = sts::assume_with_web_identity(client, role, session, file).await?;
            return Ok(found.from(format!("web identity as {role}")));
        }
        looked.push("AWS_WEB_IDENTITY_TOKEN_FILE (not set)".to_owned());
    }
    let profiles = profiles::Profiles::read(surroundings)?;
    let name = profiles::name(surroundings);
    if let Some(found) = profile::find(client, &profiles, name, &mut Vec::new()).await? {
        return Ok(found);
    }
    let files: Vec<String> = profiles.files.iter().map(|it| it.display().to_string()).collect();
    looked.push(format!("profile {name} in {}", files.join(" and ")));
    if surroundings.profile.is_some() || surroundings.variable("AWS_PROFILE").is_some() {
        // Somebody else's credentials are not what was asked for.
        return Err(Error::NoCredentials(looked));
    }
    if let Some(found) = container::find(client).await? {
        return Ok(found);
    }
    looked.push("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and …_FULL_URI (not set)".to_owned());
    match instance::find(client).await {
        Ok(found) => return Ok(found),
        Err(why) => looked.push(format!("instance metadata ({why})")),
    }
    Err(Error::NoCredentials(looked))
}

#[cfg(test)]
mod tests;
