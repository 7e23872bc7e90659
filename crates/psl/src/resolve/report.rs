//! The list of diagnostics under construction, and the frames that Prisma puts around messages.

use crate::source::{Diagnostic, Severity, Span};

/// Diagnostics in the order in which they were found.
#[derive(Debug, Default)]
pub(super) struct Report {
    diagnostics: Vec<Diagnostic>,
    has_errors: bool,
}

impl Report {
    /// Starts with what the parser had to say.
    pub(super) fn new(diagnostics: Vec<Diagnostic>) -> Self {
        let has_errors = diagnostics.iter().any(|one| one.severity == Severity::Error);
        Self { diagnostics, has_errors }
    }

    /// Returns everything that was reported.
    pub(super) fn into_diagnostics(self) -> Vec<Diagnostic> {
        self.diagnostics
    }

    /// Whether anything reported so far makes the schema unusable.
    pub(super) fn has_errors(&self) -> bool {
        self.has_errors
    }

    pub(super) fn error(&mut self, message: impl Into<String>, span: Span) {
        self.has_errors = true;
        let message = message.into();
        self.diagnostics.push(Diagnostic { severity: Severity::Error, message, span });
    }

    pub(super) fn warning(&mut self, message: impl Into<String>, span: Span) {
        let message = message.into();
        self.diagnostics.push(Diagnostic { severity: Severity::Warning, message, span });
    }

    /// Reports what is wrong with no particular kind of thing.
    pub(super) fn invalid(&mut self, message: &str, span: Span) {
        self.error(format!("Error validating: {message}"), span);
    }

    /// Reports what is wrong with an attribute; `attribute` has its at signs.
    pub(super) fn invalid_attribute(&mut self, attribute: &str, message: &str, span: Span) {
        self.error(format!("Error parsing attribute \"{attribute}\": {message}"), span);
    }

    /// Reports what is wrong with a model or view; `keyword` says which it is.
    pub(super) fn invalid_block(&mut self, keyword: &str, name: &str, message: &str, span: Span) {
        self.error(format!("Error validating {keyword} \"{name}\": {message}"), span);
    }

    /// Reports what is wrong with a field of a model or view.
    pub(super) fn invalid_field(
        &mut self,
        (keyword, model, field): (&str, &str, &str),
        message: &str,
        span: Span,
    ) {
        let place = format!("field `{field}` in {keyword} `{model}`");
        self.error(format!("Error validating {place}: {message}"), span);
    }

    /// Reports what is wrong with a property of the `datasource` block.
    pub(super) fn invalid_datasource(&mut self, name: &str, message: &str, span: Span) {
        self.error(format!("Error validating datasource `{name}`: {message}"), span);
    }
}
