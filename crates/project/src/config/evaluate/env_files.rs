//! The `.env` files that a config file loads.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "the syntax tree has far more kinds of node than a config file is read for"
)]

use std::path::Path;

use oxc_ast::ast::{Argument, CallExpression, Expression, ImportDeclaration, Program, Statement};

use super::{Context, Evaluated, Obstacle};
use crate::Error;
use crate::environment::{Environment, Expansion, Precedence};

/// A file to load.
pub(super) struct EnvFile {
    path: String,
    expansion: Expansion,
    precedence: Precedence,
}

/// Finds what the statements load: `import "dotenv/config"`, `dotenv.config({ path: "…" })`,
/// `process.loadEnvFile("…")` and `expand(config())`.
///
/// # Errors
/// When something loads variables in a way that only running the file would tell.
pub(super) fn env_files(
    program: &Program<'_>,
    context: &Context<'_>,
) -> Result<Vec<EnvFile>, Obstacle> {
    let mut imported = Vec::new();
    let mut called = Vec::new();
    for statement in &program.body {
        match statement {
            Statement::ImportDeclaration(import) => imported.extend(context.imported(import)?),
            Statement::ExpressionStatement(statement) => {
                called.extend(context.called(&statement.expression)?);
            }
            Statement::VariableDeclaration(declaration) => {
                for value in declaration.declarations.iter().filter_map(|one| one.init.as_ref()) {
                    called.extend(context.called(value)?);
                }
            }
            _ => {}
        }
    }
    // Imports run first.
    imported.append(&mut called);
    Ok(imported)
}

/// Loads the files; a relative path begins where the command was called.
pub(super) fn load(
    files: Vec<EnvFile>,
    current_directory: &Path,
    environment: &mut Environment,
) -> Result<(), Error> {
    for EnvFile { path, expansion, precedence } in files {
        environment.load(&current_directory.join(path), expansion, precedence)?;
    }
    Ok(())
}

impl Context<'_> {
    fn imported(&self, import: &ImportDeclaration<'_>) -> Result<Option<EnvFile>, Obstacle> {
        let expansion = match import.source.value.as_str() {
            "dotenv/config" => Expansion::None,
            "dotenv-expand/config" => Expansion::Braces,
            // An import for its effect only: most likely on the variables.
            _ if import.specifiers.is_none() => return Err(self.unknown(import)),
            _ => return Ok(None),
        };
        let path = self.environment.get("DOTENV_CONFIG_PATH").unwrap_or(".env").to_owned();
        Ok(Some(EnvFile { path, expansion, precedence: Precedence::Process }))
    }

    fn called(&self, expression: &Expression<'_>) -> Result<Vec<EnvFile>, Obstacle> {
        let Expression::CallExpression(call) = expression else { return Ok(Vec::new()) };
        match self.function(&call.callee) {
            Some(("dotenv", "config") | ("process", "loadEnvFile")) => self.loaded(call),
            Some(("dotenv-expand", "expand")) => {
                let inner = call.arguments.first().and_then(Argument::as_expression);
                let Some(inner @ Expression::CallExpression(_)) = inner else {
                    return Err(self.unknown(expression));
                };
                let mut files = self.called(inner)?;
                for file in &mut files {
                    file.expansion = Expansion::Braces;
                }
                Ok(files)
            }
            _ => Ok(Vec::new()),
        }
    }

    /// The files of `config()`, `config({ path, override })` and `loadEnvFile(path)`.
    fn loaded(&self, call: &CallExpression<'_>) -> Result<Vec<EnvFile>, Obstacle> {
        let argument = match call.arguments.first() {
            None => None,
            Some(argument) => match argument.as_expression() {
                Some(argument) => Some(self.expression(argument, 0)?),
                None => return Err(self.unknown(argument)),
            },
        };
        let mut precedence = Precedence::Process;
        let path = match argument {
            Some(Evaluated::Object(mut options)) => {
                if let Some(overrides) = options.remove("override")
                    && overrides.value?.is_true() != Some(false)
                {
                    precedence = Precedence::File;
                }
                options.remove("path").map(|path| path.value).transpose()?
            }
            argument => argument,
        };
        let paths = match path {
            None | Some(Evaluated::Absent(_)) => vec![".env".to_owned()],
            Some(Evaluated::String(path)) => vec![path],
            Some(Evaluated::List(paths)) => {
                let path = |path| match path {
                    Evaluated::String(path) => Ok(path),
                    _ => Err(self.unknown(call)),
                };
                paths.into_iter().map(path).collect::<Result<_, _>>()?
            }
            Some(_) => return Err(self.unknown(call)),
        };
        let file = |path| EnvFile { path, expansion: Expansion::None, precedence };
        Ok(paths.into_iter().map(file).collect())
    }
}
