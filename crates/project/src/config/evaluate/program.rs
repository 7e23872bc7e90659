//! The statements of the file: which of them gives its value, and which could change it.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "the syntax tree has far more kinds of node than a config file is read for"
)]

use std::collections::BTreeMap;

use oxc_ast::ast::{Expression, MemberExpression, Program, Statement};

use super::bindings::export_name;
use super::{Context, Evaluated, Outcome};

impl Context<'_> {
    /// What the file exports as its default; a file that exports nothing says nothing.
    pub(super) fn program(&self, program: &Program<'_>) -> Outcome {
        let mut exported = Evaluated::Object(BTreeMap::new());
        for statement in &program.body {
            match statement {
                Statement::ExportDefaultDeclaration(export) => {
                    exported = match export.declaration.as_expression() {
                        Some(expression) => self.expression(expression, 0)?,
                        None => return Err(self.unknown(statement)),
                    };
                }
                Statement::ExportNamedDeclaration(export) => {
                    for specifier in &export.specifiers {
                        if export_name(&specifier.exported) != "default" {
                            continue;
                        }
                        exported = self.name(export_name(&specifier.local), specifier, 0)?;
                    }
                }
                // Another file's.
                Statement::ExportFromDeclaration(export) => {
                    let mut specifiers = export.specifiers.iter();
                    if specifiers.any(|one| export_name(&one.exported) == "default") {
                        return Err(self.unknown(statement));
                    }
                }
                Statement::TSExportAssignment(export) => {
                    exported = self.expression(&export.expression, 0)?;
                }
                Statement::ExpressionStatement(line) => match &line.expression {
                    Expression::AssignmentExpression(assignment) => {
                        let target = assignment.left.as_member_expression();
                        if target.and_then(MemberExpression::static_property_name)
                            != Some("exports")
                        {
                            // What it changes could be the config, or a variable.
                            return Err(self.unknown(statement));
                        }
                        exported = self.expression(&assignment.right, 0)?;
                    }
                    Expression::CallExpression(call) if self.is_harmless(call) => {}
                    // As above: Object.assign(config, …), delete config.x, x += "…".
                    _ => return Err(self.unknown(statement)),
                },
                Statement::ImportDeclaration(_)
                | Statement::VariableDeclaration(_)
                | Statement::FunctionDeclaration(_)
                | Statement::ClassDeclaration(_)
                | Statement::EmptyStatement(_)
                | Statement::ExportAllDeclaration(_)
                | Statement::TSTypeAliasDeclaration(_)
                | Statement::TSInterfaceDeclaration(_)
                | Statement::TSEnumDeclaration(_)
                | Statement::TSExternalModuleDeclaration(_)
                | Statement::ExportDeclaration(_)
                | Statement::TSGlobalDeclaration(_)
                | Statement::TSImportEqualsDeclaration(_)
                | Statement::TSNamespaceExportDeclaration(_) => {}
                // Conditions, loops and the like.
                _ => return Err(self.unknown(statement)),
            }
        }
        Ok(exported)
    }
}
