//! Prisma's own parser of the schema language, which npm has as WebAssembly, in a process of node.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context as _, ensure};
use serde_json::Value;

/// The package as of Prisma 7.10.1: the same bytes as in that release's command line.
pub(super) const PACKAGE: &str =
    "@prisma/prisma-schema-wasm@7.10.0-7.561d7b42579a2459cc8edf3788918b626c640023";

/// The process that answers.
pub(super) struct Prisma {
    child: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

/// What a parser says of a schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Said {
    /// What is wrong, a line each: severity, bytes, message; none if the parser itself failed.
    pub(super) diagnostics: Option<Vec<String>>,
    /// The schema, formatted.
    pub(super) formatted: Option<String>,
}

impl Prisma {
    /// Starts node with the package that was installed into a folder.
    pub(super) fn start(folder: &Path) -> anyhow::Result<Self> {
        let script = tempfile::Builder::new().suffix(".mjs").tempfile()?;
        std::fs::write(script.path(), include_str!("prisma.mjs"))?;
        let (_, script) = script.keep()?;
        let mut child = Command::new("node")
            .arg(script)
            .arg(std::path::absolute(folder)?)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("starting node")?;
        let questions = child.stdin.take().context("no way to ask node")?;
        let answers = BufReader::new(child.stdout.take().context("no way to hear node")?);
        Ok(Self { child, questions, answers })
    }

    /// Asks what Prisma says of a schema.
    pub(super) fn ask(&mut self, text: &str) -> anyhow::Result<Said> {
        writeln!(self.questions, "{}", Value::from(text))?;
        self.questions.flush()?;
        let mut line = String::new();
        ensure!(self.answers.read_line(&mut line)? > 0, "node has ended");
        let answer: Value = serde_json::from_str(&line)?;
        let diagnostics = answer.get("lint").and_then(Value::as_array);
        let diagnostics = diagnostics.map(|found| {
            let mut lines: Vec<String> = found.iter().map(diagnostic).collect();
            lines.sort();
            lines
        });
        let formatted = answer.get("format").and_then(Value::as_str).map(str::to_owned);
        Ok(Said { diagnostics, formatted })
    }
}

impl Drop for Prisma {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn diagnostic(value: &Value) -> String {
    let number = |key: &str| value.get(key).and_then(Value::as_u64).unwrap_or_default();
    let is_warning = value.get("is_warning").and_then(Value::as_bool).unwrap_or_default();
    let severity = if is_warning { "warning" } else { "error" };
    let text = value.get("text").and_then(Value::as_str).unwrap_or_default();
    format!("{severity} {}..{} {text}", number("start"), number("end"))
}
