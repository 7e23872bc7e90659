//! The program that a profile names to ask for credentials.

use super::Credentials;
use crate::Client;

/// Runs it as AWS's own programs do: by the shell, with the same variables.
pub(super) async fn run(command: &str, client: &Client) -> Result<Credentials, String> {
    let (shell, flag) = if cfg!(windows) { ("cmd", "/C") } else { ("sh", "-c") };
    let output = tokio::process::Command::new(shell)
        .arg(flag)
        .arg(command)
        .env_clear()
        .envs(&client.surroundings().variables)
        .stdin(std::process::Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .map_err(|error| format!("running credential_process: {error}"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let last = said.lines().last().unwrap_or_default();
        return Err(format!("credential_process ended with {}: {last}", output.status));
    }
    let found = Credentials::of_json(&String::from_utf8_lossy(&output.stdout));
    found.ok_or_else(|| "credential_process printed no credentials in JSON".to_owned())
}
