//! Working out a config file's value from its syntax tree.
//!
//! [`program`](self::program) looks at the statements, [`expressions`] at what they hold: [`objects`],
//! [`names`] and [`calls`] of a few known functions. What is not known for certain is an [`Obstacle`],
//! never a guess: a wrong URL is worse than a question.

mod bindings;
mod calls;
mod env_files;
mod expressions;
mod names;
mod objects;
mod program;
mod value;

use std::collections::BTreeMap;
use std::path::Path;

use oxc_allocator::Allocator;
use oxc_parser::Parser;
use oxc_span::{GetSpan, SourceType};

use self::bindings::{Binding, bindings};
pub(crate) use self::value::{Absence, Entry, Evaluated, Obstacle, Outcome, Unset};
use crate::environment::Environment;
use crate::{Error, text};

/// Works out what the file exports, and loads the `.env` files that it loads.
///
/// # Errors
/// When the file is not TypeScript, or a `.env` file cannot be read.
pub(crate) fn evaluate(
    path: &Path,
    current_directory: &Path,
    source: &str,
    environment: &mut Environment,
) -> Result<Outcome, Error> {
    if let Some(offset) = too_deep(source) {
        let (line, column) = text::place(source, offset);
        let problem = "nested too deeply to be read without running the file".to_owned();
        return Ok(Err(Obstacle::Unknown { line, column, problem }));
    }
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
    let files = match env_files::env_files(&parsed.program, &before) {
        Ok(files) => files,
        Err(obstacle) => return Ok(Err(obstacle)),
    };
    env_files::load(files, current_directory, environment)?;
    let context = Context { path, current_directory, source, environment, bindings: &bindings };
    Ok(context.program(&parsed.program))
}

/// How deep brackets may be nested in a file, and how many operators may stand before a value.
const MAXIMUM_NESTING: usize = 200;

/// Where a file is nested so deeply that the parser, which calls itself for every bracket and every
/// operator in front of a value, could run out of stack. Brackets in strings count too.
fn too_deep(source: &str) -> Option<usize> {
    let (mut brackets, mut operators) = (0_usize, 0_usize);
    source.bytes().position(|byte| {
        match byte {
            b'(' | b'[' | b'{' => brackets += 1,
            b')' | b']' | b'}' => brackets = brackets.saturating_sub(1),
            _ => {}
        }
        operators = match byte {
            b'!' | b'~' | b'+' | b'-' => operators + 1,
            _ if byte.is_ascii_whitespace() => operators,
            _ => 0,
        };
        brackets > MAXIMUM_NESTING || operators > MAXIMUM_NESTING
    })
}

/// How deep an expression may go, through the constants it names.
const MAXIMUM_DEPTH: usize = 64;

/// What an expression is worked out with.
struct Context<'a> {
    path: &'a Path,
    current_directory: &'a Path,
    source: &'a str,
    environment: &'a Environment,
    bindings: &'a BTreeMap<&'a str, Binding<'a>>,
}

impl Context<'_> {
    /// That only running the file can tell what this piece of it comes to.
    fn unknown(&self, what: &impl GetSpan) -> Obstacle {
        let span = what.span();
        let (start, end) = (span.start as usize, span.end as usize);
        let text = self.source.get(start..end).unwrap_or_default();
        // A URL in the code could hold a password.
        let shown: String = if text.contains("://") {
            "this".to_owned()
        } else {
            let line = text.lines().next().unwrap_or_default();
            format!("`{}`", line.chars().take(60).collect::<String>())
        };
        self.problem(start, &format!("{shown} cannot be worked out without running the file"))
    }

    fn problem(&self, offset: usize, problem: &str) -> Obstacle {
        let (line, column) = text::place(self.source, offset);
        Obstacle::Unknown { line, column, problem: problem.to_owned() }
    }

    fn line(&self, what: &impl GetSpan) -> usize {
        text::place(self.source, what.span().start as usize).0
    }
}
