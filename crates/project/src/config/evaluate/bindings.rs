//! What the names of a config file stand for.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "the syntax tree has far more kinds of node than a config file is read for"
)]

use std::collections::BTreeMap;

use oxc_ast::ast::{
    Argument, BindingPattern, Declaration, Expression, ImportDeclarationSpecifier,
    ModuleExportName, Program, Statement, VariableDeclaration,
};

/// What a name stands for, as far as it stays the same while the file runs.
#[derive(Clone, Copy)]
pub(super) enum Binding<'a> {
    /// A constant.
    Constant(&'a Expression<'a>),
    /// A constant taken out of an object: `const { key = otherwise } = object`.
    Part { object: &'a Expression<'a>, key: &'a str, otherwise: Option<&'a Expression<'a>> },
    /// One export of a module, or `default` for the whole module.
    Import { module: &'a str, name: &'a str },
}

/// Collects the constants and imports at the top of the file.
pub(super) fn bindings<'a>(program: &'a Program<'a>) -> BTreeMap<&'a str, Binding<'a>> {
    let mut found = BTreeMap::new();
    for statement in &program.body {
        match statement {
            Statement::ImportDeclaration(import) => {
                let module = module_name(import.source.value.as_str());
                for specifier in import.specifiers.iter().flatten() {
                    let (local, name) = match specifier {
                        ImportDeclarationSpecifier::ImportSpecifier(one) => {
                            (&one.local, export_name(&one.imported))
                        }
                        ImportDeclarationSpecifier::ImportDefaultSpecifier(one) => {
                            (&one.local, "default")
                        }
                        ImportDeclarationSpecifier::ImportNamespaceSpecifier(one) => {
                            (&one.local, "default")
                        }
                    };
                    found.insert(local.name.as_str(), Binding::Import { module, name });
                }
            }
            Statement::VariableDeclaration(declaration) => declare(declaration, &mut found),
            Statement::ExportDeclaration(export) => {
                if let Declaration::VariableDeclaration(declaration) = &export.declaration {
                    declare(declaration, &mut found);
                }
            }
            _ => {}
        }
    }
    found
}

/// Takes in constants only: of what `let` declares, another line may change the value.
fn declare<'a>(
    declaration: &'a VariableDeclaration<'a>,
    found: &mut BTreeMap<&'a str, Binding<'a>>,
) {
    for declarator in declaration.declarations.iter().filter(|_| declaration.kind.is_const()) {
        if let Some(value) = &declarator.init {
            bind(&declarator.id, value, found);
        }
    }
}

fn bind<'a>(
    pattern: &'a BindingPattern<'a>,
    value: &'a Expression<'a>,
    found: &mut BTreeMap<&'a str, Binding<'a>>,
) {
    let required = required_module(value);
    if let Some(name) = pattern.get_identifier_name() {
        let binding = match required {
            Some(module) => Binding::Import { module, name: "default" },
            None => Binding::Constant(value),
        };
        found.insert(name.as_str(), binding);
    } else if let BindingPattern::ObjectPattern(pattern) = pattern {
        for property in &pattern.properties {
            let (target, otherwise) = match &property.value {
                BindingPattern::AssignmentPattern(assignment) => {
                    (&assignment.left, Some(&assignment.right))
                }
                target => (target, None),
            };
            let key = property.key.name_if_plain();
            if let (Some(name), Some(key)) = (target.get_identifier_name(), key) {
                let binding = match required {
                    Some(module) => Binding::Import { module, name: key },
                    None => Binding::Part { object: value, key, otherwise },
                };
                found.insert(name.as_str(), binding);
            }
        }
    }
}

/// The module of `require("…")`.
fn required_module<'a>(value: &'a Expression<'a>) -> Option<&'a str> {
    let Expression::CallExpression(call) = value else { return None };
    let Expression::Identifier(function) = &call.callee else { return None };
    match call.arguments.first()? {
        Argument::StringLiteral(module) if function.name == "require" => {
            Some(module_name(module.value.as_str()))
        }
        _ => None,
    }
}

/// The name of a module without what only says that it is Node's own.
fn module_name(module: &str) -> &str {
    module.strip_prefix("node:").unwrap_or(module)
}

/// The name under which a module exports something.
pub(super) fn export_name<'a>(name: &'a ModuleExportName<'a>) -> &'a str {
    match name {
        ModuleExportName::IdentifierName(name) => name.name.as_str(),
        ModuleExportName::IdentifierReference(name) => name.name.as_str(),
        ModuleExportName::StringLiteral(name) => name.value.as_str(),
    }
}

trait PlainKey<'a> {
    fn name_if_plain(&'a self) -> Option<&'a str>;
}

impl<'a> PlainKey<'a> for oxc_ast::ast::PropertyKey<'a> {
    fn name_if_plain(&'a self) -> Option<&'a str> {
        match self {
            Self::StaticIdentifier(name) => Some(name.name.as_str()),
            Self::StringLiteral(name) => Some(name.value.as_str()),
            _ => None,
        }
    }
}
