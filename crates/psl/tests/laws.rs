//! What holds for any text, sensible or not.

use proptest::prelude::*;
use psl::{Colours, FileId, SourceFile, format, format_files, load, parse, render};

/// A schema with something of everything, as a start for texts that are almost right.
const SCHEMA: &str = r#"datasource db {
  provider   = "postgresql"
  extensions = [citext, uuid(map: "uuid-ossp", version: "1")]
}

// free
generator client {
  provider = "x" // c
}

/// About A.
model A {
  id   Int    @id @default(autoincrement())
  /* of the
     name */
  name String? @db.VarChar(3) @map("n\u0041") /// behind
  geo  Unsupported("circle")[]
  bs   B[] @relation("r")

  // about the index
  @@index([id, name(sort: Desc)], map: "i", where: { name: { not: null } }) // c
  @@map("as")
}

model B {
  id Int @id
  a  A   @relation("r")
}

enum E {
  X @map("x")
  Y
}
"#;

/// Pieces that matter to the grammar.
const PIECES: &[&str] = &[
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    "\"",
    "\\",
    "\n",
    "\r\n",
    "\r",
    "//",
    "///",
    "/*",
    "*/",
    "@",
    "@@",
    ",",
    ":",
    "=",
    "?",
    "!",
    "-",
    ".",
    "1",
    " ",
    "\t",
    "\u{a0}",
    "é",
    "😀",
    "model ",
    "type ",
    "enum A {\n",
    "a",
    "Int",
    "Unsupported(\"x\")",
    "\\u12",
    "@id",
    "now()",
    "{a: 1}",
    "// x\n",
];

fn pieces() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(PIECES), 0..40).prop_map(|pieces| pieces.concat())
}

/// The schema with pieces put in and ranges cut out.
fn almost_schema() -> impl Strategy<Value = String> {
    let change = (any::<prop::sample::Index>(), 0..8_usize, prop::sample::select(PIECES));
    prop::collection::vec(change, 1..5).prop_map(|changes| {
        let mut text = SCHEMA.to_owned();
        for (place, length, piece) in changes {
            let start = text.floor_char_boundary(place.index(text.len() + 1));
            let end = text.floor_char_boundary(start + length);
            text.replace_range(start..end.max(start), piece);
        }
        text
    })
}

fn texts() -> impl Strategy<Value = String> {
    prop_oneof![any::<String>(), pieces(), almost_schema()]
}

/// Whether a line that makes no sense may become a comment, or a comment such a line, by what is around.
fn may_become_comment(text: &str) -> bool {
    text.contains("/*") && !parse(FileId(0), text).diagnostics.is_empty()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn tokens_cover_the_text(text in texts()) {
        let mut end = 0;
        for token in parse(FileId(0), &text).tokens {
            prop_assert_eq!(token.span.start, end);
            prop_assert!(token.span.end > end);
            end = token.span.end;
        }
        prop_assert_eq!(end as usize, text.len());
    }

    #[test]
    fn diagnostics_point_into_the_text(text in texts()) {
        for diagnostic in parse(FileId(0), &text).diagnostics {
            let range = diagnostic.span.start as usize..diagnostic.span.end as usize;
            prop_assert!(text.get(range).is_some_and(|about| !about.is_empty()));
        }
    }

    #[test]
    fn formatting_again_changes_nothing_but_space(text in texts()) {
        prop_assume!(!may_become_comment(&text));
        let once = format(&text);
        let twice = format(&once);
        prop_assert!(twice.split_whitespace().eq(once.split_whitespace()), "{twice}");
        prop_assert_eq!(&format(&twice), &twice);
    }

    #[test]
    fn completed_text_is_soon_formatted(text in texts()) {
        prop_assume!(!may_become_comment(&text));
        let file = SourceFile { path: "schema.prisma".to_owned(), text: text.into() };
        let completed = format_files(&[file]).concat();
        let again = format(&completed);
        prop_assert_eq!(format(&again), again);
    }

    #[test]
    fn whatever_is_wrong_can_be_shown(text in texts()) {
        let files = [SourceFile { path: "schema.prisma".to_owned(), text: text.into() }];
        let shown = render(&load(&files).diagnostics, &files, Colours::Never);
        prop_assert_eq!(shown.matches("  -->  schema.prisma:").count() > 0, !shown.is_empty());
    }
}

#[test]
fn deep_nesting_is_an_error() {
    for (open, close) in [("[", "]"), ("f(", ")"), ("{a: ", "}")] {
        let deep = format!("{}1{}", open.repeat(100_000), close.repeat(100_000));
        let parsed = parse(FileId(0), &format!("model A {{\n  a Int @b({deep})\n}}\n"));
        assert_eq!(parsed.diagnostics.len(), 1);
    }
}

#[test]
fn time_grows_in_line_with_the_text() {
    // Each of these took quadratic time in a parser that does not remember what it has tried; at this
    // size that is minutes.
    for line in
        ["model A {\n", "a {\n", "/*\n", "model A {\n  a B /*\n", "enum A {\n  a /* \n", "\"\\\n"]
    {
        parse(FileId(0), &line.repeat(100_000));
    }
}
