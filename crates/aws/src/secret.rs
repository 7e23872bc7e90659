//! A database's sign-in, kept in Secrets Manager.

use std::fmt;

use serde::Deserialize;

use crate::{Client, Error, Service};

/// What the secret of a database holds, in the form of RDS; RDS's own have user and password only.
#[derive(Clone, PartialEq, Eq, Deserialize)]
pub struct Secret {
    /// The user.
    pub username: Option<String>,
    /// The password.
    pub password: Option<String>,
    /// The endpoint.
    pub host: Option<String>,
    /// The port.
    #[serde(default, deserialize_with = "port")]
    pub port: Option<u16>,
    /// The database.
    #[serde(alias = "dbName", alias = "database")]
    pub dbname: Option<String>,
    /// `postgres`.
    pub engine: Option<String>,
    /// A whole URL, where somebody keeps that.
    #[serde(alias = "DATABASE_URL")]
    pub url: Option<String>,
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// A port is written as a number by some and as a text by others.
fn port<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<u16>, D::Error> {
    let value = Option::<serde_json::Value>::deserialize(deserializer)?;
    Ok(match value {
        Some(serde_json::Value::Number(number)) => {
            number.as_u64().and_then(|it| it.try_into().ok())
        }
        Some(serde_json::Value::String(text)) => text.parse().ok(),
        _ => None,
    })
}

impl Client {
    /// Fetches a secret by its name or ARN, from the region of the ARN.
    ///
    /// # Errors
    /// What AWS answers, or that the secret is not one of a database.
    pub async fn secret(&self, id: &str) -> Result<Secret, Error> {
        let client = match id.strip_prefix("arn:").and_then(|arn| arn.split(':').nth(2)) {
            Some(region) if !region.is_empty() => self.in_region(region),
            _ => self.clone(),
        };
        let action = "GetSecretValue";
        let request = serde_json::json!({ "SecretId": id });
        let answer = client.call_json(Service::SecretsManager, action, &request).await?;
        let odd = |problem: &str| Error::Answer {
            action: format!("secretsmanager:{action}"),
            problem: format!("the secret {id} {problem}"),
        };
        let text = answer.get("SecretString").and_then(serde_json::Value::as_str);
        let text = text.ok_or_else(|| odd("holds bytes, not the JSON of a database's sign-in"))?;
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            let nothing: Secret = serde_json::from_str("{}").map_err(|_| odd("is empty"))?;
            return Ok(Secret { url: Some(text.to_owned()), ..nothing });
        }
        // The error of the JSON's reader would show what it read.
        serde_json::from_str(text)
            .map_err(|_| odd("is not JSON with username, password, host, port and dbname"))
    }
}
