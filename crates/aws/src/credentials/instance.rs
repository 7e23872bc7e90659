//! The credentials of the role of an EC2 instance, by its metadata service, version 2.

use std::time::Duration;

use super::Credentials;
use crate::Client;
use crate::http::{Request, Response};

/// Elsewhere nobody answers, and that must not take long.
const PATIENCE: Duration = Duration::from_secs(1);

/// Credentials, or why there are none.
pub(super) async fn find(client: &Client) -> Result<Credentials, String> {
    let surroundings = client.surroundings();
    if surroundings.is_true("AWS_EC2_METADATA_DISABLED") {
        return Err("AWS_EC2_METADATA_DISABLED".to_owned());
    }
    let endpoint = surroundings.variable("AWS_EC2_METADATA_SERVICE_ENDPOINT");
    let endpoint = endpoint.unwrap_or("http://169.254.169.254").trim_end_matches('/');
    let token = Request {
        method: "PUT",
        url: format!("{endpoint}/latest/api/token"),
        headers: vec![("x-aws-ec2-metadata-token-ttl-seconds".to_owned(), "300".to_owned())],
        body: Vec::new(),
        timeout: PATIENCE,
    };
    let token = ask(client, token).await?;
    let headers = [("x-aws-ec2-metadata-token", token.as_str())];
    let folder = format!("{endpoint}/latest/meta-data/iam/security-credentials/");
    let roles = ask(client, Request::get(folder.clone(), &headers, PATIENCE)).await?;
    let role = roles.lines().next().ok_or("the instance has no role")?;
    let answer = ask(client, Request::get(format!("{folder}{role}"), &headers, PATIENCE)).await?;
    let found = Credentials::of_json(&answer).ok_or("the answer holds no credentials")?;
    Ok(found.from(format!("the instance's role {role}")))
}

async fn ask(client: &Client, request: Request) -> Result<String, String> {
    match client.http.send(request).await {
        Ok(Response { status: 200, body }) => Ok(body),
        Ok(Response { status, .. }) => Err(format!("status {status}")),
        Err(_) => Err("not on an instance".to_owned()),
    }
}
