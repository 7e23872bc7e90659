//! Whether a pool of connections stands between us and the server, which gives each transaction another
//! one: then a lock may stay behind on a connection that is somebody else's by now.
//!
//! Names tell of those that are services. Behaviour tells of all: two connections that are open at once
//! and lead to one process of the server are not two. Of a server that is one process, as the embedded one
//! is, that says nothing.

use std::collections::BTreeSet;
use std::fmt;

use serde::Serialize;

use crate::{Error, Session};

/// What stands between.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pooler {
    /// RDS Proxy.
    RdsProxy,
    /// Supabase's, in transaction mode.
    Supabase,
    /// Neon's.
    Neon,
    /// PgBouncer or its like, in transaction mode.
    Transactions,
}

impl fmt::Display for Pooler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::RdsProxy => "an RDS Proxy",
            Self::Supabase => "Supabase's pooler in transaction mode",
            Self::Neon => "Neon's pooler",
            Self::Transactions => "a pooler in transaction mode, such as PgBouncer",
        })
    }
}

impl Pooler {
    /// What it is, in words.
    pub fn text(self) -> String {
        self.to_string()
    }
}

/// What the address tells.
pub(crate) fn by_name(host: &str, port: u16) -> Option<Pooler> {
    let host = host.to_ascii_lowercase();
    if aws::Host::parse(&host).is_some_and(|host| host.is_proxy()) {
        return Some(Pooler::RdsProxy);
    }
    let is_supabase = host.ends_with(".pooler.supabase.com") || host.ends_with(".supabase.co");
    if is_supabase && port == 6543 {
        return Some(Pooler::Supabase);
    }
    let first = host.split('.').next().unwrap_or_default();
    (host.ends_with(".neon.tech") && first.ends_with("-pooler")).then_some(Pooler::Neon)
}

/// Finds out what stands between, by its name and by what it does; none where nothing is seen.
///
/// # Errors
/// When the connection breaks. That no second one can be opened is no answer.
pub async fn pooler(session: &Session) -> Result<Option<Pooler>, Error> {
    let route = session.route();
    let url = &route.url;
    let (host, port) = url.endpoint().unwrap_or((&url.host, url.port));
    if let Some(pooler) = by_name(host, port) {
        return Ok(Some(pooler));
    }
    if url.is_socket() {
        return Ok(None);
    }
    let Some(first) = process(session).await? else { return Ok(None) };
    let Ok(twin) = crate::connect::connect_silently(url, &route.options).await else {
        return Ok(None);
    };
    // A pool takes the connection that was given back last: then both have one. Others take them in turn:
    // then ours changes, if it is asked twice in a row, whatever their number is.
    let (mut ours, mut theirs) = (BTreeSet::from([first]), BTreeSet::new());
    for _ in 0..2 {
        for (session, seen) in [(session, &mut ours), (&twin, &mut theirs)] {
            seen.extend(process(session).await?);
            seen.extend(process(session).await?);
        }
    }
    let is_pooled = ours.len() > 1 || theirs.len() > 1 || !ours.is_disjoint(&theirs);
    Ok(is_pooled.then_some(Pooler::Transactions))
}

/// The process of the server that answers; none where there is but one for everybody.
async fn process(session: &Session) -> Result<Option<String>, Error> {
    let question = "SELECT pid FROM pg_catalog.pg_stat_activity
                    WHERE pid = pg_catalog.pg_backend_pid() AND backend_type <> 'standalone backend'";
    let rows = session.rows("asking which process answers", question).await?;
    Ok(rows.first().and_then(|row| row.get(0)).map(str::to_owned))
}

/// Where to go instead, as far as the address tells.
pub(crate) fn direct(pooler: Pooler, host: &str) -> String {
    match pooler {
        Pooler::Supabase => {
            format!("use session mode for migrations: directUrl with {host}:5432")
        }
        Pooler::Neon => {
            format!("use the direct host for migrations: directUrl with {}", host.replacen("-pooler", "", 1))
        }
        Pooler::RdsProxy | Pooler::Transactions => {
            "give the server's own address for migrations: directUrl beside url in the schema, or --url"
                .to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Pooler, by_name, direct};

    #[test]
    fn services_are_known_by_name() {
        for (host, port, expected) in [
            ("app.proxy-c1.eu-west-1.rds.amazonaws.com", 5432, Some(Pooler::RdsProxy)),
            ("aws-0-eu-west-1.pooler.supabase.com", 6543, Some(Pooler::Supabase)),
            ("aws-0-eu-west-1.pooler.supabase.com", 5432, None),
            ("ep-a-b-123-pooler.eu-central-1.aws.neon.tech", 5432, Some(Pooler::Neon)),
            ("ep-a-b-123.eu-central-1.aws.neon.tech", 5432, None),
            ("127.0.0.1", 6432, None),
        ] {
            assert_eq!(by_name(host, port), expected, "{host}");
        }
        assert!(direct(Pooler::Neon, "ep-a-pooler.x.neon.tech").ends_with(" ep-a.x.neon.tech"));
    }
}
