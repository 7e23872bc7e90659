//! How the formatter writes things. All expectations were compared with `prisma format`.

#![expect(clippy::needless_raw_string_hashes, reason = "expect-test writes them")]

use expect_test::{Expect, expect};
use psl::{SourceFile, format_files};

#[expect(clippy::needless_pass_by_value, reason = "expectations are written in place")]
fn check(text: &str, expected: Expect) {
    let file = SourceFile { path: "schema.prisma".to_owned(), text: text.into() };
    expected.assert_eq(&format_files(&[file]).concat());
}

#[test]
fn columns_are_aligned_up_to_an_empty_line() {
    check(
        "model A{\n\n\nid Int @id\n  name   String? // n\n\n  email String @unique\n\n}\n\n\n\nenum B{\nX @map(\"x\")\n  LONG   @map(\"l\")\n}",
        expect![[r#"
            model A {
              id   Int     @id
              name String? // n

              email String @unique
            }

            enum B {
              X    @map("x")
              LONG @map("l")
            }
        "#]],
    );
}

#[test]
fn settings_are_aligned() {
    check(
        "datasource db {\nprovider=\"postgresql\"\n  schemas = [ \"a\",\"b\" ] // c\n}\n",
        expect![[r#"
            datasource db {
              provider = "postgresql"
              schemas  = ["a", "b"] // c
            }
        "#]],
    );
}

#[test]
fn attributes_are_sorted_and_those_of_the_block_come_last() {
    check(
        "model A {\n  @@map(\"a\")\n  // about the index\n  @@index( [ name( sort : Desc ) ] )\n  id Int @map(\"x\") @db.Integer @default( 1 ) @id\n  name String\n}\n",
        expect![[r#"
            model A {
              id   Int    @id @default(1) @map("x") @db.Integer
              name String

              // about the index
              @@index([name(sort: Desc)])
              @@map("a")
            }
        "#]],
    );
}

#[test]
fn comments_keep_their_place() {
    check(
        "// top\n\n/// about A\nmodel A { // lost, as in Prisma\n  /// about id\n  id Int @id // i\n  // a\n\n  // b\n  x Int /// x\n}\n// end",
        expect![[r#"
            // top

            /// about A
            model A {
              /// about id
              id Int @id // i
              // a

              // b
              x Int /// x
            }

            // end
        "#]],
    );
}

#[test]
fn block_comments_get_stars() {
    check(
        "model A {\n  /* one\n   * two\n\n  three */\n  id Int @id /* i */\n}\n",
        expect![[r#"
        model A {
          /**
           * one
           * two
           * three
           */
          id Int @id /* i */
        }
    "#]],
    );
}

#[test]
fn lines_that_make_no_sense_stay_and_align_with_nothing() {
    check(
        "model A {\n  id Int @id\n    what is this supposed to be??\n  name String\n}\nnonsense\n",
        expect![[r#"
            model A {
              id   Int    @id
              what is this supposed to be??
              name String
            }

            nonsense
        "#]],
    );
}

#[test]
fn signs_of_prisma_1_are_modernized() {
    check(
        "model A {\n  id: Int! @id\n  tags: [String]\n}\n",
        expect![[r#"
        model A {
          id   Int      @id
          tags String[]
        }
    "#]],
    );
}

#[test]
fn the_width_of_a_column_counts_bytes() {
    check(
        "model A {\n  é Int @id\n  ab Int\n}\n",
        expect![[r#"
        model A {
          é Int @id
          ab Int
        }
    "#]],
    );
}

#[test]
fn a_list_gets_its_other_side() {
    check(
        "model User {\n  id String @id @db.Uuid\n  posts Post[]\n}\n\nmodel Post {\n  id Int @id\n}\n",
        expect![[r#"
            model User {
              id    String @id @db.Uuid
              posts Post[]
            }

            model Post {
              id     Int     @id
              user   User?   @relation(fields: [userId], references: [id])
              userId String? @db.Uuid
            }
        "#]],
    );
}

#[test]
fn a_reference_gets_its_column_and_the_list_on_the_other_side() {
    check(
        "model User {\n  a Int\n  b Int\n  @@id([a, b])\n}\n\nmodel BlogCategory {\n  id Int @id\n  user User? // u\n}\n",
        expect![[r#"
            model User {
              a              Int
              b              Int
              blogCategories BlogCategory[]

              @@id([a, b])
            }

            model BlogCategory {
              id    Int   @id
              user  User? @relation(fields: [userA, userB], references: [a, b]) // u
              userA Int?
              userB Int?
            }
        "#]],
    );
}

#[test]
fn an_attribute_gets_the_arguments_it_lacks() {
    check(
        "model User {\n  id Int @id\n  posts Post[] @relation(\"p\")\n}\n\nmodel Post {\n  id Int @id\n  userId Int\n  user User @relation(\"p\")\n}\n",
        expect![[r#"
            model User {
              id    Int    @id
              posts Post[] @relation("p")
            }

            model Post {
              id     Int  @id
              userId Int
              user   User @relation("p", fields: [userId], references: [id])
            }
        "#]],
    );
}

#[test]
fn a_unique_column_makes_a_relation_of_one_to_one() {
    check(
        "model User {\n  id Int @id\n}\n\nmodel Profile {\n  id Int @id\n  u Int @unique\n  user User @relation(fields: [u], references: [id])\n}\n",
        expect![[r#"
            model User {
              id      Int      @id
              profile Profile?
            }

            model Profile {
              id   Int  @id
              u    Int  @unique
              user User @relation(fields: [u], references: [id])
            }
        "#]],
    );
}

#[test]
fn an_ignored_model_is_ignored_on_the_other_side() {
    check(
        "model User {\n  id Int @id\n}\n\nmodel Log {\n  userId Int\n  user User @relation(fields: [userId], references: [id])\n  @@ignore\n}\n",
        expect![[r#"
            model User {
              id   Int   @id
              logs Log[] @ignore
            }

            model Log {
              userId Int
              user   User @relation(fields: [userId], references: [id])

              @@ignore
            }
        "#]],
    );
}

#[test]
fn nothing_is_added_while_something_is_wrong() {
    check(
        "model User {\n  id Int @id\n  posts Post[]\n  x Unknown\n}\n\nmodel Post {\n  id Int @id\n}\n",
        expect![[r#"
            model User {
              id    Int     @id
              posts Post[]
              x     Unknown
            }

            model Post {
              id Int @id
            }
        "#]],
    );
}

#[test]
fn fields_are_called_after_their_models() {
    check(
        "model Company {\n  id Int @id\n  to Hub @relation(fields: [id], references: [id])\n}\n\nmodel Blog_Post {\n  id Int @id\n  to Hub @relation(fields: [id], references: [id])\n}\n\nmodel APIKey2User {\n  id Int @id\n  to Hub @relation(fields: [id], references: [id])\n}\n\nmodel Status {\n  x Int\n  to Hub @relation(fields: [x], references: [id])\n}\n\nmodel Users {\n  x Int\n  to Hub @relation(fields: [x], references: [id])\n}\n\nmodel Person {\n  x Int\n  to Hub @relation(fields: [x], references: [id])\n}\n\nmodel NewsBox {\n  x Int\n  to Hub @relation(fields: [x], references: [id])\n}\n\nmodel Equipment {\n  x Int\n  to Hub @relation(fields: [x], references: [id])\n}\n\nmodel Hub {\n  id Int @id\n}\n",
        expect![[r#"
            model Company {
              id Int @id
              to Hub @relation(fields: [id], references: [id])
            }

            model Blog_Post {
              id Int @id
              to Hub @relation(fields: [id], references: [id])
            }

            model APIKey2User {
              id Int @id
              to Hub @relation(fields: [id], references: [id])
            }

            model Status {
              x  Int
              to Hub @relation(fields: [x], references: [id])
            }

            model Users {
              x  Int
              to Hub @relation(fields: [x], references: [id])
            }

            model Person {
              x  Int
              to Hub @relation(fields: [x], references: [id])
            }

            model NewsBox {
              x  Int
              to Hub @relation(fields: [x], references: [id])
            }

            model Equipment {
              x  Int
              to Hub @relation(fields: [x], references: [id])
            }

            model Hub {
              id           Int           @id
              companies    Company[]
              blogPosts    Blog_Post[]
              apikey2Users APIKey2User[]
              statuses     Status[]
              users        Users[]
              people       Person[]
              newsBoxes    NewsBox[]
              equipment    Equipment[]
            }
        "#]],
    );
}

#[test]
fn what_follows_a_block_on_its_line_goes_below_it() {
    // As Prisma leaves it; an empty line comes when the formatter runs again.
    check(
        "enum A {\n  X\n} // x\n",
        expect![[r#"
        enum A {
          X
        }
        // x
    "#]],
    );
}

#[test]
fn a_property_without_a_value_loses_its_sign() {
    check(
        "generator g {\n  provider = \"x\"\n  setting = // to do\n}\n",
        expect![[r#"
        generator g {
          provider = "x"
          setting // to do
        }
    "#]],
    );
}

#[test]
fn each_file_gets_what_its_models_lack() {
    let file = |path: &str, text: &str| SourceFile { path: path.to_owned(), text: text.into() };
    let formatted = format_files(&[
        file("a.prisma", "model User {\n  id Int @id\n  posts Post[]\n}\n"),
        file("b.prisma", "model Post {\n  id Int @id\n}\n"),
    ]);
    expect![[r#"
        model User {
          id    Int    @id
          posts Post[]
        }
        --
        model Post {
          id     Int   @id
          user   User? @relation(fields: [userId], references: [id])
          userId Int?
        }
    "#]]
    .assert_eq(&formatted.join("--\n"));
}
