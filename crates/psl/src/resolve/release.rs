//! What one release of Prisma objects to and another does not.

use super::{preview_features, report::Report};
use crate::{
    schema::{Datasource, Release, Schema},
    source::Diagnostic,
};

/// Returns what that release of Prisma would say about a schema beyond what all of them say.
pub fn release_diagnostics(schema: &Schema, release: Release) -> Vec<Diagnostic> {
    let problems = schema.datasource.iter().flat_map(|datasource| &datasource.url_problems);
    let mut report = Report::new(problems.filter(|_| release == Release::Six).cloned().collect());
    if let Some(datasource) = &schema.datasource {
        match release {
            Release::Six => check_six(datasource, &mut report),
            Release::Seven => check_seven(datasource, &mut report),
        }
    }
    // Without a URL, 6 does not know what database it is for.
    let knows_database = schema
        .datasource
        .as_ref()
        .is_some_and(|source| release == Release::Seven || source.property_spans.url.is_some());
    for feature in schema.generators.iter().flat_map(|generator| &generator.preview_features) {
        preview_features::check_release(feature, release, knows_database, &mut report);
    }
    report.into_diagnostics()
}

/// 6 reads the connection URL from the schema.
fn check_six(datasource: &Datasource, report: &mut Report) {
    let name = &datasource.name;
    let spans = datasource.property_spans;
    let Some((_, url)) = spans.url else {
        let message = format!("Argument \"url\" is missing in data source block \"{name}\".");
        report.error(message, datasource.span);
        return;
    };
    let Some(shadow) = &datasource.shadow_database_url else { return };
    let direct = spans.direct_url.map(|(_, value)| value);
    for (key, value, span) in
        [("directUrl", &datasource.direct_url, direct), ("url", &datasource.url, Some(url))]
    {
        if let Some(span) = span.filter(|_| value.as_ref() == Some(shadow)) {
            let message = format!(
                "shadowDatabaseUrl is the same as {key} for datasource \"{name}\". Please specify a \
                 different database as shadow database to avoid data loss."
            );
            report.error(message, span);
        }
    }
}

/// 7 reads connection URLs from the configuration file.
fn check_seven(datasource: &Datasource, report: &mut Report) {
    let spans = datasource.property_spans;
    if let Some((property, _)) = spans.url {
        report.error(
            "The datasource property `url` is no longer supported in schema files. Move connection \
             URLs for Migrate to `prisma.config.ts` and pass either `adapter` for a direct database \
             connection or `accelerateUrl` for Accelerate to the `PrismaClient` constructor. See \
             https://pris.ly/d/config-datasource and https://pris.ly/d/prisma7-client-config",
            property,
        );
    }
    for (key, place) in
        [("shadowDatabaseUrl", spans.shadow_database_url), ("directUrl", spans.direct_url)]
    {
        if let Some((property, _)) = place {
            let message = format!(
                "The datasource property `{key}` is no longer supported in schema files. Move \
                 connection URLs to `prisma.config.ts`. See https://pris.ly/d/config-datasource"
            );
            report.error(message, property);
        }
    }
}
