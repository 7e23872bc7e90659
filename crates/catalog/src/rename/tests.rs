//! What is proposed between two schemas, and what a catalog is after a rename.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Renames, Vocabulary, choices};
use crate::{Catalog, Language, Pair, declare, diff};

struct Side {
    catalog: Catalog,
    vocabulary: Vocabulary,
}

fn side(models: &str) -> Side {
    let text = format!("datasource db {{\n  provider = \"postgresql\"\n}}\n{models}");
    let file = psl::SourceFile { path: "schema.prisma".to_owned(), text: Arc::from(text) };
    let loaded = psl::load(&[file]);
    assert!(loaded.diagnostics.is_empty(), "{:?}", loaded.diagnostics);
    Side {
        catalog: declare(&loaded.schema, "public"),
        vocabulary: Vocabulary::of(&loaded.schema, "public"),
    }
}

/// The choices as `new < old, old`.
#[track_caller]
fn check(before: &str, after: &str, expected: &[&str]) {
    let (before, after) = (side(before), side(after));
    let catalogs = Pair::new(&before.catalog, &after.catalog);
    let told: Vec<String> = choices(catalogs, &BTreeSet::new())
        .iter()
        .map(|choice| {
            let from: Vec<&str> = choice.candidates.iter().map(|it| it.rename.from()).collect();
            format!("{} < {}", after.vocabulary.spoken(&choice.target), from.join(", "))
        })
        .collect();
    assert_eq!(told, expected);
}

#[test]
fn a_column_of_the_same_form_and_place_is_proposed() {
    check(
        "model A {\n id Int @id\n name String?\n age Int\n}",
        "model A {\n id Int @id\n fullName String?\n age Int\n}",
        &["A.fullName < name"],
    );
    check(
        "model A {\n id Int @id\n colour String?\n age Int\n}",
        "model A {\n id Int @id\n color String?\n size DateTime?\n years DateTime @unique\n}",
        &["A.color < colour"],
    );
}

#[test]
fn values_that_have_no_cast_are_no_rename() {
    check("model A {\n id Int @id\n at Int\n}", "model A {\n id Int @id\n att DateTime\n}", &[]);
}

#[test]
fn what_may_be_one_of_two_is_asked_once() {
    check(
        "model A {\n id Int @id\n name String\n}",
        "model A {\n id Int @id\n firstName String\n lastName String\n}",
        &["A.lastName < name"],
    );
    check(
        "model A {\n id Int @id\n firstName String\n lastName String\n}",
        "model A {\n id Int @id\n name String\n}",
        &["A.name < lastName, firstName"],
    );
}

#[test]
fn a_table_is_known_by_its_columns_and_what_refers_to_it() {
    check(
        "model Team {\n id Int @id\n slug String\n users User[]\n}
         model User {\n id Int @id\n teamId Int\n team Team @relation(fields: [teamId], references: [id])\n}",
        "model Organisation {\n id Int @id\n slug String\n users User[]\n}
         model User {\n id Int @id\n orgId Int\n org Organisation @relation(fields: [orgId], references: [id])\n}",
        &["Organisation < Team", "User.orgId < teamId"],
    );
    check(
        "model Log {\n id Int @id\n line String\n}\nmodel User {\n id Int @id\n}",
        "model Price {\n id Int @id\n amount Decimal\n}\nmodel User {\n id Int @id\n}",
        &[],
    );
}

#[test]
fn an_enum_is_known_by_its_labels_and_a_label_by_its_name() {
    check(
        "model A {\n id Int @id\n r Role\n}\nenum Role {\n ADMIN\n USER\n}",
        "model A {\n id Int @id\n r Rank\n}\nenum Rank {\n ADMIN\n USER\n}",
        &["Rank < Role"],
    );
    check(
        "model A {\n id Int @id\n r Role\n}\nenum Role {\n ADMIN\n CANCELED\n}",
        "model A {\n id Int @id\n r Role\n}\nenum Role {\n ADMIN\n CANCELLED\n GUEST\n}",
        &["Role.CANCELLED < CANCELED"],
    );
}

/// What the diff still has to do after renames that are written as for `--rename`.
#[track_caller]
fn left(before: &str, after: &str, renames: &[&str]) -> Vec<&'static str> {
    let (before, after) = (side(before), side(after));
    let texts: Vec<String> = renames.iter().map(|text| (*text).to_owned()).collect();
    let mut made = Renames::default();
    for (rename, _) in after.vocabulary.read(&texts).unwrap() {
        made.insert(rename);
    }
    made.add_sequences(&before.catalog);
    let actual = made.applied_to(&before.catalog);
    let changes = diff(Pair::new(&actual, &after.catalog), Language::WHOLE);
    changes.iter().map(crate::Change::title).collect()
}

#[test]
fn after_renames_there_are_only_names_of_keys_left() {
    let before = "model User {\n user_id Int @id @default(autoincrement())\n kind Kind @default(OLD)
        email String @unique\n posts Post[]\n}
        model Post {\n id Int @id\n by Int\n user User @relation(fields: [by], references: [user_id])\n}
        enum Kind {\n OLD\n NEW\n}";
    let after = "model Person {\n id Int @id @default(autoincrement()) @map(\"person_id\")
        sort Sort @default(FORMER)\n mail String @unique\n posts Post[]\n}
        model Post {\n id Int @id\n by Int\n user Person @relation(fields: [by], references: [id])\n}
        enum Sort {\n FORMER @map(\"former\")\n NEW\n}";
    let renames = [
        "User.user_id:id",
        "Person.kind:sort",
        "Person.email:mail",
        "User:Person",
        "Kind:Sort",
        "Sort.OLD:former",
    ];
    assert_eq!(left(before, after, &renames), ["AlterTable", "RenameIndex"]);
}
