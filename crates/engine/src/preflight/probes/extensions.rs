//! Whether the extensions that migrations make can be made.

use catalog::literal;
use lint::Severity;
use serde::Deserialize;

use super::{Judged, Probe, Surroundings};
use crate::preflight::finding::PreflightFinding;
use crate::preflight::round::Answer;

pub(super) const PROBE: Probe = Probe {
    name: "extensions",
    about: "extensions that the server has not, or does not let the user make",
    question,
    judge,
};

/// An extension that is not there yet.
#[derive(Deserialize)]
struct Wanted {
    name: String,
    is_available: bool,
    /// Of RDS: names with commas between, `*` for all.
    allowed: Option<String>,
    /// Whether only a superuser may make it.
    needs_superuser: bool,
    is_superuser: bool,
}

fn question(around: &Surroundings<'_>) -> Option<String> {
    let names = &around.touched.extensions;
    if names.is_empty() {
        return None;
    }
    let names: Vec<String> = names.iter().map(|name| format!("({})", literal(name))).collect();
    let needs =
        if around.server.major_version() >= 13 { "superuser AND NOT trusted" } else { "superuser" };
    Some(format!(
        "SELECT name, available.name IS NOT NULL AS is_available,
             nullif(current_setting('rds.allowed_extensions', true), '') AS allowed,
             coalesce((SELECT bool_and({needs}) FROM pg_available_extension_versions AS versions
                       WHERE versions.name = wanted.name
                         AND versions.version = available.default_version), false) AS needs_superuser,
             current_setting('is_superuser') = 'on' AS is_superuser
         FROM (VALUES {}) AS wanted(name) LEFT JOIN pg_available_extensions AS available USING (name)
         WHERE available.installed_version IS NULL ORDER BY name",
        names.join(", ")
    ))
}

fn judge(around: &Surroundings<'_>, answer: &Answer) -> Judged {
    let found = answer.rows::<Wanted>()?.into_iter().filter_map(|wanted| {
        let Wanted { name, is_available, allowed, needs_superuser, is_superuser } = wanted;
        let effect = "The migration that makes it fails";
        let is_allowed = allowed.is_none_or(|allowed| {
            allowed.trim() == "*" || allowed.split(',').any(|it| it.trim() == name)
        });
        if !is_available {
            let command = if around.is_managed {
                "SHOW rds.extensions; -- what this version of RDS offers".to_owned()
            } else {
                format!(
                    "apt-get install postgresql-{}-{}   # on the server; or leave the extension out",
                    around.server.major_version(),
                    name.replace('_', "-")
                )
            };
            let cause = format!("the server has no extension {name}");
            return Some(PreflightFinding::new("extension-unavailable", Severity::Error, cause, effect, command));
        }
        if !is_allowed {
            let cause = format!("the parameter rds.allowed_extensions does not name {name}");
            let command = format!(
                "aws rds modify-db-parameter-group --db-parameter-group-name GROUP --parameters \
                 \"ParameterName=rds.allowed_extensions,ParameterValue='…,{name}',ApplyMethod=immediate\""
            );
            return Some(PreflightFinding::new("extension-not-allowed", Severity::Error, cause, effect, command));
        }
        // On RDS, rds_superuser makes what elsewhere only a superuser does.
        (needs_superuser && !is_superuser && !around.is_managed).then(|| {
            let cause = format!("only a superuser can make extension {name}");
            let command = format!("CREATE EXTENSION {}; -- as a superuser, beforehand", catalog::quoted(&name));
            PreflightFinding::new("extension-needs-superuser", Severity::Error, cause, effect, command)
        })
    });
    Ok(found.collect())
}
