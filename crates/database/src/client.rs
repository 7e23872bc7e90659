//! How PostgreSQL's own programs are told where to connect: by variables, since arguments can be seen by
//! everybody on the machine.

use std::path::Path;

use project::DatabaseUrl;

/// Files of authorities where distributions have them, for programs that do not ask the machine's store.
const AUTHORITIES: [&str; 3] =
    ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"];

/// The variables of libpq for a URL, the password among them; relative paths of the URL start at `base`.
/// What the URL says of TLS means the same as in [`connect`](crate::connect).
pub fn client_variables(url: &DatabaseUrl, base: &Path) -> Vec<(&'static str, String)> {
    let parameter = |name: &str| url.parameter(name).filter(|value| !value.is_empty());
    let path = |name: &str| parameter(name).map(|file| base.join(file).display().to_string());
    let mut variables = vec![
        ("PGHOST", url.host.clone()),
        ("PGPORT", url.port.to_string()),
        ("PGUSER", url.user.clone()),
        ("PGDATABASE", url.database.clone()),
        ("PGAPPNAME", "undrift backup".to_owned()),
        ("PGCONNECT_TIMEOUT", "30".to_owned()),
    ];
    variables.extend(url.password.clone().map(|password| ("PGPASSWORD", password)));
    variables.extend(parameter("hostaddr").map(|address| ("PGHOSTADDR", address.to_owned())));
    variables.extend(parameter("options").map(|options| ("PGOPTIONS", options.to_owned())));
    if url.is_socket() {
        return variables;
    }
    let is_strict = parameter("sslaccept") == Some("strict");
    let mode = match parameter("sslmode").unwrap_or("prefer") {
        "prefer" | "allow" | "require" if is_strict => "verify-full",
        mode => mode,
    };
    variables.push(("PGSSLMODE", mode.to_owned()));
    let key = path("sslkey");
    // As in Prisma, `sslcert` without a key is the authority.
    let authority = match (path("sslrootcert"), &key) {
        (Some(authority), _) => Some(authority),
        (None, None) => path("sslcert"),
        (None, Some(_)) => None,
    };
    let is_checked = mode.starts_with("verify");
    let of_machine =
        || AUTHORITIES.iter().find(|it| Path::new(it).is_file()).map(|it| (*it).to_owned());
    let authority = match parameter("sslrootcert") {
        Some("system") => of_machine(),
        _ if is_checked => authority.or_else(of_machine),
        _ => authority,
    };
    variables.extend(authority.map(|file| ("PGSSLROOTCERT", file)));
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
    variables
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::client_variables;
    use project::DatabaseUrl;

    #[track_caller]
    fn check(parameters: &str, expected: &[(&str, &str)]) {
        let url = format!("postgresql://u:p%40w@db.example:6543/app?{parameters}");
        let url = DatabaseUrl::parse(&url).unwrap();
        let variables = client_variables(&url, Path::new("/base"));
        for (name, value) in expected {
            let found =
                variables.iter().find(|(it, _)| it == name).map(|(_, value)| value.as_str());
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
}
