//! Names, and what is behind a dot: constants, modules, variables of the environment.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "the syntax tree has far more kinds of node than a config file is read for"
)]

use std::path::Path;

use oxc_ast::ast::Expression;
use oxc_span::GetSpan;

use super::bindings::Binding;
use super::{Absence, Context, Evaluated, Outcome, Unset};

impl Context<'_> {
    /// What a name stands for at a place.
    pub(super) fn name(&self, name: &str, place: &impl GetSpan, depth: usize) -> Outcome {
        match (self.bindings.get(name), name) {
            (Some(Binding::Constant(value)), _) => self.expression(value, depth + 1),
            (Some(Binding::Part { object, key, otherwise }), _) => {
                let object = self.expression(object, depth + 1)?;
                match (self.entry(object, key, place)?, otherwise) {
                    (
                        Evaluated::Absent(Absence::Undefined | Absence::Variable(_)),
                        Some(otherwise),
                    ) => self.expression(otherwise, depth + 1),
                    (value, _) => Ok(value),
                }
            }
            (Some(Binding::Import { module: "process", name: "env" }), _) => {
                Ok(Evaluated::Environment)
            }
            (None, "undefined") => Ok(Evaluated::Absent(Absence::Undefined)),
            (None, "__dirname") => Ok(self.folder()),
            (None, "__filename") => Ok(Evaluated::String(self.path.display().to_string())),
            _ => Err(self.unknown(place)),
        }
    }

    fn folder(&self) -> Evaluated {
        let folder = self.path.parent().unwrap_or_else(|| Path::new("."));
        Evaluated::String(folder.display().to_string())
    }

    /// `process.env`, `import.meta.dirname`, or a key of an object.
    pub(super) fn member(&self, expression: &Expression<'_>, depth: usize) -> Outcome {
        let (object, key) = match expression {
            Expression::StaticMemberExpression(member) => {
                (&member.object, member.property.name.to_string())
            }
            Expression::ComputedMemberExpression(member) => {
                match self.expression(&member.expression, depth + 1)? {
                    Evaluated::String(key) => (&member.object, key),
                    _ => return Err(self.unknown(expression)),
                }
            }
            _ => return Err(self.unknown(expression)),
        };
        match object {
            Expression::ImportMeta(_) => match key.as_str() {
                "dirname" => Ok(self.folder()),
                "filename" => Ok(Evaluated::String(self.path.display().to_string())),
                "url" => Ok(Evaluated::String(format!("file://{}", self.path.display()))),
                _ => Err(self.unknown(expression)),
            },
            object if key == "env" && self.module(object) == Some("process") => {
                Ok(Evaluated::Environment)
            }
            object => self.entry(self.expression(object, depth + 1)?, &key, expression),
        }
    }

    /// The value under a key that a place of the file asks for.
    fn entry(&self, object: Evaluated, key: &str, place: &impl GetSpan) -> Outcome {
        match object {
            Evaluated::Object(mut entries) => entries
                .remove(key)
                .map_or(Ok(Evaluated::Absent(Absence::Undefined)), |entry| entry.value),
            Evaluated::Environment => match self.environment.get(key) {
                Some(value) => Ok(Evaluated::String(value.to_owned())),
                None => Ok(Evaluated::Absent(Absence::Variable(self.unset(key, place)))),
            },
            _ => Err(self.unknown(place)),
        }
    }

    pub(super) fn unset(&self, variable: &str, place: &impl GetSpan) -> Unset {
        Unset { variable: variable.to_owned(), line: self.line(place) }
    }

    /// The module that a name stands for as a whole.
    pub(super) fn module(&self, expression: &Expression<'_>) -> Option<&str> {
        let Expression::Identifier(name) = expression else { return None };
        match (self.bindings.get(name.name.as_str()), name.name.as_str()) {
            (Some(Binding::Import { module, name: "default" }), _) => Some(module),
            (None, "process") => Some("process"),
            (None, "console") => Some("console"),
            _ => None,
        }
    }
}
