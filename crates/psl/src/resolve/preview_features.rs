//! Preview features: which there are, which are no longer needed, and what depends on the release.

use super::report::Report;
use crate::{
    schema::{PreviewFeatureUse, Release},
    source::Span,
};

/// The feature that only schemas for PostgreSQL can ask for.
const FULL_TEXT_SEARCH: &str = "fullTextSearchPostgres";

/// Features that can be asked for, with the releases that know them; hidden ones work but are not
/// listed.
const ACTIVE: &[(&str, Support)] = &[
    (FULL_TEXT_SEARCH, Support::BOTH),
    ("metrics", Support { six: Some(Listed::Yes), seven: None }),
    ("nativeDistinct", Support::BOTH),
    ("partialIndexes", Support { six: None, seven: Some(Listed::Yes) }),
    ("postgresqlExtensions", Support::BOTH),
    ("reactNative", Support { six: Some(Listed::No), seven: Some(Listed::No) }),
    ("relationJoins", Support::BOTH),
    ("schemaEngineDriverAdapters", Support::BOTH),
    ("shardKeys", Support::BOTH),
    ("strictUndefinedChecks", Support::BOTH),
    ("typedSql", Support { six: Some(Listed::No), seven: Some(Listed::Yes) }),
    ("views", Support::BOTH),
];

/// Features that became part of the language.
const DEPRECATED: &[&str] = &[
    "aggregateApi",
    "atomicNumberOperations",
    "clientExtensions",
    "cockroachdb",
    "connectOrCreate",
    "createMany",
    "dataProxy",
    "deno",
    "distinct",
    "driverAdapters",
    "extendedIndexes",
    "extendedWhereUnique",
    "fieldReference",
    "filterJson",
    "filteredRelationCount",
    "fullTextIndex",
    "fullTextSearch",
    "groupBy",
    "improvedQueryRaw",
    "interactiveTransactions",
    "jsonProtocol",
    "microsoftSqlServer",
    "middlewares",
    "mongoDb",
    "multiSchema",
    "nApi",
    "namedConstraints",
    "nativeTypes",
    "omitApi",
    "orderByAggregateGroup",
    "orderByNulls",
    "orderByRelation",
    "prismaSchemaFolder",
    "queryCompiler",
    "referentialActions",
    "referentialIntegrity",
    "selectRelationCount",
    "tracing",
    "transactionApi",
    "uncheckedScalarInputs",
];

/// Which releases know a feature.
#[derive(Clone, Copy)]
struct Support {
    six: Option<Listed>,
    seven: Option<Listed>,
}

/// Whether the list of features in a message shows it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Listed {
    Yes,
    No,
}

impl Support {
    const BOTH: Self = Self { six: Some(Listed::Yes), seven: Some(Listed::Yes) };

    fn of(self, release: Release) -> Option<Listed> {
        match release {
            Release::Six => self.six,
            Release::Seven => self.seven,
        }
    }
}

/// Returns the proper spelling of an active feature, whatever its case.
pub(super) fn find(name: &str) -> Option<&'static str> {
    ACTIVE.iter().map(|(known, _)| *known).find(|known| known.eq_ignore_ascii_case(name))
}

fn is_deprecated(name: &str) -> bool {
    DEPRECATED.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// Checks a feature as far as all releases agree about it.
pub(super) fn check(name: &str, knows_database: bool, span: Span, report: &mut Report) {
    if name.eq_ignore_ascii_case("fullTextSearch") && knows_database {
        let message = format!(
            "On `provider = \"postgresql\"`, preview feature \"{name}\" has been renamed to \
             \"{FULL_TEXT_SEARCH}\". Learn more at https://pris.ly/d/fts-postgres."
        );
        report.warning(message, span);
    } else if is_deprecated(name) {
        let message = format!(
            "Preview feature \"{name}\" is deprecated. The functionality can be used without \
             specifying it as a preview feature."
        );
        report.warning(message, span);
    } else if find(name).is_none_or(|known| known == FULL_TEXT_SEARCH && !knows_database) {
        report_unknown(name, Release::Seven, knows_database, span, report);
    }
}

/// Checks what only one release objects to.
pub(super) fn check_release(
    feature: &PreviewFeatureUse,
    release: Release,
    knows_database: bool,
    report: &mut Report,
) {
    let PreviewFeatureUse { name, span } = feature;
    let Some((known, support)) = ACTIVE.iter().find(|(known, _)| known.eq_ignore_ascii_case(name))
    else {
        return;
    };
    let lacks_database = *known == FULL_TEXT_SEARCH && !knows_database && release == Release::Six;
    if support.of(release).is_none() || lacks_database {
        report_unknown(name, release, knows_database, *span, report);
    } else if *known == "metrics" {
        let message = format!(
            "Preview feature \"{name}\" is deprecated. It will be removed in a future version of \
             Prisma."
        );
        report.warning(message, *span);
    }
}

fn report_unknown(
    name: &str,
    release: Release,
    knows_database: bool,
    span: Span,
    report: &mut Report,
) {
    let listed: Vec<&str> = ACTIVE
        .iter()
        .filter(|(_, support)| support.of(release) == Some(Listed::Yes))
        .map(|(known, _)| *known)
        .filter(|known| knows_database || *known != FULL_TEXT_SEARCH)
        .collect();
    let message = format!(
        "The preview feature \"{name}\" is not known. Expected one of: {}",
        listed.join(", ")
    );
    report.error(message, span);
}
