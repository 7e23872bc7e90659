//! What the migrations make: replayed on a shadow database, or remembered from last time.
//!
//! The shadow is, in this order: the database that the project names; a private cluster from the
//! machine's own PostgreSQL programs, of the target's major version if there is a choice; the
//! PostgreSQL inside the binary. Nothing is ever made on the target server.

use std::path::{Path, PathBuf};

use catalog::Catalog;
use database::cache::{self, Basis, Key};
use database::{Error as DatabaseError, Session};
use project::{DatabaseUrl, Migration, Project};
use server::Server;

use crate::{Error, Progress, Settings, datasource};

/// The migrations to replay.
#[derive(Clone, Copy)]
pub(crate) struct Histories<'a> {
    /// Those that are applied.
    pub(crate) applied: &'a [Migration],
    /// All.
    pub(crate) all: &'a [Migration],
}

/// What they make.
pub(crate) struct Replayed {
    /// Those that are applied.
    pub(crate) applied: Catalog,
    /// All; a pending one may be impossible to replay.
    pub(crate) all: Result<Catalog, Error>,
}

/// Where and how to replay.
#[derive(Clone)]
pub(crate) struct Shadow<'a> {
    pub(crate) settings: &'a Settings,
    /// The database to use, if the project or a flag names one.
    pub(crate) url: Option<DatabaseUrl>,
    /// The schemas to look at afterwards.
    pub(crate) schemas: Vec<String>,
    /// The target server's major version, if there is a target.
    pub(crate) major: Option<u32>,
    /// The target itself: the roles it has, a shadow of ours gets, too.
    pub(crate) target: Option<&'a Session>,
    /// Whether the catalogs must say what needs what.
    pub(crate) with_dependencies: bool,
}

impl<'a> Shadow<'a> {
    /// The shadow of a project's database.
    pub(crate) fn of(
        project: &Project,
        settings: &'a Settings,
        schemas: Vec<String>,
        target: &'a Session,
    ) -> Result<Self, Error> {
        let major = Some(target.server().major_version());
        let url = match &project.shadow_database_url {
            Some(url) => Some(DatabaseUrl::parse(&url.value).map_err(project::Error::from)?),
            None => None,
        };
        Ok(Self { settings, url, schemas, major, target: Some(target), with_dependencies: false })
    }

    /// A shadow for what no database is asked about.
    pub(crate) fn without_target(
        project: &Project,
        settings: &'a Settings,
        schemas: Vec<String>,
    ) -> Result<Self, Error> {
        let url = match &project.shadow_database_url {
            Some(url) => Some(DatabaseUrl::parse(&url.value).map_err(project::Error::from)?),
            None => None,
        };
        Ok(Self { settings, url, schemas, major: None, target: None, with_dependencies: false })
    }

    /// The same shadow, whose catalogs say what needs what.
    pub(crate) fn fully(&self) -> Self {
        Self { with_dependencies: true, ..self.clone() }
    }

    /// Returns what the migrations make.
    pub(crate) async fn catalog(
        &self,
        migrations: &[Migration],
        progress: &mut dyn Progress,
    ) -> Result<Catalog, Error> {
        let histories = Histories { applied: migrations, all: migrations };
        self.catalogs(histories, progress).await?.all
    }

    /// Returns what the applied migrations make, and what all make. Where the applied ones are the
    /// first of all, one replay answers both.
    pub(crate) async fn catalogs(
        &self,
        histories: Histories<'_>,
        progress: &mut dyn Progress,
    ) -> Result<Replayed, Error> {
        let Histories { applied, all } = histories;
        if let (Some(applied), Some(all)) = (self.recall(applied), self.recall(all)) {
            return Ok(Replayed { applied, all: Ok(all) });
        }
        progress.busy("replaying the migrations on a shadow database");
        let mut best = Err(Error::NoShadow);
        for place in self.places() {
            best = Box::pin(self.replay(&place, histories)).await;
            let error = match &best {
                Ok(replayed) => replayed.all.as_ref().err(),
                Err(error) => Some(error),
            };
            // Another PostgreSQL may have what this one lacks.
            if !error.is_some_and(lacks_extension) {
                break;
            }
        }
        if let Ok(replayed) = &best {
            self.remember(applied, &replayed.applied);
            if let Ok(catalog) = &replayed.all {
                self.remember(all, catalog);
            }
        }
        best
    }

    /// Where the migrations can be replayed, best first.
    fn places(&self) -> Vec<Place> {
        if let Some(url) = &self.url {
            return vec![Place::Url(url.clone())];
        }
        let programs = self.settings.server_programs();
        let mut places = Vec::new();
        places
            .extend(server::programs::choose(&programs, self.major).cloned().map(Place::Programs));
        #[cfg(feature = "embedded")]
        places.push(Place::Embedded);
        places
    }

    /// Does work on an empty database, which is gone or empty again afterwards; on another server if the
    /// first one lacks an extension.
    ///
    /// # Errors
    /// When there is no such database, or the work fails.
    pub(crate) async fn on_empty<T>(
        &self,
        progress: &mut dyn Progress,
        work: impl AsyncFn(&Session) -> Result<T, Error>,
    ) -> Result<T, Error> {
        progress.busy("replaying the migrations on a shadow database");
        let mut best = Err(Error::NoShadow);
        for place in self.places() {
            best = Box::pin(self.on(&place, &work)).await;
            if !best.as_ref().err().is_some_and(lacks_extension) {
                break;
            }
        }
        best
    }

    async fn replay(&self, place: &Place, histories: Histories<'_>) -> Result<Replayed, Error> {
        self.on(place, &async |session: &Session| self.replay_there(session, histories).await).await
    }

    async fn on<T>(
        &self,
        place: &Place,
        work: &impl AsyncFn(&Session) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let cache = self.settings.cache_directory();
        let server = match place {
            Place::Url(url) => {
                let session = datasource::connect(url, self.settings).await?;
                database::ensure_empty(&session).await?;
                let done = work(&session).await;
                empty(&session).await?;
                return done;
            }
            Place::Programs(programs) => Server::Private(
                server::private::Cluster::start_shadow(programs, cache.as_deref()).await?,
            ),
            #[cfg(feature = "embedded")]
            Place::Embedded => Server::Embedded(
                server::embedded::EmbeddedServer::start_shadow(cache.as_deref()).await?,
            ),
        };
        let session = self.fresh(&server).await?;
        let done = work(&session).await?;
        drop(session);
        server.stop().await?;
        Ok(done)
    }

    async fn fresh(&self, server: &Server) -> Result<Session, Error> {
        let address = server.fresh_database("shadow").await?;
        let url = DatabaseUrl::parse(&address.to_url()).map_err(project::Error::from)?;
        let session = datasource::connect(&url, self.settings).await?;
        if let Some(target) = self.target {
            database::create_roles(&session, &database::roles(target).await?).await?;
        }
        Ok(session)
    }

    async fn replay_there(
        &self,
        session: &Session,
        histories: Histories<'_>,
    ) -> Result<Replayed, Error> {
        let Histories { applied, all } = histories;
        database::replay(session, applied).await?;
        let first = self.read(session).await?;
        if applied == all {
            return Ok(Replayed { applied: first.clone(), all: Ok(first) });
        }
        let rest = async {
            if let Some(rest) = all.strip_prefix(applied) {
                database::replay(session, rest).await?;
            } else {
                empty(session).await?;
                database::replay(session, all).await?;
            }
            self.read(session).await
        };
        Ok(Replayed { applied: first, all: rest.await })
    }

    /// Reads what the shadow contains, outside a transaction.
    pub(crate) async fn read(&self, session: &Session) -> Result<Catalog, Error> {
        if self.with_dependencies {
            Ok(database::introspect_fully(session, Some(&self.schemas)).await?)
        } else {
            datasource::catalog(session, &self.schemas).await
        }
    }

    /// What came of taking back the last of these migrations by this script, if it is remembered.
    pub(crate) fn recall_trial(&self, migrations: &[Migration], down: &str) -> Option<Vec<String>> {
        let (folder, key) = self.trial_key(migrations, down)?;
        cache::recall_lines(&folder, &key)
    }

    /// Remembers that.
    pub(crate) fn remember_trial(&self, migrations: &[Migration], down: &str, found: &[String]) {
        if let Some((folder, key)) = self.trial_key(migrations, down) {
            // Without a cache everything works, only slower.
            drop(cache::keep_lines(&folder, &key, found));
        }
    }

    fn trial_key(&self, migrations: &[Migration], down: &str) -> Option<(PathBuf, Key)> {
        let basis = Basis {
            server_major: self.major.unwrap_or_default(),
            origin: vec!["down".to_owned(), down.to_owned()],
            schemas: self.schemas.clone(),
        };
        Some((self.settings.cache_directory()?.join("downs"), Key::new(&basis, migrations)))
    }

    /// What is remembered is what these migrations make on that major version, in those schemas.
    fn key(&self, migrations: &[Migration]) -> Option<(PathBuf, Key)> {
        let basis = Basis {
            server_major: self.major.unwrap_or_default(),
            origin: Vec::new(),
            schemas: self.schemas.clone(),
        };
        let name = if self.with_dependencies { "full-catalogs" } else { "catalogs" };
        let folder = self.settings.cache_directory()?.join(name);
        Some((folder, Key::new(&basis, migrations)))
    }

    fn recall(&self, migrations: &[Migration]) -> Option<Catalog> {
        let (folder, key) = self.key(migrations)?;
        cache::load(&folder, &key)
    }

    /// Remembers what migrations make, as it was read by the way with what needs what: for those who
    /// ask for that, and for those who do not.
    pub(crate) fn remember_read(&self, migrations: &[Migration], mut catalog: Catalog) {
        self.fully().remember(migrations, &catalog);
        catalog.dependencies.clear();
        Self { with_dependencies: false, ..self.clone() }.remember(migrations, &catalog);
    }

    fn remember(&self, migrations: &[Migration], catalog: &Catalog) {
        if let Some((folder, key)) = self.key(migrations) {
            // Without a cache everything works, only slower.
            drop(cache::store(&folder, &key, catalog));
        }
    }
}

enum Place {
    Url(DatabaseUrl),
    Programs(server::programs::Programs),
    #[cfg(feature = "embedded")]
    Embedded,
}

/// The version of the PostgreSQL inside this build, if there is one.
#[cfg(feature = "embedded")]
pub(crate) const EMBEDDED_VERSION: Option<&str> = Some(server::embedded::VERSION);
#[cfg(not(feature = "embedded"))]
pub(crate) const EMBEDDED_VERSION: Option<&str> = None;

/// Whether a migration failed for an extension that the server does not have.
fn lacks_extension(error: &Error) -> bool {
    let Error::Database(DatabaseError::ReplayFailed(failure)) = error else { return false };
    matches!(failure.error.sqlstate.as_str(), "0A000" | "58P01" | "42704" | "22023")
        && failure.error.message.contains("extension")
}

/// Drops everything in a database that was empty when undrift began to use it.
pub(crate) async fn empty(session: &Session) -> Result<(), Error> {
    let script = "
        DO $$ DECLARE name text; BEGIN
            FOR name IN SELECT extname FROM pg_catalog.pg_extension WHERE extname <> 'plpgsql' LOOP
                EXECUTE pg_catalog.format('DROP EXTENSION IF EXISTS %I CASCADE', name);
            END LOOP;
            FOR name IN SELECT nspname FROM pg_catalog.pg_namespace
                WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' LOOP
                EXECUTE pg_catalog.format('DROP SCHEMA IF EXISTS %I CASCADE', name);
            END LOOP;
        END $$;
        CREATE SCHEMA public;";
    Ok(session.run("emptying the shadow database", script).await?)
}

/// The folder of migrations that a flag names.
pub(crate) fn read_folder(path: &Path) -> Result<Vec<Migration>, Error> {
    if !path.is_dir() {
        return Err(Error::NoMigrations(path.to_owned()));
    }
    Ok(project::read_migrations(path)?.migrations)
}
