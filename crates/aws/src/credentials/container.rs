//! The credentials that ECS, Fargate, CloudShell and EKS Pod Identity give to a container.

use std::time::Duration;

use super::Credentials;
use crate::http::Request;
use crate::{Client, Error};

/// Credentials, where the container's variables say where to ask; none elsewhere.
pub(super) async fn find(client: &Client) -> Result<Option<Credentials>, Error> {
    let surroundings = client.surroundings();
    let relative = surroundings.variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
    let url = match (relative, surroundings.variable("AWS_CONTAINER_CREDENTIALS_FULL_URI")) {
        (Some(path), _) => format!("http://169.254.170.2{path}"),
        (None, Some(url)) => url.to_owned(),
        (None, None) => return Ok(None),
    };
    let failed = |problem: String| Error::Credentials {
        source_name: format!("the container's {url}"),
        problem,
        next: "see the task's role, or the pod identity of the service account".to_owned(),
    };
    let host = crate::http::host(&url);
    let name = if host.starts_with('[') { host } else { host.split(':').next().unwrap_or(host) };
    let is_near = url.starts_with("https://")
        || ["169.254.170.2", "169.254.170.23", "127.0.0.1", "localhost", "[fd00:ec2::23]"]
            .contains(&name);
    if !is_near {
        return Err(failed("the address is neither the container's own nor https".to_owned()));
    }
    let token = match surroundings.variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE") {
        Some(file) => Some(
            std::fs::read_to_string(file).map_err(|error| failed(format!("{file}: {error}")))?,
        ),
        None => surroundings.variable("AWS_CONTAINER_AUTHORIZATION_TOKEN").map(str::to_owned),
    };
    let headers: Vec<(&str, &str)> =
        token.iter().map(|token| ("authorization", token.trim())).collect();
    let answer = client
        .trying("asking for the container's credentials", &url, async || {
            Ok(Request::get(url.clone(), &headers, Duration::from_secs(5)))
        })
        .await
        .map_err(|error| failed(error.to_string()))?;
    let found = Credentials::of_json(&answer.body);
    let found = found.ok_or_else(|| failed("the answer holds no credentials".to_owned()))?;
    Ok(Some(found.from("the container's role")))
}
