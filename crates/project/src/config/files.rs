//! The `.env` files that a config file loads.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "the syntax tree has far more kinds of node than a config file is read for"
)]

use std::path::Path;

use oxc_ast::ast::{Argument, CallExpression, Expression, Program, Statement};

use super::evaluate::{Context, Evaluated};
use crate::Error;
use crate::environment::{Environment, Expansion};

/// A file to load, and whether dotenv-expand looks at it.
type EnvFile = (String, Expansion);

/// Finds what the statements load: `import "dotenv/config"`, `dotenv.config({ path: "…" })`,
/// `process.loadEnvFile("…")` and `expand(config())`.
pub(super) fn env_files(program: &Program<'_>, context: &Context<'_>) -> Vec<EnvFile> {
    let mut files = Vec::new();
    let mut look_at = |expression: &Expression<'_>| {
        if let Expression::CallExpression(call) = expression {
            files.extend(env_file(call, context));
        }
    };
    for statement in &program.body {
        match statement {
            Statement::ExpressionStatement(statement) => look_at(&statement.expression),
            Statement::VariableDeclaration(declaration) => {
                declaration
                    .declarations
                    .iter()
                    .filter_map(|one| one.init.as_ref())
                    .for_each(&mut look_at);
            }
            _ => {}
        }
    }
    let imported = program.body.iter().filter_map(|statement| match statement {
        Statement::ImportDeclaration(import) => match import.source.value.as_str() {
            "dotenv/config" => Some((".env".to_owned(), Expansion::None)),
            "dotenv-expand/config" => Some((".env".to_owned(), Expansion::Braces)),
            _ => None,
        },
        _ => None,
    });
    // Imports run first.
    imported.chain(files).collect()
}

/// Loads the files; a relative path begins where the command was called.
pub(super) fn load(
    files: Vec<EnvFile>,
    current_directory: &Path,
    environment: &mut Environment,
) -> Result<(), Error> {
    for (file, expansion) in files {
        environment.load(&current_directory.join(file), expansion)?;
    }
    Ok(())
}

fn env_file(call: &CallExpression<'_>, context: &Context<'_>) -> Option<EnvFile> {
    let first = call.arguments.first().and_then(Argument::as_expression);
    match context.function(&call.callee)? {
        ("dotenv", "config") | ("process", "loadEnvFile") => {
            let file = match first.map(|argument| context.expression(argument, 0)) {
                None => None,
                Some(Ok(Evaluated::String(file))) => Some(file),
                Some(Ok(Evaluated::Object(mut options))) => match options.remove("path") {
                    Some(Ok(Evaluated::String(file))) => Some(file),
                    Some(_) => return None,
                    None => None,
                },
                Some(_) => return None,
            };
            Some((file.unwrap_or_else(|| ".env".to_owned()), Expansion::None))
        }
        ("dotenv-expand", "expand") => match first? {
            Expression::CallExpression(inner) => {
                let (file, _) = env_file(inner, context)?;
                Some((file, Expansion::Braces))
            }
            _ => None,
        },
        _ => None,
    }
}
