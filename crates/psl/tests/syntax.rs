//! What the parser refuses, with which words, and where. All expectations were compared with Prisma.

#![expect(clippy::needless_raw_string_hashes, reason = "expect-test writes them")]

use expect_test::{Expect, expect};
use psl::{FileId, parse};

/// Parses a text and lists what is wrong with it: the message and the text it is about.
#[expect(clippy::needless_pass_by_value, reason = "expectations are written in place")]
fn check(text: &str, expected: Expect) {
    let mut found = String::new();
    for diagnostic in parse(FileId(0), text).diagnostics {
        let range = diagnostic.span.start as usize..diagnostic.span.end as usize;
        let about =
            text.get(range).unwrap_or("outside of the text").replace('\r', "␍").replace('\n', "⏎");
        found.extend([diagnostic.message.as_str(), " «", &about, "»\n"]);
    }
    expected.assert_eq(&found);
}

/// Checks a line of a model.
fn check_line(line: &str, expected: Expect) {
    check(&format!("model A {{\n  {line}\n}}\n"), expected);
}

#[test]
fn a_line_outside_of_blocks_is_invalid() {
    check(
        "foo\n",
        expect![[r#"
        Error validating: This line is invalid. It does not start with any known Prisma schema keyword. «foo⏎»
    "#]],
    );
    check(
        "Model A {\n  id Int\n}\n",
        expect![[r#"
        Error validating: This line is invalid. It does not start with any known Prisma schema keyword. «Model A {⏎»
        Error validating: This line is invalid. It does not start with any known Prisma schema keyword. «id Int⏎»
        Error validating: This line is invalid. It does not start with any known Prisma schema keyword. «}⏎»
    "#]],
    );
}

#[test]
fn a_block_needs_a_known_keyword() {
    check(
        "foo {\n  id Int\n}\n",
        expect![[r#"
        Error validating: This block is invalid. It does not start with any known Prisma schema keyword. Valid keywords include 'model', 'enum', 'type', 'datasource' and 'generator'. «foo {⏎  id Int⏎}»
    "#]],
    );
    check(
        "model {\n  id Int\n}\n",
        expect![[r#"
        Error validating: This block is invalid. It does not start with any known Prisma schema keyword. Valid keywords include 'model', 'enum', 'type', 'datasource' and 'generator'. «model {⏎  id Int⏎}»
    "#]],
    );
}

#[test]
fn keyword_and_name_need_no_space_between_them() {
    check("modelA{\n  id Int\n}\n", expect![[""]]);
}

#[test]
fn a_block_opens_at_the_end_of_a_line_and_closes_at_the_start_of_one() {
    check(
        "model A { id Int }\n",
        expect![[r#"
        Error validating: This line is invalid. It does not start with any known Prisma schema keyword. «model A { id Int }⏎»
    "#]],
    );
    check(
        "model A\n{\n  id Int\n}\n",
        expect![[r#"
        Error validating: This line is invalid. It does not start with any known Prisma schema keyword. «model A⏎»
        Error validating: This line is invalid. It does not start with any known Prisma schema keyword. «{⏎»
        Error validating: This line is invalid. It does not start with any known Prisma schema keyword. «id Int⏎»
        Error validating: This line is invalid. It does not start with any known Prisma schema keyword. «}⏎»
    "#]],
    );
    check("model A { whatever\n  id Int\n} model B {\n  id Int\n}\n", expect![[""]]);
    check(
        "model A {\n  id Int\n",
        expect![[r#"
        Error validating: This line is invalid. It does not start with any known Prisma schema keyword. «model A {⏎»
        Error validating: This line is invalid. It does not start with any known Prisma schema keyword. «id Int⏎»
    "#]],
    );
}

#[test]
fn type_aliases_are_refused() {
    check(
        "type A = Int @id // x\n",
        expect![[r#"
        Error validating: Invalid type definition. Please check the documentation in https://pris.ly/d/composite-types «type A = Int @id »
    "#]],
    );
}

#[test]
fn line_breaks_of_other_systems_count() {
    check(
        "model A {\r\n  id Int\r\n  x\r\n}\r\n",
        expect![[r#"
        Error validating model "A": This field declaration is invalid. It is either missing a name or a type. «x␍⏎»
    "#]],
    );
    check("model A {\r  id Int\r}\r", expect![[""]]);
}

#[test]
fn attributes_do_not_go_over_several_lines() {
    check_line(
        "a Int @default(\n  1)",
        expect![[r#"
        Error validating: This line is not a valid field or attribute definition. «a Int @default(⏎»
        Error validating: This line is not a valid field or attribute definition. «1)⏎»
    "#]],
    );
}

#[test]
fn forms_of_prisma_1_are_refused() {
    check_line(
        "a: Int",
        expect![[r#"
        Field declarations don't require a `:`. «:»
    "#]],
    );
    check_line(
        "a Int!",
        expect![[r#"
        Fields are required by default, `!` is no longer required. «Int!»
    "#]],
    );
    check_line(
        "a [Int]",
        expect![[r#"
        To specify a list, please use `Type[]` instead of `[Type]`. «[Int]»
    "#]],
    );
    check_line(
        "a [ Unsupported(\"x\") ]",
        expect![[r#"
        To specify a list, please use `Type[]` instead of `[Type]`. «[ Unsupported("x") ]»
    "#]],
    );
}

#[test]
fn a_type_has_at_most_one_sign() {
    check_line("a Int []", expect![[""]]);
    check_line(
        "a Int[] ?",
        expect![[r#"
        Optional lists are not supported. Use either `Type[]` or `Type?`. «Int[] ?»
    "#]],
    );
    check_line(
        "a Int??",
        expect![[r#"
        Error validating: This line is not a valid field or attribute definition. «a Int??⏎»
    "#]],
    );
    check_line(
        "a Int?[]",
        expect![[r#"
        Error validating: This line is not a valid field or attribute definition. «a Int?[]⏎»
    "#]],
    );
    check_line(
        "a Int[ ]",
        expect![[r#"
        Error validating: This line is not a valid field or attribute definition. «a Int[ ]⏎»
    "#]],
    );
}

#[test]
fn a_field_needs_a_type() {
    check_line(
        "a @id",
        expect![[r#"
        Error validating model "A": This field declaration is invalid. It is either missing a name or a type. «a @id⏎»
    "#]],
    );
}

#[test]
fn names_are_letters_digits_underscores_and_dashes() {
    check_line("ä Int", expect![[""]]);
    check_line("中文 Int", expect![[""]]);
    check_line("a-b_1 Int", expect![[""]]);
    check_line(
        "_a Int",
        expect![[r#"
        Error validating: This line is not a valid field or attribute definition. «_a Int⏎»
    "#]],
    );
    check_line(
        "a² Int",
        expect![[r#"
        Error validating: This line is not a valid field or attribute definition. «a² Int⏎»
    "#]],
    );
    check_line(
        "a😀 Int",
        expect![[r#"
        Error validating: This line is not a valid field or attribute definition. «a😀 Int⏎»
    "#]],
    );
    check_line(
        "a.b Int",
        expect![[r#"
        Error validating: This line is not a valid field or attribute definition. «a.b Int⏎»
    "#]],
    );
}

#[test]
fn unicode_spaces_separate_words() {
    check_line("a\u{a0}Int\u{2003}@id", expect![[""]]);
}

#[test]
fn numbers_are_decimal() {
    check_line("a Int @default(-1.5)", expect![[""]]);
    check_line(
        "a Int @default(1.)",
        expect![[r#"
        Error validating: This line is not a valid field or attribute definition. «a Int @default(1.)⏎»
    "#]],
    );
    check_line(
        "a Int @default(1e5)",
        expect![[r#"
        Error validating: This line is not a valid field or attribute definition. «a Int @default(1e5)⏎»
    "#]],
    );
    check_line(
        "a Int @default(0x1)",
        expect![[r#"
        Error validating: This line is not a valid field or attribute definition. «a Int @default(0x1)⏎»
    "#]],
    );
}

#[test]
fn commas_stand_between_things() {
    check_line("a Int @default([1, 2])", expect![[""]]);
    check_line(
        "a Int @default([1, 2,])",
        expect![[r#"
        Error validating: This line is not a valid field or attribute definition. «a Int @default([1, 2,])⏎»
    "#]],
    );
    check_line(
        "a Int @default(1 2)",
        expect![[r#"
        Error validating: This line is not a valid field or attribute definition. «a Int @default(1 2)⏎»
    "#]],
    );
    check_line("@@index([a], where: { a: 1, b: { not: null } })", expect![[""]]);
    check_line(
        "@@index([a], where: { a: 1, })",
        expect![[r#"
        Error validating: This line is not a valid field or attribute definition. «@@index([a], where: { a: 1, })⏎»
    "#]],
    );
    check_line(
        "@@index([a], where: { a })",
        expect![[r#"
        Error validating: This line is not a valid field or attribute definition. «@@index([a], where: { a })⏎»
    "#]],
    );
}

#[test]
fn escapes_are_those_of_json() {
    check_line(r#"a String @default("\"\\\/\b\f\n\r\t\u0041\ud83d\ude00")"#, expect![[""]]);
    check_line(
        r#"a String @default("C:\x")"#,
        expect![[r#"
        Unknown escape sequence. If the value is a windows-style path, `\` must be escaped as `\\`. «\x»
    "#]],
    );
    check_line(
        r#"a String @default("\u12")"#,
        expect![[r#"
        Invalid unicode escape sequence. «\u12»
    "#]],
    );
    check_line(
        r#"a String @default("\u1")"#,
        expect![[r#"
        Invalid unicode escape sequence. «\u»
    "#]],
    );
    check_line(
        r#"a String @default("\ud83d")"#,
        expect![[r#"
        Invalid unicode escape sequence. «\ud83d»
    "#]],
    );
    check_line(
        r#"a String @default("\ud83d\u0041")"#,
        expect![[r#"
        Invalid unicode escape sequence. «\ud83d\u0041»
    "#]],
    );
}

#[test]
fn strings_end_on_their_line() {
    check_line(
        "a String @default(\"x",
        expect![[r#"
        Error validating: This line is not a valid field or attribute definition. «a String @default("x⏎»
    "#]],
    );
    check_line(
        "a String @default(\"x\ty\")",
        expect![[r#"
        Error validating: This line is not a valid field or attribute definition. «a String @default("x	y")⏎»
    "#]],
    );
}

#[test]
fn comments_stand_alone_or_at_the_end() {
    check_line("/* a */ a Int /* b\n c */", expect![[""]]);
    check_line(
        "a /* b */ Int",
        expect![[r#"
        Error validating: This line is not a valid field or attribute definition. «a /* b */ Int⏎»
    "#]],
    );
    check_line(
        "a Int /* b */ // c",
        expect![[r#"
        Error validating: This line is not a valid field or attribute definition. «a Int /* b */ // c⏎»
    "#]],
    );
    check_line(
        "/* a",
        expect![[r#"
        Error validating: This line is not a valid field or attribute definition. «/* a⏎»
    "#]],
    );
}

#[test]
fn enums_hold_names() {
    check(
        "enum A {\n  A @map(\"a\") // a\n  B Int\n  C,\n  @@map(\"a\")\n}\n",
        expect![[r#"
        Error validating: This line is not an enum value definition. «B Int⏎»
        Error validating: This line is not an enum value definition. «C,⏎»
    "#]],
    );
}

#[test]
fn settings_are_assignments() {
    check(
        "generator a {\n  b = [\"c\"] // d\n  e =\n  f \"g\"\n}\n",
        expect![[r#"
        Error validating: This line is not a valid definition within a generator. «f "g"⏎»
    "#]],
    );
    check(
        "datasource a {\n  @@map(\"b\")\n}\n",
        expect![[r#"
        Error validating: This line is not a valid definition within a datasource. «@@map("b")⏎»
    "#]],
    );
}
