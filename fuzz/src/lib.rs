//! What holds for any text, whatever it says.
//!
//! Each function takes a text and panics if a law does not hold. `targets` hands them to libFuzzer;
//! `cargo xtask fuzz` collects texts to start from and runs that.

use std::collections::BTreeSet;

use catalog::{Catalog, Language, Pair, diff, drift, snapshot};
use planner::full::FullPlan;
use psl::syntax::{Member, TokenKind};
use psl::{Colours, FileId, SchemaFiles, Severity, SourceFile};
use pull::{Keep, Request};
use script::{Boundaries, Script, without_passwords};

/// A schema file parses: its tokens are the whole text, and what is wrong can be shown.
pub fn parse(text: &str) {
    let parsed = psl::parse(FileId(0), text);
    let mut end = 0;
    for token in &parsed.tokens {
        assert_eq!(token.span.start, end, "tokens leave something out");
        assert!(token.span.end > end, "an empty token");
        end = token.span.end;
    }
    assert_eq!(end as usize, text.len(), "tokens end too soon");
    let files = files(text);
    let loaded = files.load();
    for diagnostic in &loaded.diagnostics {
        let span = diagnostic.span.start as usize..diagnostic.span.end as usize;
        assert!(text.get(span).is_some(), "a diagnostic points outside of the text");
    }
    let shown = psl::render(&loaded.diagnostics, &files, Colours::Never);
    assert_eq!(shown.is_empty(), loaded.diagnostics.is_empty());
}

/// A formatted schema file has the words and comments it had, means the same, and is soon formatted:
/// once more may take away or add empty lines, as with Prisma.
pub fn format(text: &str) {
    let formatted = psl::format(text);
    let is_understood = psl::parse(FileId(0), text).diagnostics.is_empty();
    if !is_understood && text.contains("/*") {
        // What is around may make a comment of a line that makes no sense, or of a comment such a line.
        return;
    }
    let again = psl::format(&formatted);
    assert_eq!(
        again.split_whitespace().collect::<Vec<_>>(),
        formatted.split_whitespace().collect::<Vec<_>>(),
        "formatting again changes something"
    );
    assert_eq!(psl::format(&again), again, "formatting does not settle");
    // A property without a value loses its sign, as with Prisma, and the line makes no sense then.
    let parsed = psl::parse(FileId(0), text);
    let members = parsed.document.blocks.iter().flat_map(|block| &block.members);
    let lacks_value =
        |member: &Member| matches!(member, Member::Property(property) if property.value.is_none());
    if !members.into_iter().any(lacks_value) {
        assert_eq!(words(&formatted), words(text), "words are lost or found");
        assert_eq!(comments(&formatted), comments(text), "comments are lost or found");
    }

    let (before, after) = (files(text), files(&formatted));
    if is_valid(&before) {
        assert_eq!(complaints(&after), complaints(&before), "other things are wrong");
        let [before, after] = [&before, &after].map(|files| &files.load().schema);
        let [was, is] = [before, after].map(|schema| catalog::declare(schema, "public"));
        assert_eq!(drift(Pair::new(&was, &is)), [], "it means something else");
    }

    let completed = psl::format_files(&before).concat();
    let again = psl::format(&completed);
    assert_eq!(psl::format(&again), again, "what is completed does not settle");
}

/// A schema without errors declares a catalog that equals itself in every comparison, goes through a
/// snapshot, and can be pulled: the pulled schema is formatted, and what is pulled onto a pulled
/// schema stays as it is.
pub fn declare(text: &str) {
    let files = files(text);
    if !is_valid(&files) {
        return;
    }
    let catalog = catalog::declare(&files.load().schema, "public");
    let same = Pair::new(&catalog, &catalog);
    assert_eq!(diff(same, Language::WHOLE), []);
    assert_eq!(drift(same), []);
    assert_eq!(FullPlan::of(same), FullPlan::default());
    let kept = snapshot::read(&snapshot::write(&catalog, "")).expect("it was just written");
    assert_eq!(kept, catalog, "a snapshot is something else");

    let mut last = files;
    for is_settled in [false, false, true] {
        let Some(pulled) = pulled(&catalog, &last) else { return };
        assert_eq!(psl::format(&pulled), pulled, "what is pulled is not formatted");
        // At first, `/* */` comments and settings of former releases become what they are now.
        assert!(!is_settled || *last[0].text == *pulled, "pulling again changes {pulled}");
        last = self::files(&pulled);
        if !is_valid(&last) {
            return;
        }
    }
}

/// A script is cut into statements that leave out nothing but blanks, comments and semicolons, and
/// each of which is one statement by itself.
pub fn split(text: &str) {
    let script = Script::parse(text);
    if !script.is_certain() {
        assert_eq!(script.statements().len(), 1, "a script in doubt is one statement");
    }
    let mut end = 0;
    for statement in script.statements() {
        let between = text.get(end..statement.span.start).expect("in order, on characters");
        assert!(is_blank(between), "{between:?} belongs to no statement");
        end = statement.span.end;
        let alone = script.statement_text(statement);
        let parsed = Script::parse(alone);
        if script.is_certain() {
            assert!(parsed.is_certain(), "{alone:?} is in doubt by itself");
            assert_eq!(parsed.statements().len(), 1, "{alone:?} is cut further");
            assert_eq!(parsed.statements()[0].span, 0..alone.len(), "{alone:?} is shorter");
            assert_eq!(parsed.statements()[0].kind, statement.kind, "{alone:?} is another kind");
        }
    }
    let rest = text.get(end..).expect("on characters");
    assert!(is_blank(rest), "{rest:?} belongs to no statement");

    for boundaries in [Boundaries::Absorbed, Boundaries::Own] {
        let mut next = 0;
        for batch in script.batches(boundaries, &BTreeSet::new()).into_iter().flatten() {
            assert!(batch.statements().start >= next, "a statement runs twice");
            next = batch.statements().end;
        }
        assert!(next <= script.statements().len());
    }
    let shown = without_passwords(text);
    assert_eq!(without_passwords(&shown), shown, "hiding passwords again changes something");
    for byte in 0..=text.len() {
        let _ = (script.place(byte), script.statement_at(byte));
    }
}

fn files(text: &str) -> SchemaFiles {
    [SourceFile { path: "schema.prisma".to_owned(), text: text.into() }].into_iter().collect()
}

fn is_valid(files: &SchemaFiles) -> bool {
    files.load().diagnostics.iter().all(|diagnostic| diagnostic.severity != Severity::Error)
}

/// What is wrong, without the places.
fn complaints(files: &SchemaFiles) -> Vec<String> {
    let diagnostics = files.load().diagnostics.iter();
    let mut messages: Vec<String> = diagnostics.map(|one| one.message.clone()).collect();
    messages.sort();
    messages
}

/// The letters and digits of everything but comments, sorted: attributes may change places.
fn words(text: &str) -> Vec<&str> {
    let mut words: Vec<&str> = psl::parse(FileId(0), text)
        .tokens
        .iter()
        .filter(|token| {
            matches!(token.kind, TokenKind::Word | TokenKind::Number | TokenKind::String)
        })
        .map(|token| &text[token.span.start as usize..token.span.end as usize])
        .collect();
    words.sort_unstable();
    words
}

/// The words of all comments, sorted, without the stars that stand alone in `/* */`.
fn comments(text: &str) -> Vec<&str> {
    let mut words: Vec<&str> = psl::parse(FileId(0), text)
        .tokens
        .iter()
        .filter(|token| {
            use TokenKind::{BlockComment, Comment, Documentation};
            matches!(token.kind, Comment | Documentation | BlockComment)
        })
        .flat_map(|token| {
            let comment = &text[token.span.start as usize..token.span.end as usize];
            let text = match token.kind {
                TokenKind::BlockComment => comment.trim_start_matches("/*").trim_end_matches("*/"),
                _ => comment.trim_start_matches('/'),
            };
            text.split(|c: char| c.is_whitespace() || c == '*').filter(|word| !word.is_empty())
        })
        .collect();
    words.sort_unstable();
    words
}

fn pulled(catalog: &Catalog, files: &SchemaFiles) -> Option<String> {
    let request = Request {
        files,
        keep: Keep::Everything,
        schemas: &["public".to_owned()],
        has_own_schemas: false,
        language: Language::WHOLE,
        new_file: "schema.prisma",
    };
    pull::pull(catalog, request).ok()?.files.remove("schema.prisma")
}

/// Whether SQL says nothing: blanks, comments, semicolons.
fn is_blank(sql: &str) -> bool {
    let mut rest = sql;
    loop {
        rest = rest.trim_start_matches([' ', '\t', '\n', '\r', '\x0b', '\x0c', ';']);
        if let Some(comment) = rest.strip_prefix("--") {
            rest = comment.find(['\n', '\r']).map_or("", |end| &comment[end..]);
        } else if let Some(comment) = rest.strip_prefix("/*") {
            let mut depth = 1;
            let mut at = 0;
            while depth > 0 && at < comment.len() {
                let (step, change) = match &comment.as_bytes()[at..] {
                    [b'/', b'*', ..] => (2, 1),
                    [b'*', b'/', ..] => (2, -1),
                    _ => (1, 0),
                };
                at += step;
                depth += change;
            }
            rest = comment.get(at..).unwrap_or_default();
        } else {
            return rest.is_empty();
        }
    }
}
