//! `db push`: words and exit codes are Prisma's unless a test says otherwise.

use server_test::server_test;

use crate::stand::{DATASOURCE, Database, Folder};

const USER: &str = "\nenum Role {\n  A\n  B\n}\n\nmodel User {\n  id Int @id\n  name String?\n  role Role @default(A)\n}\n";

/// A database that was pushed to and has two rows, and the project with other models.
fn pushed(name: &str, models: &str) -> (Folder, Database) {
    let database = Database::new(name);
    let project = Folder::new(USER, &[]).on(&database);
    project.run("db push").ended(0);
    database.run("INSERT INTO \"User\" VALUES (1, 'x', 'A'), (2, NULL, 'B')");
    project.write("prisma/schema.prisma", format!("{DATASOURCE}{models}"));
    (project, database)
}

#[server_test]
fn the_database_becomes_what_the_schema_says() {
    let database = Database::new("push_first");
    let project = Folder::new(USER, &[]).on(&database);
    let told = project.run("db push").ended(0).stdout;
    let told = told.split_once("\n\n").unwrap().1;
    let done = "🚀  Your database is now in sync with your Prisma schema. Done in ";
    assert!(told.starts_with(done) && told.ends_with("s\n\n"), "{told:?}");
    assert_eq!(database.tables(), ["User"]);
    let again = project.run("db push").ended(0).stdout;
    assert_eq!(
        again.split_once("\n\n").unwrap().1,
        "The database is already in sync with the Prisma schema.\n\n"
    );
    // As with Prisma, there is no history then.
    assert_eq!(database.ask("SELECT to_regclass('_prisma_migrations')"), ["-"]);
}

#[server_test]
fn what_would_be_lost_is_counted_and_needs_a_word() {
    let without_name = USER.replace("  name String?\n", "");
    let (project, database) = pushed("push_loss", &without_name);
    let told = project.run("db push").ended(130).complains("--accept-data-loss").stdout;
    let warning = "⚠️  There might be data loss when applying the changes:\n\n  • You are about to \
                   drop the column `name` on the `User` table, which still contains 1 non-null values.\n\n\n";
    assert_eq!(told.split_once("\n\n").unwrap().1, warning);
    let json = project.run("db push --json").ended(130).json();
    assert_eq!(json["error"]["questions"][0]["id"], "data-loss");
    assert_eq!(database.ask("SELECT count(name) FROM \"User\""), ["1"]);
    project.run("db push --accept-data-loss").ended(0).says(&format!("{warning}\n🚀"));
    assert_eq!(database.ask("SELECT count(*) FROM \"User\""), ["2"]);
}

#[server_test]
fn what_the_data_forbids_is_not_tried() {
    let (project, _database) = pushed("push_forbidden", &USER.replace("String?", "String"));
    for line in ["db push", "db push --accept-data-loss"] {
        project.run(line).ended(1).complains(
            "⚠️ We found changes that cannot be executed:\n\n  • Made the column `name` on table \
             `User` required, but there are 1 existing NULL values.",
        );
    }
    project
        .run("db push --force-reset")
        .ended(0)
        .says("schema \"public\" at ")
        .says("was successfully reset.\n\n🚀");
}

// Prisma leaves the half that went well.
#[server_test]
fn a_statement_that_fails_leaves_everything_as_it_was() {
    let models = USER
        .replace("  B\n", "")
        .replace("model User", "model New {\n  id Int @id\n}\n\nmodel User");
    let (project, database) = pushed("push_atomic", &models);
    project.run("db push").ended(130).says(
        "The values [B] on the enum `Role` will be removed. If these variants are still used in the \
         database, this will fail. 1 row has one of them.",
    );
    project.run("db push --accept-data-loss").ended(1).complains("invalid input value for enum");
    assert_eq!(database.tables(), ["User"]);
    database.run("UPDATE \"User\" SET role = 'A'");
    project.run("db push --accept-data-loss").ended(0);
    assert_eq!(database.tables(), ["New", "User"]);
    project.run("db push").ended(0).says("already in sync");
}

#[server_test]
fn a_new_label_can_be_a_default_at_once() {
    let models = USER.replace("  B\n", "  B\n  C\n").replace("@default(A)", "@default(C)");
    let (project, database) = pushed("push_label", &models);
    project.run("db push").ended(0);
    database.run("INSERT INTO \"User\" VALUES (3)");
    assert_eq!(database.ask("SELECT role FROM \"User\" WHERE id = 3"), ["C"]);
}

// Prisma drops them without a word.
#[server_test]
fn tables_without_rows_are_named_before_they_are_dropped() {
    let (project, database) = pushed("push_empty", USER);
    database.run("CREATE TABLE extra (id int PRIMARY KEY)");
    project.run("db push").ended(0).complains("dropping the table `extra`, which has no rows");
    database.run("CREATE TABLE extra (id int PRIMARY KEY); INSERT INTO extra VALUES (1)");
    project
        .run("db push")
        .ended(130)
        .says("You are about to drop the `extra` table, which is not empty (1 rows).");
    assert_eq!(database.tables(), ["User", "extra"]);
}

#[server_test]
fn losing_data_is_refused_on_production() {
    let (project, database) = pushed("push_production", &USER.replace("  name String?\n", ""));
    project.write(
        "undrift.toml",
        format!("[environments.live]\nurl = \"{}\"\nclass = \"production\"\n", database.url),
    );
    project
        .run("db push --accept-data-loss")
        .ended(1)
        .complains("db push with loss of data is refused on")
        .complains("undrift.toml:3");
    assert_eq!(database.ask("SELECT count(name) FROM \"User\""), ["1"]);
}
