//! How diagnostics are shown. All expectations were compared with `prisma validate`.

#![expect(clippy::needless_raw_string_hashes, reason = "expect-test writes them")]

use expect_test::{Expect, expect};
use psl::{Colours, FileId, SourceFile, parse, render_refusal};

#[expect(clippy::needless_pass_by_value, reason = "expectations are written in place")]
fn check(text: &str, colours: Colours, expected: Expect) {
    let file = SourceFile { path: "schema.prisma".to_owned(), text: text.into() };
    let diagnostics = parse(FileId(0), text).diagnostics;
    let rendered = render_refusal(&diagnostics, &[file], colours);
    expected.assert_eq(&rendered.replace('\x1b', "␛"));
}

#[test]
fn an_error_is_shown_with_its_neighbours() {
    check(
        "model A {\n  id Int @id\n  x\n\n}\n",
        Colours::Never,
        expect![[r#"
        error: Error validating model "A": This field declaration is invalid. It is either missing a name or a type.
          -->  schema.prisma:3
           | 
         2 |   id Int @id
         3 |   x
         4 | 
           | 

        Validation Error Count: 1"#]],
    );
}

#[test]
fn the_first_line_has_no_line_before_it() {
    check(
        "nonsense",
        Colours::Never,
        expect![[r#"
        error: Error validating: This line is invalid. It does not start with any known Prisma schema keyword.
          -->  schema.prisma:1
           | 
           | 
         1 | nonsense
           | 

        Validation Error Count: 1"#]],
    );
}

#[test]
fn several_lines_are_shown_in_full() {
    check(
        "thing {\n  a\n  b\n}\n",
        Colours::Never,
        expect![[r#"
        error: Error validating: This block is invalid. It does not start with any known Prisma schema keyword. Valid keywords include 'model', 'enum', 'type', 'datasource' and 'generator'.
          -->  schema.prisma:1
           | 
           | 
         1 | thing {
         2 |   a
         3 |   b
         4 | }
           | 

        Validation Error Count: 1"#]],
    );
}

#[test]
fn colour_marks_the_part_on_the_first_line() {
    check(
        "model A {\n  id Int: @id\n  b : Int @map(\"\\x\")\n}\n",
        Colours::Always,
        expect![[r#"
        ␛[1;91merror␛[0m: ␛[1mError validating: This line is not a valid field or attribute definition.␛[0m
          ␛[1;94m-->␛[0m  ␛[4mschema.prisma:2␛[0m
        ␛[1;94m   | ␛[0m
        ␛[1;94m 1 | ␛[0mmodel A {
        ␛[1;94m 2 | ␛[0m  ␛[1;91mid Int: @id␛[0m
        ␛[1;94m 3 | ␛[0m  b : Int @map("\x")
        ␛[1;94m   | ␛[0m
        ␛[1;91merror␛[0m: ␛[1mField declarations don't require a `:`.␛[0m
          ␛[1;94m-->␛[0m  ␛[4mschema.prisma:3␛[0m
        ␛[1;94m   | ␛[0m
        ␛[1;94m 2 | ␛[0m  id Int: @id
        ␛[1;94m 3 | ␛[0m  b ␛[1;91m:␛[0m Int @map("\x")
        ␛[1;94m   | ␛[0m

        Validation Error Count: 2"#]],
    );
}
