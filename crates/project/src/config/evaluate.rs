//! Working out a config file's value from its syntax tree.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use oxc_allocator::Allocator;
use oxc_ast::ast::{
    Argument, BinaryOperator, CallExpression, Expression, LogicalOperator, ObjectPropertyKind,
    Program, Statement,
};
use oxc_parser::Parser;
use oxc_span::{GetSpan as _, SourceType};
use serde_json::Value;

use crate::environment::Environment;
use crate::{Error, text};

/// A value as far as it could be worked out.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Evaluated {
    /// `undefined`, `null`, or a variable that is not set.
    Absent,
    String(String),
    Boolean(bool),
    Object(BTreeMap<String, Self>),
    /// A number, list or function: nothing that is asked for.
    Other,
    /// What only running the file could tell.
    Unknown {
        line: usize,
        column: usize,
        problem: String,
    },
}

impl From<Value> for Evaluated {
    fn from(value: Value) -> Self {
        match value {
            Value::Null => Self::Absent,
            Value::Bool(value) => Self::Boolean(value),
            Value::String(text) => Self::String(text),
            Value::Object(entries) => Self::Object(
                entries.into_iter().map(|(key, value)| (key, Self::from(value))).collect(),
            ),
            Value::Number(_) | Value::Array(_) => Self::Other,
        }
    }
}

/// Works out what the file exports.
///
/// # Errors
/// When the file is not TypeScript or exports nothing that could be a config.
pub(crate) fn evaluate(
    path: &Path,
    source: &str,
    environment: &mut Environment,
) -> Result<Evaluated, Error> {
    let allocator = Allocator::default();
    let parsed = Parser::new(&allocator, source, SourceType::ts()).parse();
    let at = |offset: usize, problem: String| {
        let (line, column) = text::place(source, offset);
        Error::Config { path: path.to_owned(), line, column, problem }
    };
    if parsed.panicked {
        return Err(at(0, "the file cannot be parsed as TypeScript".to_owned()));
    }
    load_env_files(&parsed.program, path, environment)?;
    let context = Context { path, source, environment, constants: constants(&parsed.program) };
    let exported = parsed.program.body.iter().find_map(exported);
    let Some(exported) = exported else {
        return Err(at(0, "the file has no `export default` that undrift understands".to_owned()));
    };
    match context.expression(exported, 0) {
        Evaluated::Unknown { line, column, problem } => {
            Err(Error::Config { path: path.to_owned(), line, column, problem })
        }
        value => Ok(value),
    }
}

/// What a statement exports: `export default …` or `module.exports = …`.
fn exported<'a>(statement: &'a Statement<'a>) -> Option<&'a Expression<'a>> {
    match statement {
        Statement::ExportDefaultDeclaration(export) => export.declaration.as_expression(),
        Statement::ExpressionStatement(statement) => match &statement.expression {
            Expression::AssignmentExpression(assignment) => {
                let target = assignment.left.as_member_expression()?;
                (target.static_property_name() == Some("exports")).then_some(&assignment.right)
            }
            _ => None,
        },
        _ => None,
    }
}

/// The constants of the file, by name.
fn constants<'a>(program: &'a Program<'a>) -> BTreeMap<String, &'a Expression<'a>> {
    let mut constants = BTreeMap::new();
    for statement in &program.body {
        if let Statement::VariableDeclaration(declaration) = statement {
            for declarator in &declaration.declarations {
                if let (Some(name), Some(value)) =
                    (declarator.id.get_identifier_name(), &declarator.init)
                {
                    constants.insert(name.to_string(), value);
                }
            }
        }
    }
    constants
}

/// Loads the `.env` files that the file would load through dotenv.
fn load_env_files(
    program: &Program<'_>,
    path: &Path,
    environment: &mut Environment,
) -> Result<(), Error> {
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    for statement in &program.body {
        let file = match statement {
            Statement::ImportDeclaration(import) if import.source.value == "dotenv/config" => {
                Some(PathBuf::from(".env"))
            }
            Statement::ExpressionStatement(statement) => match &statement.expression {
                Expression::CallExpression(call) => dotenv_call(call),
                _ => None,
            },
            Statement::VariableDeclaration(declaration) => {
                declaration.declarations.iter().find_map(|declarator| match &declarator.init {
                    Some(Expression::CallExpression(call)) => dotenv_call(call),
                    _ => None,
                })
            }
            _ => None,
        };
        if let Some(file) = file {
            environment.load(&folder.join(file))?;
        }
    }
    Ok(())
}

/// The file of `config()`, `dotenv.config({ path: "…" })` or `process.loadEnvFile("…")`.
fn dotenv_call(call: &CallExpression<'_>) -> Option<PathBuf> {
    let name = match &call.callee {
        Expression::Identifier(identifier) => identifier.name.as_str(),
        callee => callee.as_member_expression()?.static_property_name()?,
    };
    if !matches!(name, "config" | "loadEnvFile") {
        return None;
    }
    let file = match call.arguments.first().and_then(Argument::as_expression) {
        None => None,
        Some(Expression::StringLiteral(text)) => Some(text.value.to_string()),
        Some(Expression::ObjectExpression(options)) => {
            options.properties.iter().find_map(|property| match property {
                ObjectPropertyKind::ObjectProperty(property)
                    if property.key.static_name().as_deref() == Some("path") =>
                {
                    match &property.value {
                        Expression::StringLiteral(text) => Some(text.value.to_string()),
                        _ => None,
                    }
                }
                ObjectPropertyKind::ObjectProperty(_) | ObjectPropertyKind::SpreadProperty(_) => {
                    None
                }
            })
        }
        Some(_) => None,
    };
    Some(PathBuf::from(file.unwrap_or_else(|| ".env".to_owned())))
}

/// How deep constants may refer to constants.
const MAXIMUM_DEPTH: usize = 64;

struct Context<'a> {
    path: &'a Path,
    source: &'a str,
    environment: &'a Environment,
    constants: BTreeMap<String, &'a Expression<'a>>,
}

impl Context<'_> {
    fn unknown(&self, expression: &Expression<'_>) -> Evaluated {
        let span = expression.span();
        let (start, end) = (span.start as usize, span.end as usize);
        let shown: String =
            self.source.get(start..end).unwrap_or_default().chars().take(60).collect();
        self.problem(start, format!("`{shown}` cannot be worked out without running the file"))
    }

    fn problem(&self, offset: usize, problem: String) -> Evaluated {
        let (line, column) = text::place(self.source, offset);
        Evaluated::Unknown { line, column, problem }
    }

    fn expression(&self, expression: &Expression<'_>, depth: usize) -> Evaluated {
        if depth > MAXIMUM_DEPTH {
            return self.unknown(expression);
        }
        let inner = |inner: &Expression<'_>| self.expression(inner, depth + 1);
        match expression {
            Expression::StringLiteral(text) => Evaluated::String(text.value.to_string()),
            Expression::BooleanLiteral(value) => Evaluated::Boolean(value.value),
            Expression::NullLiteral(_) => Evaluated::Absent,
            Expression::NumericLiteral(_)
            | Expression::ArrayExpression(_)
            | Expression::ArrowFunctionExpression(_)
            | Expression::FunctionExpression(_) => Evaluated::Other,
            Expression::ParenthesizedExpression(wrapped) => inner(&wrapped.expression),
            Expression::TSAsExpression(wrapped) => inner(&wrapped.expression),
            Expression::TSSatisfiesExpression(wrapped) => inner(&wrapped.expression),
            Expression::TSNonNullExpression(wrapped) => inner(&wrapped.expression),
            Expression::Identifier(name) if name.name == "undefined" => Evaluated::Absent,
            Expression::Identifier(name) if name.name == "__dirname" => self.folder(),
            Expression::Identifier(name) => match self.constants.get(name.name.as_str()) {
                Some(value) => inner(value),
                None => self.unknown(expression),
            },
            Expression::TemplateLiteral(template) => {
                let mut text = String::new();
                for (at, quasi) in template.quasis.iter().enumerate() {
                    text.push_str(quasi.value.cooked.as_ref().map_or("", |cooked| cooked.as_str()));
                    if let Some(hole) = template.expressions.get(at) {
                        match inner(hole) {
                            Evaluated::String(value) => text.push_str(&value),
                            Evaluated::Absent => text.push_str("undefined"),
                            Evaluated::Boolean(value) => text.push_str(&value.to_string()),
                            Evaluated::Object(_) | Evaluated::Other | Evaluated::Unknown { .. } => {
                                return self.unknown(hole);
                            }
                        }
                    }
                }
                Evaluated::String(text)
            }
            Expression::BinaryExpression(sum) if sum.operator == BinaryOperator::Addition => {
                match (inner(&sum.left), inner(&sum.right)) {
                    (Evaluated::String(left), Evaluated::String(right)) => {
                        Evaluated::String(left + &right)
                    }
                    _ => self.unknown(expression),
                }
            }
            Expression::LogicalExpression(logical) => {
                let left = inner(&logical.left);
                let takes_right = match (logical.operator, &left) {
                    (_, Evaluated::Unknown { .. }) => return left,
                    (LogicalOperator::Coalesce, Evaluated::Absent) => true,
                    (LogicalOperator::Coalesce, _) => false,
                    (operator, left) => {
                        let is_false = match left {
                            Evaluated::Absent | Evaluated::Boolean(false) => true,
                            Evaluated::String(text) => text.is_empty(),
                            _ => false,
                        };
                        (operator == LogicalOperator::Or) == is_false
                    }
                };
                if takes_right { inner(&logical.right) } else { left }
            }
            Expression::ObjectExpression(object) => {
                let mut entries = BTreeMap::new();
                for property in &object.properties {
                    match property {
                        ObjectPropertyKind::ObjectProperty(property) => {
                            if let Some(key) = property.key.static_name() {
                                entries.insert(key.to_string(), inner(&property.value));
                            }
                        }
                        ObjectPropertyKind::SpreadProperty(spread) => {
                            match inner(&spread.argument) {
                                Evaluated::Object(more) => entries.extend(more),
                                Evaluated::Absent => {}
                                _ => return self.unknown(&spread.argument),
                            }
                        }
                    }
                }
                Evaluated::Object(entries)
            }
            Expression::CallExpression(call) => self.call(expression, call, depth),
            _ => self.member(expression, depth),
        }
    }

    fn folder(&self) -> Evaluated {
        let folder = self.path.parent().unwrap_or_else(|| Path::new("."));
        Evaluated::String(folder.display().to_string())
    }

    /// `process.env.X`, `process.env["X"]`, `import.meta.dirname`, or a key of a constant.
    fn member(&self, expression: &Expression<'_>, depth: usize) -> Evaluated {
        let Some(member) = expression.as_member_expression() else {
            return self.unknown(expression);
        };
        let Some(key) = member.static_property_name() else { return self.unknown(expression) };
        let object = member.object();
        let object_text = {
            let span = object.span();
            self.source.get(span.start as usize..span.end as usize).unwrap_or_default()
        };
        match object_text {
            "process.env" => match self.environment.get(key) {
                Some(value) => Evaluated::String(value.to_owned()),
                None => Evaluated::Absent,
            },
            "import.meta" if key == "dirname" => self.folder(),
            _ => match self.expression(object, depth + 1) {
                Evaluated::Object(mut entries) => entries.remove(key).unwrap_or(Evaluated::Absent),
                _ => self.unknown(expression),
            },
        }
    }

    fn call(
        &self,
        expression: &Expression<'_>,
        call: &CallExpression<'_>,
        depth: usize,
    ) -> Evaluated {
        let name = match &call.callee {
            Expression::Identifier(identifier) => identifier.name.as_str(),
            callee => match callee.as_member_expression().and_then(|m| m.static_property_name()) {
                Some(name) => name,
                None => return self.unknown(expression),
            },
        };
        let arguments: Vec<Evaluated> = call
            .arguments
            .iter()
            .filter_map(Argument::as_expression)
            .map(|argument| self.expression(argument, depth + 1))
            .collect();
        match (name, arguments.as_slice()) {
            ("defineConfig", [config]) => config.clone(),
            ("env", [Evaluated::String(variable)]) => match self.environment.get(variable) {
                Some(value) => Evaluated::String(value.to_owned()),
                None => self.problem(
                    call.span.start as usize,
                    format!("Cannot resolve environment variable: {variable}."),
                ),
            },
            ("String", [value]) => value.clone(),
            ("join" | "resolve", parts) => {
                let mut path = PathBuf::new();
                for part in parts {
                    let Evaluated::String(part) = part else { return self.unknown(expression) };
                    path.push(part);
                }
                Evaluated::String(path.display().to_string())
            }
            _ => self.unknown(expression),
        }
    }
}
