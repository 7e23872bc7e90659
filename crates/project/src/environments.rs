//! Which databases there are, and what may be done to them: `[environments]` in `undrift.toml`.
//!
//! ```toml
//! [environments.staging]
//! url = "postgresql://db.example:5432/app"   # without a password; or: variable = "STAGING_URL"
//! class = "staging"                          # local, dev, staging, production
//! backup = "snapshot"                        # what a deploy keeps first: snapshot, point-in-time, dump,
//!                                            # dump-touched, rows
//! instance = "app-1"                         # of RDS, where the host does not tell it
//! protected = false                          # true: nothing destructive, whatever the class
//! allow = ["reset"]                          # what staging allows of: reset, push-with-loss, rollback;
//!                                            # rollback counts in every class, protected or not
//! lock_timeout = "5s"                        # how a deploy waits; each has its default by the class
//! lock_retries = 10
//! statement_timeout = "15min"
//! reconnect_timeout = "3min"
//! auth = "iam"                               # how to sign in; each may stand in the URL as well
//! iam_host = "app.x1.eu-west-1.rds.amazonaws.com" # of auth: the endpoint behind a tunnel or a CNAME
//! region = "eu-west-1"                       # where the host does not tell it
//! profile = "deploy"                         # of ~/.aws
//! secret = "arn:aws:secretsmanager:…"        # user and password are in Secrets Manager
//! ```
//!
//! A database that no environment names is local on loopback and sockets, and production elsewhere.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;
use serde::de::IgnoredAny;
use toml::Spanned;

use crate::duration::written;
use crate::undrift_toml::{FILE, Tables, UndriftToml};
use crate::{BackupKind, DatabaseUrl, EnvironmentClass, Error};

/// What sort of database it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// On this machine.
    Local,
    /// Of one developer or one branch: may be thrown away.
    Dev,
    /// Like production; allows what is listed.
    Staging,
    /// Allows nothing destructive.
    Production,
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Local => "local",
            Self::Dev => "dev",
            Self::Staging => "staging",
            Self::Production => "production",
        })
    }
}

/// Something that destroys data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// Dropping all and applying the migrations anew.
    Reset,
    /// `db push`, or `migrate dev`, that loses rows or values.
    PushWithLoss,
    /// Taking applied migrations back.
    Rollback,
}

impl Action {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Reset, Self::PushWithLoss, Self::Rollback];
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Reset => "reset",
            Self::PushWithLoss => "push-with-loss",
            Self::Rollback => "rollback",
        })
    }
}

/// How a deploy waits; what is not said is decided elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Waiting {
    /// How long a statement may wait for a lock on a table; zero for ever.
    pub lock_timeout: Option<Duration>,
    /// How often that is tried again.
    pub lock_retries: Option<u32>,
    /// How long a statement may run; zero for ever.
    pub statement_timeout: Option<Duration>,
    /// How long a server may be away before a lost connection is an error; zero: at once.
    pub reconnect_timeout: Option<Duration>,
}

impl Waiting {
    /// What this says, and where it says nothing, the other one.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            lock_timeout: self.lock_timeout.or(other.lock_timeout),
            lock_retries: self.lock_retries.or(other.lock_retries),
            statement_timeout: self.statement_timeout.or(other.statement_timeout),
            reconnect_timeout: self.reconnect_timeout.or(other.reconnect_timeout),
        }
    }
}

/// What is known of one database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Environment {
    /// The name in the file; none if the file does not name this database.
    pub name: Option<String>,
    /// What sort of database it is.
    pub class: Class,
    /// Whether nothing destructive is allowed, whatever the class.
    pub protected: bool,
    /// What staging allows.
    pub allow: Vec<Action>,
    /// How a deploy waits, as far as the file says.
    pub waiting: Waiting,
    /// What a deploy keeps before it changes anything.
    pub backup: Option<BackupKind>,
    /// The instance or cluster of RDS that it is, where the host does not tell.
    pub instance: Option<String>,
    /// The line that would have to be changed, as `undrift.toml:3`; the file alone if it has none yet.
    pub place: String,
}

impl Environment {
    /// Whether an action is allowed. Production allows none, and no flag changes that; but migrations
    /// may be taken back wherever the file says so, for that is what an emergency asks for.
    pub fn allows(&self, action: Action) -> bool {
        if action == Action::Rollback && self.allow.contains(&action) {
            return true;
        }
        if self.protected {
            return false;
        }
        match self.class {
            Class::Local | Class::Dev => true,
            Class::Staging => self.allow.contains(&action),
            Class::Production => false,
        }
    }
}

/// The environments of a project.
#[derive(Debug, Clone, Default)]
pub struct Environments {
    path: Option<PathBuf>,
    shown: String,
    entries: Vec<Named>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    url: Option<Spanned<String>>,
    variable: Option<String>,
    class: Option<Spanned<Class>>,
    protected: Option<Spanned<bool>>,
    backup: Option<BackupKind>,
    instance: Option<String>,
    #[serde(default)]
    allow: Vec<Action>,
    #[serde(default, deserialize_with = "written")]
    lock_timeout: Option<Duration>,
    lock_retries: Option<u32>,
    #[serde(default, deserialize_with = "written")]
    statement_timeout: Option<Duration>,
    #[serde(default, deserialize_with = "written")]
    reconnect_timeout: Option<Duration>,
    auth: Option<String>,
    iam_host: Option<String>,
    region: Option<String>,
    profile: Option<String>,
    secret: Option<String>,
}

impl Written {
    /// The URL with what the file says on signing in.
    fn signed(&self, url: DatabaseUrl) -> DatabaseUrl {
        let Self { auth, iam_host, region, profile, secret, .. } = self;
        let all = [auth, iam_host, region, profile, secret];
        SIGN_IN.iter().zip(all).fold(url, |url, (name, value)| match value {
            Some(value) => url.with_parameter(name, value),
            None => url,
        })
    }
}

/// What an environment and a URL say in the same words on signing in.
const SIGN_IN: [&str; 5] = ["auth", "iam_host", "region", "profile", "secret"];

/// An environment that the file names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// What it is.
    pub environment: Environment,
    /// Its database; none if the variable is not set.
    pub url: Option<DatabaseUrl>,
    /// The variable that holds the URL, if one does.
    pub variable: Option<String>,
}

impl Environments {
    /// The environments of the file, by name.
    pub fn named(&self) -> impl Iterator<Item = &Named> {
        self.entries.iter()
    }

    /// The URL with what the environment of the same database says on signing in.
    #[must_use]
    pub fn signed(&self, url: &DatabaseUrl) -> DatabaseUrl {
        let same = self.entries.iter().filter_map(|entry| entry.url.as_ref());
        same.filter(|named| is_same_database(named, url)).fold(url.clone(), |url, named| {
            SIGN_IN.iter().fold(url, |url, name| match named.parameter(name) {
                Some(value) => url.with_parameter(name, value),
                None => url,
            })
        })
    }
}

impl Environments {
    /// Reads `undrift.toml`, in this folder or the nearest one above; without it there are none.
    ///
    /// # Errors
    /// When the file cannot be read or says something that it cannot say: what protects a database
    /// must not be passed over.
    pub fn read(
        current_directory: &Path,
        variables: &BTreeMap<String, String>,
    ) -> Result<Self, Error> {
        let Some(file) = UndriftToml::find(current_directory)? else {
            return Ok(Self { shown: FILE.to_owned(), ..Self::default() });
        };
        let tables: Tables<BTreeMap<Spanned<String>, Written>, IgnoredAny> = file.parse()?;
        let mut entries = Vec::new();
        for (name, written) in tables.environments.unwrap_or_default() {
            let Written { url, variable, class, protected, backup, instance, allow, .. } = &written;
            let waiting = Waiting {
                lock_timeout: written.lock_timeout,
                lock_retries: written.lock_retries,
                statement_timeout: written.statement_timeout,
                reconnect_timeout: written.reconnect_timeout,
            };
            let url = match (url, variable) {
                (Some(url), None) => Some(url.get_ref().clone()),
                // Of a variable that is not set nothing can be said, and nothing need be: the default
                // is the safe answer.
                (None, Some(variable)) => variables.get(variable).cloned(),
                (Some(_), Some(_)) | (None, None) => {
                    let problem =
                        format!("environment {} needs either url or variable", name.get_ref());
                    return Err(file.malformed(name.span().start, &problem));
                }
            };
            let url = match url.filter(|url| !url.is_empty()) {
                Some(url) => Some(written.signed(DatabaseUrl::parse(&url)?)),
                None => None,
            };
            let is_protected = protected.as_ref().is_some_and(|protected| *protected.get_ref());
            let decisive = match (protected, class) {
                (Some(protected), _) if is_protected => protected.span().start,
                (_, Some(class)) => class.span().start,
                _ => name.span().start,
            };
            let local = url.as_ref().map(DatabaseUrl::environment_class);
            let environment = Environment {
                name: Some(name.get_ref().clone()),
                class: class
                    .as_ref()
                    .map_or_else(|| class_of_address(local), |class| *class.get_ref()),
                protected: is_protected,
                allow: allow.clone(),
                waiting,
                backup: *backup,
                instance: instance.clone(),
                place: file.line(decisive),
            };
            entries.push(Named { environment, url, variable: variable.clone() });
        }
        Ok(Self { path: Some(file.path), shown: file.shown, entries })
    }

    /// The file, if there is one.
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// What is known of a database. Of several environments that name it, the strictest counts.
    pub fn class_of(&self, url: &DatabaseUrl) -> Environment {
        let named = self
            .entries
            .iter()
            .filter(|entry| entry.url.as_ref().is_some_and(|named| is_same_database(named, url)));
        let strictness = |environment: &Environment| match environment {
            Environment { protected: true, .. } => 4,
            Environment { class: Class::Production, .. } => 3,
            Environment { class: Class::Staging, .. } => 2,
            Environment { class: Class::Dev, .. } => 1,
            Environment { class: Class::Local, .. } => 0,
        };
        let strictest =
            named.map(|entry| &entry.environment).max_by_key(|environment| strictness(environment));
        strictest.cloned().unwrap_or_else(|| Environment {
            name: None,
            class: class_of_address(Some(url.environment_class())),
            protected: false,
            allow: Vec::new(),
            waiting: Waiting::default(),
            backup: None,
            instance: None,
            place: self.shown.clone(),
        })
    }
}

/// What an address tells of a database of which nothing else is known.
fn class_of_address(address: Option<EnvironmentClass>) -> Class {
    match address {
        Some(EnvironmentClass::Local) => Class::Local,
        Some(EnvironmentClass::Production) | None => Class::Production,
    }
}

/// Whether two URLs lead to one database, whoever connects. The names of this machine are one: where a
/// tunnel leads is not in them.
fn is_same_database(one: &DatabaseUrl, other: &DatabaseUrl) -> bool {
    let is_here = |url: &DatabaseUrl| url.host.split(',').all(crate::url::is_local);
    let is_same_host = one.host.eq_ignore_ascii_case(&other.host) || is_here(one) && is_here(other);
    // Before it is asked, a secret does not tell its host.
    let secret = |url: &DatabaseUrl| url.parameter("secret").map(str::to_owned);
    let is_same_secret = one.host.is_empty() && secret(one) == secret(other);
    is_same_secret || is_same_host && one.port == other.port && one.database == other.database
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Action, Class, Environment, Environments};
    use crate::DatabaseUrl;

    fn class(file: &str, url: &str) -> Environment {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("undrift.toml"), file).unwrap();
        let variables =
            BTreeMap::from([("STAGING".to_owned(), "postgres://u:p@s.example/app".to_owned())]);
        let environments = Environments::read(folder.path(), &variables).unwrap();
        environments.class_of(&DatabaseUrl::parse(url).unwrap())
    }

    #[test]
    fn without_a_file_the_address_decides() {
        let environments =
            Environments::read(tempfile::tempdir().unwrap().path(), &BTreeMap::new()).unwrap();
        let class = |url| environments.class_of(&DatabaseUrl::parse(url).unwrap()).class;
        assert_eq!(class("postgres://u@127.0.0.1/app"), Class::Local);
        assert_eq!(class("postgres://u@x.rds.amazonaws.com/app"), Class::Production);
    }

    #[test]
    fn the_file_decides_for_the_databases_that_it_names() {
        let file = "[environments.branch]\nurl = \"postgres://db.example:5432/app\"\nclass = \"dev\"\n\
                    [environments.staging]\nvariable = \"STAGING\"\nclass = \"staging\"\nallow = [\"reset\"]\n";
        let branch = class(file, "postgres://other:secret@DB.example/app");
        assert_eq!((branch.class, branch.place.as_str()), (Class::Dev, "undrift.toml:3"));
        assert!(branch.allows(Action::Reset));
        let staging = class(file, "postgres://u@s.example/app");
        assert!(staging.allows(Action::Reset) && !staging.allows(Action::PushWithLoss));
        // Another database on the same server is not named.
        assert_eq!(class(file, "postgres://db.example/prod").class, Class::Production);
    }

    #[test]
    fn protection_wins_and_its_line_is_named() {
        let file = "[environments.mine]\nurl = \"postgres://localhost/app\"\nclass = \"local\"\nprotected = true\n";
        let mine = class(file, "postgres://me@127.0.0.1/app?host=/tmp");
        assert!(!mine.allows(Action::Reset));
        assert_eq!(mine.place, "undrift.toml:4");
    }

    #[test]
    fn how_a_deploy_waits_is_said_for_each_database() {
        let file = "[environments.a]\nurl = \"postgres://a/d\"\nlock_timeout = \"500ms\"\nlock_retries = 3\n";
        let waiting = class(file, "postgres://a/d").waiting;
        assert_eq!(waiting.lock_timeout, Some(std::time::Duration::from_millis(500)));
        assert_eq!((waiting.lock_retries, waiting.statement_timeout), (Some(3), None));
        assert_eq!(class(file, "postgres://b/d").waiting, super::Waiting::default());
    }

    #[test]
    fn how_to_sign_in_is_said_for_each_database() {
        let folder = tempfile::tempdir().unwrap();
        let file = "[environments.a]\nurl = \"postgres://u@localhost:6000/d\"\nauth = \"iam\"\n\
                    iam_host = \"a.c1.eu-west-1.rds.amazonaws.com\"\n\
                    [environments.b]\nurl = \"aws-secretsmanager:b\"\nclass = \"dev\"\n";
        std::fs::write(folder.path().join("undrift.toml"), file).unwrap();
        let environments = Environments::read(folder.path(), &BTreeMap::new()).unwrap();
        let signed = |url| environments.signed(&DatabaseUrl::parse(url).unwrap());
        let tunnel = signed("postgres://u@127.0.0.1:6000/d");
        assert_eq!(tunnel.parameter("auth"), Some("iam"));
        assert_eq!(environments.class_of(&tunnel).class, Class::Production);
        assert_eq!(signed("postgres://u@127.0.0.1:6001/d").parameter("auth"), None);
        let found = DatabaseUrl::parse("postgres://h/d?secret=b").unwrap();
        assert_eq!(environments.class_of(&found).class, Class::Dev);
    }

    #[test]
    fn a_file_with_a_mistake_is_refused() {
        for file in [
            "[environments.a]\nurl = \"postgres://h/d\"\nlock_timeout = \"5\"\n",
            "[environments.a]\nurl = \"postgres://h/d\"\nclas = \"dev\"\n",
            "[environments.a]\nclass = \"dev\"\n",
            "[environments.a]\nurl = \"postgres://h/d\"\nclass = \"test\"\n",
        ] {
            let folder = tempfile::tempdir().unwrap();
            std::fs::write(folder.path().join("undrift.toml"), file).unwrap();
            assert!(Environments::read(folder.path(), &BTreeMap::new()).is_err(), "{file}");
        }
    }
}
