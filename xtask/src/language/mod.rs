//! `cargo xtask language`: what is wrong with a schema, and how it is formatted, as Prisma's own parser says
//! it: for every schema of the corpus, and for the same with mistakes in them.
//!
//! Needs node and the package that [`prisma::PACKAGE`] names, and says so when they are absent.

mod mutate;
mod prisma;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use similar::TextDiff;

use self::mutate::{Chance, mutate};
use self::prisma::{PACKAGE, Prisma, Said};
use crate::conformance::prisma_files;

/// Which schemas.
#[derive(Args)]
pub(crate) struct Flags {
    /// The folder that the corpus was unpacked into
    #[arg(default_value = "../shared/corpus/unpacked")]
    folder: PathBuf,
    /// Where npm installed Prisma's parser
    #[arg(long, value_name = "FOLDER", default_value = "target/prisma-schema-wasm")]
    parser: PathBuf,
    /// Of the schemas as they are, every so manieth
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    every: usize,
    /// How many schemas with mistakes
    #[arg(long, value_name = "COUNT", default_value_t = 2000)]
    mistakes: u64,
    /// Where the mistakes come from; the number of the first schema with mistakes
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Only schemas up to this size get mistakes, in bytes
    #[arg(long, value_name = "BYTES", default_value_t = 6000)]
    longest: usize,
    /// Show so many differences of each sort
    #[arg(long, value_name = "COUNT", default_value_t = 5)]
    show: usize,
}

/// How many agree.
#[derive(Default)]
struct Tally {
    asked: usize,
    checked: usize,
    formatted: usize,
    /// Schemas on which Prisma's parser itself failed.
    failed: usize,
}

pub(crate) fn run(flags: &Flags) -> anyhow::Result<ExitCode> {
    let parser = flags.parser.join("node_modules/@prisma/prisma-schema-wasm");
    if !parser.is_dir() {
        println!(
            "language: Prisma's parser is not there. npm install --prefix {} {PACKAGE}",
            flags.parser.display()
        );
        return Ok(ExitCode::FAILURE);
    }
    let mut paths = Vec::new();
    prisma_files(&flags.folder, &mut paths);
    paths.sort();
    if paths.is_empty() {
        println!(
            "language: no schemas in {}; ../shared/corpus/unpack DIR first",
            flags.folder.display()
        );
        return Ok(ExitCode::FAILURE);
    }
    let mut texts: Vec<(&Path, String)> = Vec::new();
    for path in &paths {
        let text = std::fs::read_to_string(path)?;
        if is_for_postgresql(&text) {
            texts.push((path, text));
        }
    }
    let mut prisma = Prisma::start(&flags.parser)?;
    let mut shown = [0, 0];
    let mut sound = Tally::default();
    for (path, text) in texts.iter().step_by(flags.every.max(1)) {
        compare(
            &path.display().to_string(),
            text,
            &mut prisma,
            &mut sound,
            &mut shown,
            flags.show,
        )?;
    }
    sound.tell("schemas as they are");
    let short: Vec<&(&Path, String)> = texts
        .iter()
        .filter(|(_, text)| text.len() <= flags.longest && text.contains("postgres"))
        .collect();
    let mut broken = Tally::default();
    for number in flags.seed..flags.seed + flags.mistakes {
        let mut chance = Chance::new(number);
        let Some((path, text)) = short.get(chance.below(short.len())) else { break };
        let text = mutate(text, &mut chance);
        let name = format!("mistakes {number}, {}", path.display());
        compare(&name, &text, &mut prisma, &mut broken, &mut shown, flags.show)?;
    }
    broken.tell("schemas with mistakes");
    let all = |tally: &Tally| tally.checked == tally.asked && tally.formatted == tally.asked;
    Ok(if all(&sound) && all(&broken) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

impl Tally {
    fn tell(&self, what: &str) {
        let Self { asked, checked, formatted, failed } = self;
        println!(
            "{what}: {checked} of {asked} checked alike, {formatted} of {asked} formatted alike"
        );
        if *failed > 0 {
            println!("  besides, Prisma's parser failed on {failed}");
        }
    }
}

/// Compares one schema, and shows the difference unless enough of its sort were shown.
fn compare(
    name: &str,
    text: &str,
    prisma: &mut Prisma,
    tally: &mut Tally,
    shown: &mut [usize; 2],
    show: usize,
) -> anyhow::Result<()> {
    let prismas = prisma.ask(text)?;
    let (Some(diagnostics), Some(formatted)) = (prismas.diagnostics, prismas.formatted) else {
        tally.failed += 1;
        return Ok(());
    };
    let ours = said(text);
    tally.asked += 1;
    let texts = [
        (ours.diagnostics.unwrap_or_default().join("\n"), diagnostics.join("\n")),
        (ours.formatted.unwrap_or_default(), formatted),
    ];
    let [checks, formats] = texts.each_ref().map(|(ours, prismas)| ours == prismas);
    tally.checked += usize::from(checks);
    tally.formatted += usize::from(formats);
    for ((ours, prismas), shown) in texts.iter().zip(shown) {
        if ours != prismas && *shown < show {
            *shown += 1;
            let diff = TextDiff::from_lines(prismas, ours);
            println!("=== {name}\n{}", diff.unified_diff().header("prisma", "undrift"));
        }
    }
    Ok(())
}

/// What we say of a schema, as one of Prisma 7.
fn said(text: &str) -> Said {
    let files = [psl::SourceFile { path: "schema.prisma".to_owned(), text: Arc::from(text) }];
    let loaded = psl::load(&files);
    let diagnostics = loaded.diagnostics_for(psl::Release::Seven);
    let mut lines: Vec<String> = diagnostics
        .iter()
        .map(|one| {
            let severity = match one.severity {
                psl::Severity::Warning => "warning",
                psl::Severity::Error => "error",
            };
            let place = |byte| utf16(text, byte);
            format!("{severity} {}..{} {}", place(one.span.start), place(one.span.end), one.message)
        })
        .collect();
    lines.sort();
    Said { diagnostics: Some(lines), formatted: psl::format_files(&files).pop() }
}

/// A place in a text in UTF-16's units, which Prisma's parser counts for editors.
fn utf16(text: &str, byte: u32) -> usize {
    let before = usize::try_from(byte).ok().and_then(|byte| text.get(..byte));
    before.unwrap_or(text).encode_utf16().count()
}

/// Whether a schema has a datasource, and it is PostgreSQL.
fn is_for_postgresql(text: &str) -> bool {
    let mut lines = text.lines().map(str::trim_start).filter(|line| line.starts_with("provider"));
    lines.any(|line| line.contains("\"postgres"))
}
