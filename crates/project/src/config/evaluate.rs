//! Working out a config file's value from its syntax tree.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "the syntax tree has far more kinds of node than a config file is read for"
)]

use std::collections::BTreeMap;
use std::path::Path;

use oxc_allocator::Allocator;
use oxc_ast::ast::{
    Argument, BinaryOperator, CallExpression, Expression, LogicalOperator, ObjectExpression,
    ObjectPropertyKind, Program, PropertyKind, Statement, UnaryOperator,
};
use oxc_parser::Parser;
use oxc_span::{GetSpan, SourceType};
use serde_json::Value;

use super::bindings::{Binding, bindings, export_name};
use super::files;
use crate::environment::Environment;
use crate::{Error, path as paths, text};

/// A value as far as undrift cares for it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Evaluated {
    /// `undefined`, `null`, or a variable that is not set.
    Absent,
    String(String),
    Boolean(bool),
    /// An object; an entry that cannot be worked out matters only when it is asked for.
    Object(BTreeMap<String, Result<Self, Obstacle>>),
    /// A number, list or function: nothing that is asked for.
    Other,
}

/// Why a value cannot be worked out.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Obstacle {
    /// Only running the file could tell.
    Unknown { line: usize, column: usize, problem: String },
    /// `env()` of a variable that is not set, which would end the file.
    Variable(String),
}

impl From<Value> for Evaluated {
    fn from(value: Value) -> Self {
        match value {
            Value::Null => Self::Absent,
            Value::Bool(value) => Self::Boolean(value),
            Value::String(text) => Self::String(text),
            Value::Object(entries) => Self::Object(
                entries.into_iter().map(|(key, value)| (key, Ok(Self::from(value)))).collect(),
            ),
            Value::Number(_) | Value::Array(_) => Self::Other,
        }
    }
}

impl Evaluated {
    /// Whether JavaScript takes it for true.
    fn is_true(&self) -> Option<bool> {
        match self {
            Self::Absent => Some(false),
            Self::Boolean(value) => Some(*value),
            Self::String(text) => Some(!text.is_empty()),
            Self::Object(_) => Some(true),
            Self::Other => None,
        }
    }
}

type Outcome = Result<Evaluated, Obstacle>;

/// Works out what the file exports, and loads the `.env` files that it loads.
///
/// # Errors
/// When the file is not TypeScript.
pub(crate) fn evaluate(
    path: &Path,
    current_directory: &Path,
    source: &str,
    environment: &mut Environment,
) -> Result<Outcome, Error> {
    let allocator = Allocator::default();
    let parsed = Parser::new(&allocator, source, SourceType::ts()).parse();
    if parsed.panicked || !parsed.diagnostics.is_empty() {
        let first = parsed.diagnostics.first();
        let offset =
            first.and_then(|error| error.labels.first()).map_or(0, oxc_span::LabeledSpan::offset);
        let (line, column) = text::place(source, offset as usize);
        let problem = first.map_or("not TypeScript".to_owned(), |error| error.message.to_string());
        return Err(Error::Config { path: path.to_owned(), line, column, problem });
    }
    let bindings = bindings(&parsed.program);
    let before = Context { path, current_directory, source, environment, bindings: &bindings };
    let env_files = files::env_files(&parsed.program, &before);
    files::load(env_files, current_directory, environment)?;
    let context = Context { path, current_directory, source, environment, bindings: &bindings };
    Ok(context.program(&parsed.program))
}

/// How deep constants may refer to constants.
const MAXIMUM_DEPTH: usize = 64;

/// What an expression is worked out with.
pub(super) struct Context<'a> {
    path: &'a Path,
    current_directory: &'a Path,
    source: &'a str,
    environment: &'a Environment,
    bindings: &'a BTreeMap<&'a str, Binding<'a>>,
}

impl Context<'_> {
    fn program(&self, program: &Program<'_>) -> Outcome {
        let mut exported = None;
        for statement in &program.body {
            match statement {
                Statement::ExportDefaultDeclaration(export) => {
                    exported = Some(match export.declaration.as_expression() {
                        Some(expression) => self.expression(expression, 0),
                        None => Err(self.unknown(statement)),
                    });
                }
                Statement::ExportNamedDeclaration(export) => {
                    for specifier in &export.specifiers {
                        if export_name(&specifier.exported) == "default" {
                            let outcome = self.name(export_name(&specifier.local), specifier, 0);
                            exported = Some(outcome);
                        }
                    }
                }
                Statement::ExpressionStatement(line) => {
                    let Expression::AssignmentExpression(assignment) = &line.expression else {
                        continue;
                    };
                    let target = assignment.left.as_member_expression();
                    if target.and_then(oxc_ast::ast::MemberExpression::static_property_name)
                        != Some("exports")
                    {
                        // What it changes could be the config, or a variable.
                        return Err(self.unknown(statement));
                    }
                    exported = Some(self.expression(&assignment.right, 0));
                }
                Statement::IfStatement(_)
                | Statement::ForStatement(_)
                | Statement::ForInStatement(_)
                | Statement::ForOfStatement(_)
                | Statement::WhileStatement(_)
                | Statement::SwitchStatement(_)
                | Statement::TryStatement(_)
                | Statement::BlockStatement(_) => return Err(self.unknown(statement)),
                _ => {}
            }
        }
        exported.unwrap_or_else(|| Err(self.problem(0, "the file has no `export default`")))
    }

    fn unknown(&self, what: &impl GetSpan) -> Obstacle {
        let span = what.span();
        let (start, end) = (span.start as usize, span.end as usize);
        let text = self.source.get(start..end).unwrap_or_default();
        // A URL in the code could hold a password.
        let shown: String = if text.contains("://") {
            "this".to_owned()
        } else {
            format!(
                "`{}`",
                text.lines().next().unwrap_or_default().chars().take(60).collect::<String>()
            )
        };
        self.problem(start, &format!("{shown} cannot be worked out without running the file"))
    }

    fn problem(&self, offset: usize, problem: &str) -> Obstacle {
        let (line, column) = text::place(self.source, offset);
        Obstacle::Unknown { line, column, problem: problem.to_owned() }
    }

    pub(super) fn expression(&self, expression: &Expression<'_>, depth: usize) -> Outcome {
        if depth > MAXIMUM_DEPTH {
            return Err(self.unknown(expression));
        }
        let inner = |inner: &Expression<'_>| self.expression(inner, depth + 1);
        let is_true = |condition: &Expression<'_>| {
            inner(condition)?.is_true().ok_or_else(|| self.unknown(condition))
        };
        match expression {
            Expression::StringLiteral(text) => Ok(Evaluated::String(text.value.to_string())),
            Expression::BooleanLiteral(value) => Ok(Evaluated::Boolean(value.value)),
            Expression::NullLiteral(_) => Ok(Evaluated::Absent),
            Expression::NumericLiteral(_)
            | Expression::ArrayExpression(_)
            | Expression::ArrowFunctionExpression(_)
            | Expression::FunctionExpression(_) => Ok(Evaluated::Other),
            Expression::ParenthesizedExpression(wrapped) => inner(&wrapped.expression),
            Expression::TSAsExpression(wrapped) => inner(&wrapped.expression),
            Expression::TSSatisfiesExpression(wrapped) => inner(&wrapped.expression),
            Expression::TSNonNullExpression(wrapped) => inner(&wrapped.expression),
            Expression::Identifier(name) => self.name(name.name.as_str(), expression, depth),
            Expression::TemplateLiteral(template) => {
                let mut text = String::new();
                for (at, quasi) in template.quasis.iter().enumerate() {
                    text.push_str(quasi.value.cooked.as_ref().map_or("", |cooked| cooked.as_str()));
                    if let Some(hole) = template.expressions.get(at) {
                        match inner(hole)? {
                            Evaluated::String(value) => text.push_str(&value),
                            Evaluated::Boolean(value) => text.push_str(&value.to_string()),
                            Evaluated::Absent if !matches!(hole, Expression::NullLiteral(_)) => {
                                text.push_str("undefined");
                            }
                            _ => return Err(self.unknown(hole)),
                        }
                    }
                }
                Ok(Evaluated::String(text))
            }
            Expression::UnaryExpression(not) if not.operator == UnaryOperator::LogicalNot => {
                Ok(Evaluated::Boolean(!is_true(&not.argument)?))
            }
            Expression::ConditionalExpression(choice) => {
                inner(if is_true(&choice.test)? { &choice.consequent } else { &choice.alternate })
            }
            Expression::BinaryExpression(binary) => {
                let sides = (inner(&binary.left)?, inner(&binary.right)?);
                let is_equal = match &sides {
                    (Evaluated::Other | Evaluated::Object(_), _)
                    | (_, Evaluated::Other | Evaluated::Object(_)) => None,
                    (left, right) => Some(left == right),
                };
                match (binary.operator, sides, is_equal) {
                    (
                        BinaryOperator::Addition,
                        (Evaluated::String(left), Evaluated::String(right)),
                        _,
                    ) => Ok(Evaluated::String(left + &right)),
                    (
                        BinaryOperator::StrictEquality | BinaryOperator::Equality,
                        _,
                        Some(is_equal),
                    ) => Ok(Evaluated::Boolean(is_equal)),
                    (
                        BinaryOperator::StrictInequality | BinaryOperator::Inequality,
                        _,
                        Some(is_equal),
                    ) => Ok(Evaluated::Boolean(!is_equal)),
                    _ => Err(self.unknown(expression)),
                }
            }
            Expression::LogicalExpression(logical) => {
                let left = inner(&logical.left)?;
                let takes_right = match logical.operator {
                    LogicalOperator::Coalesce => Some(left == Evaluated::Absent),
                    LogicalOperator::Or => left.is_true().map(|is_true| !is_true),
                    LogicalOperator::And => left.is_true(),
                };
                match takes_right {
                    Some(true) => inner(&logical.right),
                    Some(false) => Ok(left),
                    None => Err(self.unknown(&logical.left)),
                }
            }
            Expression::ObjectExpression(object) => self.object(object, depth),
            Expression::CallExpression(call) => self.call(expression, call, depth),
            _ => self.member(expression, depth),
        }
    }

    fn object(&self, object: &ObjectExpression<'_>, depth: usize) -> Outcome {
        let mut entries = BTreeMap::new();
        for property in &object.properties {
            match property {
                ObjectPropertyKind::ObjectProperty(property) => {
                    let key = match property.key.static_name() {
                        Some(key) => key.to_string(),
                        None => match property.key.as_expression() {
                            Some(key) => match self.expression(key, depth + 1)? {
                                Evaluated::String(key) => key,
                                _ => return Err(self.unknown(key)),
                            },
                            None => return Err(self.unknown(&property.key)),
                        },
                    };
                    let value = match property.kind {
                        PropertyKind::Init => self.expression(&property.value, depth + 1),
                        PropertyKind::Get | PropertyKind::Set => Err(self.unknown(&**property)),
                    };
                    entries.insert(key, value);
                }
                ObjectPropertyKind::SpreadProperty(spread) => {
                    match self.expression(&spread.argument, depth + 1)? {
                        Evaluated::Object(more) => entries.extend(more),
                        Evaluated::Absent | Evaluated::Boolean(_) => {}
                        Evaluated::String(text) if text.is_empty() => {}
                        _ => return Err(self.unknown(&spread.argument)),
                    }
                }
            }
        }
        Ok(Evaluated::Object(entries))
    }

    fn name(&self, name: &str, place: &impl GetSpan, depth: usize) -> Outcome {
        match (self.bindings.get(name), name) {
            (Some(Binding::Constant(value)), _) => self.expression(value, depth + 1),
            (Some(Binding::Part { object, key, otherwise }), _) => {
                let Evaluated::Object(mut entries) = self.expression(object, depth + 1)? else {
                    return Err(self.unknown(place));
                };
                match (entries.remove(*key).unwrap_or(Ok(Evaluated::Absent))?, otherwise) {
                    (Evaluated::Absent, Some(otherwise)) => self.expression(otherwise, depth + 1),
                    (value, _) => Ok(value),
                }
            }
            (Some(Binding::Import { module: "process", name: "env" }), _) => Ok(self.variables()),
            (None, "undefined") => Ok(Evaluated::Absent),
            (None, "__dirname") => Ok(self.folder()),
            (None, "__filename") => Ok(Evaluated::String(self.path.display().to_string())),
            _ => Err(self.unknown(place)),
        }
    }

    fn folder(&self) -> Evaluated {
        let folder = self.path.parent().unwrap_or_else(|| Path::new("."));
        Evaluated::String(folder.display().to_string())
    }

    fn variables(&self) -> Evaluated {
        let text = |(name, value): (&str, &str)| {
            (name.to_owned(), Ok(Evaluated::String(value.to_owned())))
        };
        Evaluated::Object(self.environment.iter().map(text).collect())
    }

    /// `process.env`, `import.meta.dirname`, or a key of an object.
    fn member(&self, expression: &Expression<'_>, depth: usize) -> Outcome {
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
                Ok(self.variables())
            }
            object => match self.expression(object, depth + 1)? {
                Evaluated::Object(mut entries) => {
                    entries.remove(&key).unwrap_or(Ok(Evaluated::Absent))
                }
                _ => Err(self.unknown(expression)),
            },
        }
    }

    /// The module that a name stands for as a whole.
    fn module(&self, expression: &Expression<'_>) -> Option<&str> {
        let Expression::Identifier(name) = expression else { return None };
        match (self.bindings.get(name.name.as_str()), name.name.as_str()) {
            (Some(Binding::Import { module, name: "default" }), _) => Some(module),
            (None, "process") => Some("process"),
            _ => None,
        }
    }

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

    fn call(
        &self,
        expression: &Expression<'_>,
        call: &CallExpression<'_>,
        depth: usize,
    ) -> Outcome {
        let Some(function) = self.function(&call.callee) else {
            return Err(self.unknown(expression));
        };
        let arguments: Vec<Evaluated> = call
            .arguments
            .iter()
            .map(|argument| match Argument::as_expression(argument) {
                Some(argument) => self.expression(argument, depth + 1),
                None => Err(self.unknown(argument)),
            })
            .collect::<Result<_, _>>()?;
        let strings = || {
            let text = |argument: &Evaluated| match argument {
                Evaluated::String(text) => Some(text.clone()),
                _ => None,
            };
            arguments.iter().map(text).collect::<Option<Vec<_>>>()
        };
        match (function, arguments.as_slice()) {
            (("prisma/config" | "@prisma/config", "defineConfig"), [config]) => Ok(config.clone()),
            (("prisma/config" | "@prisma/config", "env"), [Evaluated::String(variable)]) => {
                match self.environment.get(variable) {
                    Some(value) => Ok(Evaluated::String(value.to_owned())),
                    None => Err(Obstacle::Variable(variable.clone())),
                }
            }
            (("", "String"), [Evaluated::String(text)]) => Ok(Evaluated::String(text.clone())),
            (("process", "cwd"), []) => {
                Ok(Evaluated::String(self.current_directory.display().to_string()))
            }
            (("url", "fileURLToPath"), [Evaluated::String(url)]) => {
                let path = url.strip_prefix("file://").ok_or_else(|| self.unknown(expression))?;
                Ok(Evaluated::String(path.to_owned()))
            }
            (("path", "dirname"), [Evaluated::String(path)]) => match Path::new(path).parent() {
                Some(folder) => Ok(Evaluated::String(folder.display().to_string())),
                None => Ok(Evaluated::String(path.clone())),
            },
            (("path", "join"), _) => match strings() {
                Some(parts) => Ok(Evaluated::String(paths::join(&parts))),
                None => Err(self.unknown(expression)),
            },
            (("path", "resolve"), _) => match strings() {
                Some(parts) => {
                    Ok(Evaluated::String(paths::resolve(self.current_directory, &parts)))
                }
                None => Err(self.unknown(expression)),
            },
            _ => Err(self.unknown(expression)),
        }
    }
}
