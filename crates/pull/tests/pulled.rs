//! A schema, declared as a database that is then pulled. Every expected text is what Prisma 7.10 writes
//! for that database.

#![expect(clippy::panic, reason = "a test helper fails by panicking")]

use std::sync::Arc;

use catalog::kinds::table::{Check, Default};
use catalog::{Catalog, Language};
use expect_test::{Expect, expect};
use psl::{SchemaFiles, Severity, SourceFile};
use pull::{Keep, Pulled, Request, pull};

const DATASOURCE: &str = "datasource db {\n  provider = \"postgresql\"\n}\n";

fn files(texts: &[(&str, &str)]) -> SchemaFiles {
    let file = |(path, text): &(&str, &str)| SourceFile {
        path: (*path).to_owned(),
        text: Arc::from(*text),
    };
    texts.iter().map(file).collect()
}

/// The database that a schema declares.
fn database(schema: &str) -> Catalog {
    let files = files(&[("schema.prisma", &format!("{DATASOURCE}{schema}"))]);
    let loaded = files.load();
    for diagnostic in &loaded.diagnostics {
        assert_ne!(diagnostic.severity, Severity::Error, "{}", diagnostic.message);
    }
    catalog::declare(&loaded.schema, "public")
}

fn pulled(catalog: &Catalog, previous: &SchemaFiles, keep: Keep) -> Pulled {
    let schemas = ["public".to_owned()];
    let request = Request {
        files: previous,
        keep,
        schemas: &schemas,
        has_own_schemas: false,
        language: Language::WHOLE,
        new_file: "introspected.prisma",
    };
    pull(catalog, request).unwrap_or_else(|error| panic!("{error}"))
}

/// Pulls into a schema that says nothing but where the database is.
fn check(catalog: &Catalog, expected: &Expect) {
    check_again(catalog, "", expected);
}

/// Pulls on top of a schema.
fn check_again(catalog: &Catalog, previous: &str, expected: &Expect) {
    let previous = files(&[("schema.prisma", &format!("{DATASOURCE}{previous}"))]);
    let Pulled { files, warnings, .. } = pulled(catalog, &previous, Keep::Everything);
    let text = files.into_values().collect::<String>();
    let text = text.strip_prefix(DATASOURCE).unwrap_or(&text);
    expected.assert_eq(&format!("{text}{warnings}"));
}

#[test]
fn names_that_the_language_does_not_have_are_mapped() {
    let catalog = database(
        r#"
        model A {
          first Int @id @map("1st")
          under Int @map("_under")
          dash Int @map("with-dash")
          digit Int @map("2")
          @@map("class")
        }
        model B {
          id Int @id
          @@map("a table")
        }
        enum E {
          one @map("1")
          empty @map("")
          space @map("very happy")
          @@map("enum")
        }"#,
    );
    check(
        &catalog,
        &expect![[r#"

        model a_table {
          id Int @id

          @@map("a table")
        }

        /// This model has been renamed to 'Renamedclass' during introspection, because the original name 'class' is reserved.
        model Renamedclass {
          st        Int @id @map("1st")
          under     Int @map("_under")
          with_dash Int @map("with-dash")

          /// This field was commented out because of an invalid name. Please provide a valid one that matches [a-zA-Z][a-zA-Z0-9_]*
          // 2 Int @map("2")
          @@map("class")
        }

        enum Renamedenum {
          // 1 @map("1")
          EMPTY_ENUM_VALUE @map("")
          very_happy       @map("very happy")

          @@map("enum")
        }
        *** WARNING ***

        These fields were commented out because their names are currently not supported by Prisma. Please provide valid ones that match [a-zA-Z][a-zA-Z0-9_]* using the `@map` attribute:
          - Model: "Renamedclass", field(s): ["2"]

        These enum values were commented out because their names are currently not supported by Prisma. Please provide valid ones that match [a-zA-Z][a-zA-Z0-9_]* using the `@map` attribute:
          - Enum: "Renamedenum", value: "1"
    "#]],
    );
}

#[test]
fn native_types_are_said_where_they_are_not_the_scalars_own() {
    let catalog = database(
        r#"
        model T {
          id BigInt @id @default(autoincrement())
          a String
          b String? @db.VarChar(20)
          c String? @db.VarChar
          d String[] @db.Char(3)
          e DateTime
          f DateTime @db.Timestamptz(3)
          g DateTime @db.Time
          h DateTime[] @db.Timestamp
          i Decimal
          j Decimal @db.Decimal(10, 2)
          k Int @db.SmallInt
          l String @db.Uuid
          m Json @db.Json
          n Bytes
          o Unsupported("point")?
        }"#,
    );
    check(
        &catalog,
        &expect![[r#"

        model T {
          id BigInt                @id @default(autoincrement())
          a  String
          b  String?               @db.VarChar(20)
          c  String?               @db.VarChar
          d  String[]              @db.Char(3)
          e  DateTime
          f  DateTime              @db.Timestamptz(3)
          g  DateTime              @db.Time(6)
          h  DateTime[]            @db.Timestamp
          i  Decimal
          j  Decimal               @db.Decimal(10, 2)
          k  Int                   @db.SmallInt
          l  String                @db.Uuid
          m  Json                  @db.Json
          n  Bytes
          o  Unsupported("point")?
        }
        *** WARNING ***

        These fields are not supported by Prisma Client, because Prisma currently does not support their types:
          - Model: "T", field: "o", original data type: "point"
    "#]],
    );
}

#[test]
fn relations_are_called_after_the_other_model_unless_there_are_several() {
    let catalog = database(
        r#"
        model User {
          id Int @id
          boss Int?
          chief User? @relation("chain", fields: [boss], references: [id])
          team User[] @relation("chain")
          posts Post[] @relation("writes")
          edits Post[] @relation("edits")
          profile Profile?
          tags Tag[]
          likes Tag[] @relation("likes")
        }
        model Post {
          id Int @id
          authorId Int
          editorId Int?
          author User @relation("writes", fields: [authorId], references: [id], onDelete: Cascade)
          editor User? @relation("edits", fields: [editorId], references: [id], onUpdate: NoAction, map: "by_hand")
          labels Label[]
        }
        model Profile {
          userId Int @id
          user User @relation(fields: [userId], references: [id])
        }
        model Tag {
          id Int @id
          users User[]
          liked User[] @relation("likes")
        }
        model Label {
          id Int @id
          posts Post[]
        }"#,
    );
    check(
        &catalog,
        &expect![[r#"

        model Label {
          id   Int    @id
          Post Post[]
        }

        model Post {
          id                       Int     @id
          authorId                 Int
          editorId                 Int?
          User_Post_authorIdToUser User    @relation("Post_authorIdToUser", fields: [authorId], references: [id], onDelete: Cascade)
          User_Post_editorIdToUser User?   @relation("Post_editorIdToUser", fields: [editorId], references: [id], onUpdate: NoAction, map: "by_hand")
          Label                    Label[]
        }

        model Profile {
          userId Int  @id
          User   User @relation(fields: [userId], references: [id])
        }

        model Tag {
          id             Int    @id
          User_TagToUser User[] @relation("TagToUser")
          User_likes     User[] @relation("likes")
        }

        model User {
          id                       Int      @id
          boss                     Int?
          Post_Post_authorIdToUser Post[]   @relation("Post_authorIdToUser")
          Post_Post_editorIdToUser Post[]   @relation("Post_editorIdToUser")
          Profile                  Profile?
          User                     User?    @relation("UserToUser", fields: [boss], references: [id])
          other_User               User[]   @relation("UserToUser")
          Tag_TagToUser            Tag[]    @relation("TagToUser")
          Tag_likes                Tag[]    @relation("likes")
        }
    "#]],
    );
}

#[test]
fn keys_and_indexes_are_named_where_the_rule_would_name_them_otherwise() {
    let catalog = database(
        r#"
        generator client {
          provider = "x"
          previewFeatures = ["partialIndexes"]
        }
        model T {
          a Int
          b Int @unique
          c Int @unique(map: "only")
          d String
          e Json
          f String @db.Inet
          @@id([b, a])
          @@unique([a, c(sort: Desc)])
          @@index([d], type: Hash)
          @@index([e(ops: JsonbPathOps)], type: Gin, map: "paths")
          @@index([f(ops: InetOps)], type: Gist)
          @@index([d(ops: TextBloomOps)], type: Brin, map: "bloom")
          @@index([d(ops: raw("gin_trgm_ops"))], type: Gin, map: "trigrams")
          @@index([a], map: "some", where: raw("(a > 5)"))
        }
        model U {
          id Int @id(map: "key")
        }"#,
    );
    check(
        &catalog,
        &expect![[r#"

        model T {
          a Int
          b Int    @unique
          c Int    @unique(map: "only")
          d String
          e Json
          f String @db.Inet

          @@id([b, a])
          @@unique([a, c(sort: Desc)])
          @@index([d], type: Hash)
          @@index([f(ops: InetOps)], type: Gist)
          @@index([d(ops: TextBloomOps)], map: "bloom", type: Brin)
          @@index([e(ops: JsonbPathOps)], map: "paths", type: Gin)
          @@index([a], map: "some", where: raw("(a > 5)"))
          @@index([d(ops: raw("gin_trgm_ops"))], map: "trigrams", type: Gin)
        }

        model U {
          id Int @id(map: "key")
        }
    "#]],
    );
}

#[test]
fn what_the_language_cannot_say_is_said_in_comments_and_warned_of() {
    let mut catalog = database(
        r"
        model guarded {
          id Int @id
          note String?
        }
        model loose {
          id Int @unique
        }",
    );
    let name = catalog::Name::new("public", "guarded");
    if let Some(table) = catalog.tables.get_mut(&name) {
        table.row_security = true;
        table.comment = Some("mind it".to_owned());
        table.checks = vec![Check {
            name: "positive".to_owned(),
            definition: "CHECK ((id > 0))".to_owned(),
            unsettled: false,
            inherited: false,
            comment: None,
        }];
        for column in table.columns.iter_mut().filter(|column| column.name == "note") {
            column.default = Some(Default::Expression("lower('A'::text)".to_owned()));
        }
    }
    let name = catalog::Name::new("public", "loose");
    for column in catalog.tables.get_mut(&name).into_iter().flat_map(|t| &mut t.columns) {
        column.nullable = true;
    }
    check(
        &catalog,
        &expect![[r#"

        /// This table contains check constraints and requires additional setup for migrations. Visit https://pris.ly/d/check-constraints for more info.
        /// This model or at least one of its fields has comments in the database, and requires an additional setup for migrations: Read more: https://pris.ly/d/database-comments
        /// This model contains row level security and requires additional setup for migrations. Visit https://pris.ly/d/row-level-security for more info.
        model guarded {
          id   Int     @id
          note String? @default(dbgenerated("lower('A'::text)"))
        }

        /// The underlying table does not contain a valid unique identifier and can therefore currently not be handled by Prisma Client.
        model loose {
          id Int? @unique

          @@ignore
        }
        *** WARNING ***

        The following models were ignored as they do not have a valid unique identifier or id. This is currently not supported by Prisma Client:
          - "loose"

        These tables contain row level security, which is not yet fully supported. Read more: https://pris.ly/d/row-level-security
          - "guarded"

        These constraints are not supported by Prisma Client, because Prisma currently does not fully support check constraints. Read more: https://pris.ly/d/check-constraints
          - Model: "guarded", constraint: "positive"

        These objects have comments defined in the database, which is not yet fully supported. Read more: https://pris.ly/d/database-comments
          - Type: "model", name: "guarded"
    "#]],
    );
}

#[test]
fn what_only_a_schema_can_say_is_kept() {
    let catalog = database(
        r#"
        model users {
          id String @id
          email String @unique
          added Int?
          changed DateTime
          role role @default(user)
          posts Post[]
        }
        model Post {
          id Int @id
          user_id String
          user users @relation(fields: [user_id], references: [id])
          @@index([user_id], map: "by_user")
          @@unique([id, user_id])
        }
        model fresh {
          id Int @id
        }
        enum role {
          admin
          user
        }"#,
    );
    check_again(
        &catalog,
        r#"
        /// Who writes.
        model User {
          /// Made by the client.
          id      String   @id @default(cuid())
          mail    String   @unique @map("email") // not kept
          changed DateTime @updatedAt
          role    Role     @default(USER)
          written Post[]   @relation("written")
          @@map("users")
        }
        enum Role {
          /// The usual one.
          USER @map("user")
          admin
          gone
          @@map("role")
        }
        model Post {
          id     Int    @id
          userId String @map("user_id")
          author User   @relation("written", fields: [userId], references: [id])
          @@unique([id, userId], name: "both")
          @@index([userId], map: "by_user")
        }
        model Gone {
          id Int @id
        }"#,
        &expect![[r#"

            /// Who writes.
            model User {
              /// Made by the client.
              id      String   @id @default(cuid())
              mail    String   @unique @map("email")
              added   Int?
              changed DateTime @updatedAt
              role    Role     @default(USER)
              written Post[]   @relation("written")

              @@map("users")
            }

            model Post {
              id     Int    @id
              userId String @map("user_id")
              author User   @relation("written", fields: [userId], references: [id])

              @@unique([id, userId], name: "both")
              @@index([userId], map: "by_user")
            }

            model fresh {
              id Int @id
            }

            enum Role {
              admin
              /// The usual one.
              USER  @map("user")

              @@map("role")
            }
            *** WARNING ***

            These fields were enriched with `@map` information taken from the previous Prisma schema:
              - Model: "Post", field: "userId"
              - Model: "User", field: "mail"

            These models were enriched with `@@map` information taken from the previous Prisma schema:
              - "User"

            These enum values were enriched with `@map` information taken from the previous Prisma schema:
              - Enum: "Role", value: "USER"

            These enums were enriched with `@@map` information taken from the previous Prisma schema:
              - "Role"
        "#]],
    );
}

#[test]
fn blocks_stay_in_their_files_and_new_ones_get_a_file() {
    let catalog = database("model A {\n id Int @id\n}\nmodel B {\n id Int @id\n}\nenum E {\n x\n}");
    let previous = files(&[
        ("a.prisma", "/// first\nmodel A {\n  id Int @id\n}\n"),
        ("gone.prisma", "model Gone {\n  id Int @id\n}\n"),
        (
            "main.prisma",
            "generator g {\n  b = 1\n  provider = \"x\"\n}\ndatasource db {\n  provider = \"postgresql\"\n}",
        ),
    ]);
    let join = |pulled: Pulled| {
        let file = |(path, text): (String, String)| format!("// {path}\n{text}");
        pulled.files.into_iter().map(file).collect::<String>()
    };
    expect![[r#"
        // a.prisma
        /// first
        model A {
          id Int @id
        }
        // gone.prisma

        // introspected.prisma
        model B {
          id Int @id
        }

        enum E {
          x
        }
        // main.prisma
        generator g {
          provider = "x"
          b        = "1"
        }

        datasource db {
          provider = "postgresql"
        }
    "#]]
    .assert_eq(&join(pulled(&catalog, &previous, Keep::Everything)));
    expect![[r#"
        // introspected.prisma
        generator g {
          provider = "x"
          b        = "1"
        }

        datasource db {
          provider = "postgresql"
        }

        model A {
          id Int @id
        }

        model B {
          id Int @id
        }

        enum E {
          x
        }
    "#]]
    .assert_eq(&join(pulled(&catalog, &previous, Keep::Configuration)));
}
