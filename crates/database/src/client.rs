//! How PostgreSQL's own programs are told where to connect: by variables, since arguments can be seen by
//! everybody on the machine.

use std::io::Write as _;
use std::path::Path;

use project::DatabaseUrl;
use tempfile::NamedTempFile;

use crate::{ConnectOptions, Error, connect, sign_in, tls};

/// Files of authorities where distributions have them, for programs that do not ask the machine's store.
const AUTHORITIES: [&str; 3] =
    ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"];

/// The variables of libpq for a database, the password among them.
pub struct ClientVariables {
    /// Names and values.
    pub variables: Vec<(&'static str, String)>,
    /// The authorities that are built in, for as long as this lives.
    _authorities: Option<NamedTempFile>,
}

/// The variables of libpq for one connection now: the token or the secret that the URL asks for is fetched.
/// What the URL says of TLS and of tunnels means the same as in [`connect`](crate::connect).
///
/// # Errors
/// What AWS answers, that a name does not resolve, or that the URL contradicts itself.
pub async fn client_variables(
    url: &DatabaseUrl,
    options: &ConnectOptions,
) -> Result<ClientVariables, Error> {
    let url = &Box::pin(sign_in::located(url, &options.aws)).await?;
    let signed = Box::pin(sign_in::complete(url, &options.aws)).await?;
    let mut variables = vec![
        ("PGPORT", signed.port.to_string()),
        ("PGUSER", signed.user.clone()),
        ("PGDATABASE", signed.database.clone()),
        ("PGAPPNAME", "undrift backup".to_owned()),
        ("PGCONNECT_TIMEOUT", "30".to_owned()),
    ];
    variables.extend(signed.password.clone().map(|password| ("PGPASSWORD", password)));
    variables.extend(url.parameter("options").map(|options| ("PGOPTIONS", options.to_owned())));
    if url.is_socket() {
        variables.push(("PGHOST", url.host.clone()));
        return Ok(ClientVariables { variables, _authorities: None });
    }
    let (names, addresses): (Vec<String>, Vec<_>) =
        connect::addresses(url).await?.into_iter().unzip();
    let addresses: Vec<String> = addresses.iter().flatten().map(ToString::to_string).collect();
    variables.push(("PGHOST", names.join(",")));
    if !addresses.is_empty() {
        variables.push(("PGHOSTADDR", addresses.join(",")));
    }
    let authorities = tls_variables(url, &options.base, &mut variables)?;
    Ok(ClientVariables { variables, _authorities: authorities })
}

/// Adds what libpq is to do about TLS. Answers the file of the authorities, if one had to be made.
fn tls_variables(
    url: &DatabaseUrl,
    base: &Path,
    variables: &mut Vec<(&'static str, String)>,
) -> Result<Option<NamedTempFile>, Error> {
    let parameter = |name: &str| url.parameter(name).filter(|value| !value.is_empty());
    let path = |name: &str| parameter(name).map(|file| base.join(file).display().to_string());
    let mode = tls::libpq_mode(url)?;
    variables.push(("PGSSLMODE", mode.to_owned()));
    variables.extend(parameter("sslnegotiation").map(|how| ("PGSSLNEGOTIATION", how.to_owned())));
    let key = path("sslkey");
    // As in Prisma, `sslcert` without a key is the authority.
    let authority = match (parameter("sslrootcert"), &key) {
        (None, None) => parameter("sslcert"),
        (authority, _) => authority,
    };
    let mut made = None;
    match authority {
        None | Some("system" | "rds") if mode.starts_with("verify") => {
            let is_aws = url.endpoint().is_ok_and(|(name, _)| aws::Host::parse(name).is_some());
            let of_aws = authority == Some("rds") || authority.is_none() && is_aws;
            let of_machine = AUTHORITIES.iter().find(|it| Path::new(it).is_file());
            if of_aws {
                let of_machine = of_machine.filter(|_| authority.is_none());
                let file = built_in(of_machine.copied())?;
                variables.push(("PGSSLROOTCERT", file.path().display().to_string()));
                made = Some(file);
            } else {
                variables.extend(of_machine.map(|file| ("PGSSLROOTCERT", (*file).to_owned())));
            }
        }
        None | Some("system" | "rds") => {}
        Some(file) => variables.push(("PGSSLROOTCERT", base.join(file).display().to_string())),
    }
    match (key, path("sslidentity")) {
        (Some(key), _) => {
            variables.extend(path("sslcert").map(|file| ("PGSSLCERT", file)));
            variables.push(("PGSSLKEY", key));
        }
        (None, Some(identity)) => {
            variables.push(("PGSSLCERT", identity.clone()));
            variables.push(("PGSSLKEY", identity));
        }
        (None, None) => {}
    }
    Ok(made)
}

/// A file of the authorities of AWS, with those of another file.
fn built_in(others: Option<&str>) -> Result<NamedTempFile, Error> {
    let failed = |cause| Error::File { path: std::env::temp_dir(), cause };
    let mut file = NamedTempFile::new().map_err(failed)?;
    file.write_all(aws::authorities::pem().as_bytes()).map_err(failed)?;
    if let Some(others) = others {
        let failed = |cause| Error::File { path: others.into(), cause };
        file.write_all(&std::fs::read(others).map_err(failed)?).map_err(failed)?;
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::client_variables;
    use crate::ConnectOptions;
    use project::DatabaseUrl;

    #[track_caller]
    fn check(parameters: &str, expected: &[(&str, &str)]) {
        check_on("db.example", parameters, expected);
    }

    #[track_caller]
    fn check_on(host: &str, parameters: &str, expected: &[(&str, &str)]) {
        let url = format!("postgresql://u:p%40w@{host}:6543/app?{parameters}");
        let url = DatabaseUrl::parse(&url).unwrap();
        let options = ConnectOptions { base: "/base".into(), ..ConnectOptions::default() };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let made = runtime.block_on(client_variables(&url, &options)).unwrap();
        for (name, value) in expected {
            let found =
                made.variables.iter().find(|(it, _)| it == name).map(|(_, value)| value.as_str());
            assert_eq!(
                found,
                Some(*value).filter(|value| !value.is_empty()),
                "{parameters}: {name}"
            );
        }
    }

    #[test]
    fn a_url_is_told_as_libpq_hears_it() {
        check(
            "",
            &[
                ("PGHOST", "db.example"),
                ("PGPORT", "6543"),
                ("PGPASSWORD", "p@w"),
                ("PGSSLMODE", "prefer"),
            ],
        );
        check(
            "sslmode=require&sslaccept=strict&sslcert=ca.pem",
            &[("PGSSLMODE", "verify-full"), ("PGSSLROOTCERT", "/base/ca.pem"), ("PGSSLCERT", "")],
        );
        check(
            "sslmode=verify-ca&sslrootcert=/ca.pem&sslcert=c.pem&sslkey=k.pem",
            &[
                ("PGSSLROOTCERT", "/ca.pem"),
                ("PGSSLCERT", "/base/c.pem"),
                ("PGSSLKEY", "/base/k.pem"),
            ],
        );
    }

    #[test]
    fn hosts_of_aws_are_checked_by_what_is_built_in() {
        let host = "app.c1a2b3c4d5e6.eu-west-1.rds.amazonaws.com";
        check_on(
            host,
            "hostaddr=127.0.0.1",
            &[("PGHOST", host), ("PGHOSTADDR", "127.0.0.1"), ("PGSSLMODE", "verify-full")],
        );
        check_on(host, "sslmode=require", &[("PGSSLMODE", "require"), ("PGSSLROOTCERT", "")]);
        check_on(host, "sslrootcert=ca.pem", &[("PGSSLROOTCERT", "/base/ca.pem")]);
        check_on(
            "localhost",
            &format!("hostaddr=127.0.0.1&iam_host={host}:5432"),
            &[("PGHOST", host), ("PGPORT", "6543"), ("PGSSLMODE", "verify-full")],
        );
    }
}
