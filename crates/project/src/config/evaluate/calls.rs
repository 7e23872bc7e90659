//! Calls of the functions that config files are written with.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "the syntax tree has far more kinds of node than a config file is read for"
)]

use std::path::Path;

use oxc_ast::ast::{Argument, CallExpression, Expression};

use super::bindings::Binding;
use super::{Context, Evaluated, Obstacle, Outcome};
use crate::path as paths;

impl Context<'_> {
    /// The module and the name of a function that is called.
    pub(super) fn function<'b>(&'b self, callee: &'b Expression<'_>) -> Option<(&'b str, &'b str)> {
        match callee {
            Expression::Identifier(name) => match self.bindings.get(name.name.as_str()) {
                Some(Binding::Import { module, name }) => Some((module, name)),
                Some(Binding::Constant(_) | Binding::Part { .. }) => None,
                None => Some(("", name.name.as_str())),
            },
            callee => {
                let member = callee.as_member_expression()?;
                Some((self.module(member.object())?, member.static_property_name()?))
            }
        }
    }

    /// Whether a call whose result nobody uses changes nothing but the variables that
    /// [`env_files`](super::env_files) knows of.
    pub(super) fn is_harmless(&self, call: &CallExpression<'_>) -> bool {
        matches!(
            self.function(&call.callee),
            Some(
                ("dotenv", "config")
                    | ("dotenv-expand", "expand")
                    | ("process", "loadEnvFile")
                    | ("console", _)
            )
        )
    }

    pub(super) fn call(&self, call: &CallExpression<'_>, depth: usize) -> Outcome {
        let Some(function) = self.function(&call.callee) else { return Err(self.unknown(call)) };
        let arguments = self.arguments(call, depth)?;
        let strings = || {
            let text = |argument: &Evaluated| match argument {
                Evaluated::String(text) => Some(text.clone()),
                _ => None,
            };
            let texts = arguments.iter().map(text).collect::<Option<Vec<_>>>();
            texts.ok_or_else(|| self.unknown(call))
        };
        match (function, arguments.as_slice()) {
            (("prisma/config" | "@prisma/config", "defineConfig"), [config]) => Ok(config.clone()),
            (("prisma/config" | "@prisma/config", "env"), [Evaluated::String(variable)]) => {
                // To Prisma's function, one that is empty is not set.
                match self.environment.get(variable) {
                    Some(value) if !value.is_empty() => Ok(Evaluated::String(value.to_owned())),
                    _ => Err(Obstacle::Variable(self.unset(variable, call))),
                }
            }
            (("", "String"), [Evaluated::String(text)]) => Ok(Evaluated::String(text.clone())),
            (("process", "cwd"), []) => {
                Ok(Evaluated::String(self.current_directory.display().to_string()))
            }
            (("url", "fileURLToPath"), [Evaluated::String(url)]) => {
                let path = url.strip_prefix("file://").ok_or_else(|| self.unknown(call))?;
                Ok(Evaluated::String(path.to_owned()))
            }
            (("path", "dirname"), [Evaluated::String(path)]) => match Path::new(path).parent() {
                Some(folder) => Ok(Evaluated::String(folder.display().to_string())),
                None => Ok(Evaluated::String(path.clone())),
            },
            (("path", "join"), _) => Ok(Evaluated::String(paths::join(&strings()?))),
            (("path", "resolve"), _) => {
                Ok(Evaluated::String(paths::resolve(self.current_directory, &strings()?)))
            }
            _ => Err(self.unknown(call)),
        }
    }

    fn arguments(
        &self,
        call: &CallExpression<'_>,
        depth: usize,
    ) -> Result<Vec<Evaluated>, Obstacle> {
        let argument = |argument: &Argument<'_>| match argument.as_expression() {
            Some(argument) => self.expression(argument, depth + 1),
            None => Err(self.unknown(argument)),
        };
        call.arguments.iter().map(argument).collect()
    }
}
