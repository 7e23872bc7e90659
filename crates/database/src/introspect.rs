//! What a database contains.

use crate::{Error, Session};
use catalog::kinds::view::View;
use catalog::{Catalog, Dependency, Kind, Name, Objects, Reading, quoted};
use futures_util::future::join4;
use futures_util::stream::{FuturesOrdered, TryStreamExt as _};
use std::fmt::Display;
use tokio_postgres::types::{ToSql, Type};

/// Settings that the texts of the server depend on, fixed so that two databases say the same in the
/// same words, whatever their users have set.
///
/// With an empty search path every name but PostgreSQL's own is printed with its schema; otherwise the
/// text of a default would depend on who asks.
///
/// Compiling the queries would take longer than they do: three seconds for 5,000 tables.
const SETTINGS: &str = "SET LOCAL search_path = ''; SET LOCAL quote_all_identifiers = off; \
     SET LOCAL datestyle = 'ISO, YMD'; SET LOCAL intervalstyle = 'postgres'; \
     SET LOCAL timezone = 'UTC'; SET LOCAL bytea_output = 'hex'; \
     SET LOCAL extra_float_digits = 1; SET LOCAL standard_conforming_strings = on; \
     SET LOCAL jit = off;";

/// What stands before and behind the queries.
#[derive(Clone, Copy)]
enum Frame {
    /// A transaction of their own: one snapshot.
    Transaction,
    /// A savepoint in the one that is open, so that its settings come back.
    Savepoint,
}

impl Frame {
    fn begin(self) -> &'static str {
        match self {
            Self::Transaction => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; ",
            Self::Savepoint => "SAVEPOINT undrift_introspection; ",
        }
    }

    fn end(self) -> &'static str {
        match self {
            Self::Transaction => "COMMIT",
            Self::Savepoint => {
                "ROLLBACK TO SAVEPOINT undrift_introspection; \
                 RELEASE SAVEPOINT undrift_introspection"
            }
        }
    }
}

/// What to ask the server for.
struct Question<'a> {
    frame: Frame,
    kinds: &'a [Kind],
    schemas: Option<&'a [String]>,
    with_dependencies: bool,
    /// Whether what extensions own is among it, as far as the kinds' queries know of it.
    with_members: bool,
    reading: Reading,
    /// The schema whose objects are named without it, if one is.
    search_path: Option<&'a str>,
}

impl<'a> Question<'a> {
    fn everything_in(schemas: Option<&'a [String]>) -> Self {
        Self {
            frame: Frame::Transaction,
            kinds: Kind::ALL,
            schemas,
            with_dependencies: false,
            with_members: false,
            reading: Reading::Understood,
            search_path: None,
        }
    }
}

/// Returns what the database contains: in those schemas, or in all but PostgreSQL's own.
///
/// One snapshot, one round trip. Extensions are those of the whole database; what they own is left
/// out. What needs what ([`Catalog::dependencies`]) is not asked for, which takes half as long again.
///
/// # Errors
/// When the connection breaks or the server refuses a query.
pub async fn introspect(session: &Session, schemas: Option<&[String]>) -> Result<Catalog, Error> {
    read(session, Question::everything_in(schemas)).await
}

/// Returns a text that is the same as long as nothing has changed of what [`introspect`] returns.
///
/// # Errors
/// When the connection breaks, or the server cannot tell.
pub async fn mark(session: &Session) -> Result<String, Error> {
    let error = |error| session.error("asking whether the database's catalog has changed", &error);
    let rows = session.client().query_typed(Catalog::MARK_QUERY, &[]).await.map_err(error)?;
    let row = rows.first().map(|row| row.try_get::<_, String>(0)).transpose().map_err(error)?;
    row.ok_or_else(|| Error::Driver {
        doing: "asking whether the database's catalog has changed".to_owned(),
        cause: "no answer".to_owned(),
    })
}

/// Returns what the database contains, and what needs what: all that a plan from or to it has to know.
///
/// # Errors
/// When the connection breaks or the server refuses a query.
pub async fn introspect_fully(
    session: &Session,
    schemas: Option<&[String]>,
) -> Result<Catalog, Error> {
    let everything = Question::everything_in(schemas);
    read(session, Question { with_dependencies: true, ..everything }).await
}

/// The same as [`introspect`] within the transaction that is open, of which it sees all changes.
///
/// # Errors
/// When the connection breaks or the server refuses a query; the transaction cannot go on then.
pub async fn introspect_in_transaction(
    session: &Session,
    schemas: Option<&[String]>,
) -> Result<Catalog, Error> {
    let everything = Question::everything_in(schemas);
    read(session, Question { frame: Frame::Savepoint, ..everything }).await
}

/// The same as [`introspect_fully`] within the transaction that is open.
///
/// # Errors
/// When the connection breaks or the server refuses a query; the transaction cannot go on then.
pub async fn introspect_fully_in_transaction(
    session: &Session,
    schemas: Option<&[String]>,
) -> Result<Catalog, Error> {
    let everything = Question::everything_in(schemas);
    let question = Question { frame: Frame::Savepoint, with_dependencies: true, ..everything };
    read(session, question).await
}

/// Returns what the database contains of those kinds, with every expression as the server prints it
/// for a user with that search path, views in the order in which they were made, and tables, views and
/// types of extensions as well. Such a catalog is not to be compared with others.
///
/// # Errors
/// When the connection breaks or the server refuses a query.
pub async fn introspect_as_printed(
    session: &Session,
    schemas: &[String],
    kinds: &[Kind],
    search_path: &str,
) -> Result<Catalog, Error> {
    let question = Question {
        frame: Frame::Transaction,
        kinds,
        schemas: Some(schemas),
        with_dependencies: false,
        with_members: true,
        reading: Reading::AsPrinted,
        search_path: Some(search_path),
    };
    let mut catalog = read(session, question).await?;
    if catalog.views.len() > 1 {
        let error = |error| session.error("reading the order of views", &error);
        let parameters: [(&(dyn ToSql + Sync), Type); 1] = [(&schemas, Type::TEXT_ARRAY)];
        let rows = session.client().query_typed(View::BY_AGE, &parameters).await.map_err(error)?;
        let mut ordered = Objects::default();
        for row in rows {
            let name = Name::new(
                row.try_get::<_, String>(0).map_err(error)?,
                row.try_get::<_, String>(1).map_err(error)?,
            );
            if let Some(view) = catalog.views.get(&name) {
                ordered.insert(view.clone());
            }
        }
        catalog.views = ordered;
    }
    Ok(catalog)
}

async fn read(session: &Session, question: Question<'_>) -> Result<Catalog, Error> {
    let Question { frame, kinds, schemas, with_dependencies, with_members, reading, search_path } =
        question;
    let path = search_path.map(|schema| format!(" SET LOCAL search_path = {};", quoted(schema)));
    let begin = format!("{}{SETTINGS}{}", frame.begin(), path.unwrap_or_default());
    let doing = "reading the database's catalog";
    let client = &session.client();
    let parameters: [(&(dyn ToSql + Sync), Type); 2] =
        [(&schemas, Type::TEXT_ARRAY), (&with_members, Type::BOOL)];
    let error = |error| session.error(doing, &error);
    let broken = |what: &str, cause: &dyn Display| Error::Driver {
        doing: format!("{doing}: {what}"),
        cause: cause.to_string(),
    };
    let answers = async {
        let parameters = &parameters;
        let ask = |kind: &Kind| {
            let kind = *kind;
            async move { Ok((kind, client.query_typed(kind.query(), parameters).await.map_err(error)?)) }
        };
        let mut answers: FuturesOrdered<_> = kinds.iter().map(ask).collect();
        let mut catalog = Catalog::default();
        // Each is understood while the server answers the next.
        while let Some((kind, rows)) = answers.try_next().await? {
            for row in rows {
                let json: &str = row.try_get(0).map_err(error)?;
                let inserted = catalog.insert_json(kind, json, reading);
                inserted.map_err(|cause| broken(kind.title(), &cause))?;
            }
        }
        Ok::<Catalog, Error>(catalog)
    };
    let dependencies = async {
        if !with_dependencies {
            return Ok(Vec::new());
        }
        client.query_typed(Dependency::QUERY, &parameters).await.map_err(error)
    };
    // The futures are polled in this order, and each sends its queries when first polled.
    let (begun, catalog, dependencies, ended) = join4(
        client.batch_execute(&begin),
        answers,
        dependencies,
        client.batch_execute(frame.end()),
    )
    .await;
    begun.map_err(error)?;
    let mut catalog = catalog?;
    for row in dependencies? {
        let json: &str = row.try_get(0).map_err(error)?;
        catalog.insert_dependency_json(json).map_err(|cause| broken("dependencies", &cause))?;
    }
    ended.map_err(error)?;
    Ok(catalog)
}
