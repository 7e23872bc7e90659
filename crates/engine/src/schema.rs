//! The schema files and what they declare.

use std::path::Path;

use catalog::rename::Vocabulary;
use catalog::{Catalog, Language, Qualification};
use project::Project;
use psl::{Colours, Diagnostic, SchemaFiles, Severity, SourceFile};

use crate::Error;

/// What a schema declares, and how names are written in the SQL that leads to it.
pub(crate) struct Declared {
    pub(crate) catalog: Catalog,
    pub(crate) names: Qualification,
    pub(crate) language: Language,
    pub(crate) schemas: Vec<String>,
    pub(crate) vocabulary: Vocabulary,
}

/// Returns what the project's schema declares.
pub(crate) fn declared(project: &Project) -> Result<Declared, Error> {
    declare(&project.schema_files, &default_schema(project), Colours::Never)
}

/// The PostgreSQL schema of everything without `@@schema`.
pub(crate) fn default_schema(project: &Project) -> String {
    project.database_url().map_or_else(|_| "public".to_owned(), |url| url.schema().to_owned())
}

/// Returns what a schema declares. Objections of only one release of Prisma are not errors here,
/// since nothing of what they object to matters to a comparison.
pub(crate) fn declare(
    files: &SchemaFiles,
    default_schema: &str,
    colours: Colours,
) -> Result<Declared, Error> {
    let loaded = files.load();
    refuse(&loaded.diagnostics, files, colours)?;
    let names = if catalog::names_schemas(&loaded.schema) {
        Qualification::Always
    } else {
        Qualification::Except(default_schema.to_owned())
    };
    let schemas = loaded
        .schema
        .datasource
        .as_ref()
        .map(|datasource| datasource.schemas.clone())
        .filter(|schemas| !schemas.is_empty())
        .unwrap_or_else(|| vec![default_schema.to_owned()]);
    let language = Language::of(&loaded.schema);
    let catalog = catalog::declare(&loaded.schema, default_schema);
    let vocabulary = Vocabulary::of(&loaded.schema, default_schema);
    Ok(Declared { catalog, names, language, schemas, vocabulary })
}

/// Fails if there is an error among the diagnostics.
pub(crate) fn refuse(
    diagnostics: &[Diagnostic],
    files: &[SourceFile],
    colours: Colours,
) -> Result<(), Error> {
    let is_error = |diagnostic: &&Diagnostic| diagnostic.severity == Severity::Error;
    let errors: Vec<Diagnostic> = diagnostics.iter().filter(is_error).cloned().collect();
    if errors.is_empty() {
        return Ok(());
    }
    let excerpts = without_passwords(&psl::render(&errors, files, colours));
    Err(Error::Schema { excerpts, count: errors.len() })
}

/// Reads the schema file or folder at a path that a flag names.
pub(crate) fn read(
    flag: &str,
    path: &Path,
    current_directory: &Path,
) -> Result<SchemaFiles, Error> {
    let full = current_directory.join(path);
    if !full.exists() {
        let (origin, path) = (format!("`{flag}`"), path.display().to_string());
        return Err(project::Error::SchemaMissing { origin, path }.into());
    }
    Ok(project::read_schema(&full, current_directory)?)
}

/// Shows where in the schema a variable is named that is not set; other errors stay as they are.
pub(crate) fn show_variable(files: &SchemaFiles, error: project::Error) -> Error {
    let project::Error::VariableMissing { name, .. } = &error else { return error.into() };
    let datasource = files.load().schema.datasource.as_ref();
    let spans = datasource.map(|datasource| datasource.property_spans).unwrap_or_default();
    let variable = format!("\"{name}\"");
    let place = [spans.direct_url, spans.url].into_iter().flatten().find_map(|(_, value)| {
        let file = files.get(usize::try_from(value.file.0).ok()?)?;
        let text = file.text.get(value.start as usize..value.end as usize)?;
        text.contains(&variable).then_some(value)
    });
    // Named by the config file: Prisma says this in another way, and no code goes with it.
    let Some(span) = place else { return error.into() };
    let message = format!("Environment variable not found: {name}.");
    let mistake = Diagnostic { severity: Severity::Error, message, span };
    let excerpts = psl::render_refusal(&[mistake], files, Colours::Never);
    Error::Variable { name: name.clone(), excerpts }
}

/// Hides the passwords of URLs in the lines of a schema. Prisma shows them.
pub(crate) fn without_passwords(text: &str) -> String {
    const SCHEME_END: &str = "://";
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(SCHEME_END) {
        shown.extend([before, SCHEME_END]);
        let end = after.find(|c: char| c == '"' || c.is_whitespace()).unwrap_or(after.len());
        let (url, behind) = after.split_at_checked(end).unwrap_or((after, ""));
        rest = match url.rsplit_once('@').map(|(login, host)| (login.split_once(':'), host)) {
            Some((Some((user, _)), host)) => {
                shown.extend([user, ":****@", host]);
                behind
            }
            Some((None, _)) | None => after,
        };
    }
    shown.push_str(rest);
    shown
}

#[cfg(test)]
mod tests {
    use super::without_passwords;

    #[test]
    fn only_passwords_are_hidden() {
        for (text, shown) in [
            (
                "url = \"postgresql://u:p:w/d@h:1/x\" // a",
                "url = \"postgresql://u:****@h:1/x\" // a",
            ),
            ("a://u@h b://c:d@e", "a://u@h b://c:****@e"),
            ("see https://pris.ly/d/x: @id", "see https://pris.ly/d/x: @id"),
            ("a://", "a://"),
        ] {
            assert_eq!(without_passwords(text), shown);
        }
    }
}
