//! `migrate dev`. Words, exit codes and files are Prisma 7.10.1's unless a test says otherwise.

use server_test::server_test;

use crate::stand::{Database, Folder};

const USER: &str = "\nmodel User {\n  id Int @id\n  email String\n  age Int?\n}\n";
const WITHOUT_AGE: &str = "\nmodel User {\n  id Int @id\n  email String\n}\n";
const UNIQUE: &str = "\nmodel User {\n  id Int @id\n  email String @unique\n  age Int?\n}\n";
const REQUIRED: &str = "\nmodel User {\n  id Int @id\n  email String\n  age Int?\n  size Int\n}\n";

impl Folder {
    fn models(&self, models: &str) {
        self.write("prisma/schema.prisma", format!("{}{models}", crate::stand::DATASOURCE));
    }

    fn migrations(&self) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(self.path("prisma/migrations")) else {
            return Vec::new();
        };
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names.filter(|name| name != "migration_lock.toml").collect();
        names.sort();
        names
    }
}

/// A project whose table has a row.
fn with_a_row(name: &str) -> (Folder, Database) {
    let database = Database::new(name);
    let project = Folder::new(USER, &[]).on(&database);
    project.run("migrate dev --name init").ended(0);
    database.run("INSERT INTO \"User\" VALUES (1, 'a', 7), (2, 'a', NULL)");
    (project, database)
}

#[server_test]
fn the_first_migration_is_written_and_applied() {
    let database = Database::new("dev_first");
    let project = Folder::new(USER, &[]).on(&database);
    let ran = project.run("migrate dev --name Init").ended(0);
    let migrations = project.migrations();
    let [migration] = migrations.as_slice() else { panic!("{migrations:?}") };
    assert!(migration.ends_with("_init"), "{migration}");
    let told = ran.stdout.split_once("\n\n").unwrap().1;
    assert_eq!(
        told,
        format!(
            "\nThe following migration(s) have been created and applied from new schema changes:\n\n\
             prisma/migrations/\n  └─ {migration}/\n    └─ migration.sql\n\n\
             Your database is now in sync with your schema.\n\n"
        )
    );
    assert_eq!(
        project.read(&format!("prisma/migrations/{migration}/migration.sql")),
        "-- CreateTable\nCREATE TABLE \"User\" (\n    \"id\" INTEGER NOT NULL,\n    \
         \"email\" TEXT NOT NULL,\n    \"age\" INTEGER,\n\n    \
         CONSTRAINT \"User_pkey\" PRIMARY KEY (\"id\")\n);\n"
    );
    project.run("migrate status").ended(0);
    let again = project.run("migrate dev --name nothing").ended(0);
    let again = again.says("Already in sync, no schema change or pending migration was found.");
    assert_eq!(again.stderr, "");
    assert_eq!(project.migrations().len(), 1);
}

// Prisma hangs for ever here.
#[server_test]
fn a_name_is_not_waited_for() {
    let database = Database::new("dev_no_name");
    let project = Folder::new(USER, &[]).on(&database);
    project.run("migrate dev").ended(130).complains("--name NAME");
    let json = project.run("migrate dev --json").ended(130).json();
    assert_eq!(json["error"]["questions"][0]["id"], "name");
    assert_eq!(project.migrations(), [""; 0]);
    project.write("answers.json", r#"{ "name": "from a file" }"#);
    project.run("migrate dev --answers answers.json").ended(0).says("_from_a_file/");
}

#[server_test]
fn a_build_machine_makes_a_migration_without_a_name() {
    let database = Database::new("dev_ci");
    let project = Folder::new(USER, &[]).on(&database).with("CI", "1");
    project.run("migrate dev").ended(0);
    assert!(project.migrations()[0].bytes().all(|byte| byte.is_ascii_digit()));
}

#[server_test]
fn what_is_lost_is_counted_and_needs_a_yes() {
    let (project, database) = with_a_row("dev_loss");
    project.models(WITHOUT_AGE);
    let lost = "You are about to drop the column `age` on the `User` table, which still contains 1 \
                non-null values.";
    project.run("migrate dev --name x").ended(130).says(lost).complains("--answer data-loss=yes");
    project.run("migrate dev --name x --answer data-loss=no").ended(130);
    assert_eq!(project.migrations().len(), 1);
    // Prisma refuses this, too, though nothing is lost by writing a file.
    project.run("migrate dev --name x --create-only").ended(0).says(lost);
    let migrations = project.migrations();
    let script = project.read(&format!("prisma/migrations/{}/migration.sql", migrations[1]));
    assert!(script.starts_with("/*\n  Warnings:\n\n  - You are about to drop the column `age`"));
    assert_eq!(database.ask("SELECT sum(age) FROM \"User\""), ["7"]);
    project.remove(&format!("prisma/migrations/{}", migrations[1]));
    project.run("migrate dev --name x --answer data-loss=yes").ended(0).says(lost);
    assert_eq!(database.ask("SELECT count(*) FROM \"User\""), ["2"]);
    project.run("migrate status").ended(0);
}

#[server_test]
fn losing_data_is_refused_on_production() {
    let (project, database) = with_a_row("dev_production");
    project.models(WITHOUT_AGE);
    let url = &database.url;
    project.write(
        "undrift.toml",
        format!("[environments.live]\nurl = \"{url}\"\nclass = \"production\"\n"),
    );
    project
        .run("migrate dev --name x --answer data-loss=yes")
        .ended(1)
        .complains("migrate dev with loss of data is refused on")
        .complains("undrift.toml:3");
    assert_eq!(project.migrations().len(), 1);
    project.run("migrate dev --name x --create-only").ended(0);
}

#[server_test]
fn a_column_without_values_is_dropped_without_a_word() {
    let (project, database) = with_a_row("dev_no_loss");
    database.run("UPDATE \"User\" SET age = NULL");
    project.models(WITHOUT_AGE);
    project.run("migrate dev --name x").ended(0);
}

// Prisma warns of every new unique index; the number is ours.
#[server_test]
fn duplicates_are_counted() {
    let (project, _database) = with_a_row("dev_duplicates");
    project.models(UNIQUE);
    project.run("migrate dev --name x").ended(130).says(
        "A unique constraint covering the columns `[email]` on the table `User` will be added. If \
         there are existing duplicate values, this will fail. There is 1.",
    );
}

#[server_test]
fn what_the_data_forbids_is_not_tried() {
    let (project, _database) = with_a_row("dev_unexecutable");
    project.models(REQUIRED);
    project.run("migrate dev --name x").ended(1).complains(
        "⚠️ We found changes that cannot be executed:\n\n  • Added the required column `size` to the \
         `User` table without a default value. There are 2 rows in this table, it is not possible to \
         execute this step.",
    );
    assert_eq!(project.migrations().len(), 1);
    project.run("migrate dev --name x --create-only").ended(0);
    assert_eq!(project.migrations().len(), 2);
}

#[server_test]
fn drift_is_shown_and_ends_in_no_reset() {
    let (project, database) = with_a_row("dev_drift");
    database.run("CREATE TABLE extra (id int PRIMARY KEY)");
    let ran = project.run("migrate dev --name x").ended(130);
    let ran =
        ran.complains("Drift detected: Your database schema is not in sync with your migration");
    let ran = ran.complains("[+] Added tables\n  - extra\n").complains("undrift drift revert");
    assert!(!ran.stderr.contains("We need to reset"), "{}", ran.stderr);
}

#[server_test]
fn an_edited_and_a_missing_migration_are_named() {
    let (project, _database) = with_a_row("dev_edited");
    let script = format!("prisma/migrations/{}/migration.sql", project.migrations()[0]);
    let text = project.read(&script);
    project.write(&script, format!("{text}-- edited\n"));
    project.run("migrate dev").ended(130).complains("was modified after it was applied.");
    project.write(&script, text);
    project.run("migrate dev").ended(0);
    project.remove(&format!("prisma/migrations/{}", project.migrations()[0]));
    project.run("migrate dev").ended(130).complains("missing from the local migrations directory");
}

#[server_test]
fn pending_migrations_are_applied_first() {
    let (project, _database) = with_a_row("dev_pending");
    project.write(
        "prisma/migrations/20270101000000_old/migration.sql",
        "CREATE TABLE \"Old\" (\"id\" INTEGER NOT NULL, CONSTRAINT \"Old_pkey\" PRIMARY KEY (\"id\"));\n",
    );
    project.models(&format!("{USER}\nmodel Old {{\n  id Int @id\n}}\n"));
    let ran = project.run("migrate dev").ended(0);
    ran.says(
        "The following migration(s) have been applied:\n\nmigrations/\n  └─ 20270101000000_old/",
    );
}

#[server_test]
fn of_many_runs_at_once_one_writes() {
    let database = Database::new("dev_race");
    let project = Folder::new(USER, &[]).on(&database);
    let runs: Vec<_> = (0..8)
        .map(|_| {
            let mut command = project.command("migrate dev --name race");
            std::thread::spawn(move || command.output().unwrap())
        })
        .collect();
    let outputs: Vec<_> = runs.into_iter().map(|run| run.join().unwrap()).collect();
    assert!(outputs.iter().all(|output| output.status.success()), "{outputs:?}");
    assert_eq!(project.migrations().len(), 1);
    assert_eq!(database.ask("SELECT count(*) FROM _prisma_migrations"), ["1"]);
    project.run("migrate status").ended(0);
}

#[server_test]
fn what_is_written_online_blocks_nobody_and_makes_the_same() {
    let post = "\nmodel Post {\n  id Int @id\n  author Int\n  user User @relation(fields: [author], references: [id])\n}\n";
    let before = format!("{USER}\nmodel Post {{\n  id Int @id\n  author Int?\n}}\n");
    let after = UNIQUE.replace("  age Int?\n", "  age Int?\n  posts Post[]\n") + post;
    let database = Database::new("dev_online");
    let project = Folder::new(&before, &[]).on(&database);
    // What is made anew is in nobody's way.
    project.run("migrate dev --name init --online").ended(0);
    assert_eq!(project.migrations().len(), 1);
    database.run("INSERT INTO \"User\" VALUES (1, 'a', 7); INSERT INTO \"Post\" VALUES (1, 1)");
    project.models(&after);
    let ran = project.run("migrate dev --name more --online --answer data-loss=yes").ended(0);
    let migrations = project.migrations();
    let new: Vec<&String> = migrations.iter().skip(1).collect();
    assert!(new.len() > 2, "{new:?}");
    for name in &new {
        assert!(ran.stdout.contains(&format!("└─ {name}/")), "{}", ran.stdout);
    }
    let scripts =
        new.iter().map(|it| project.read(&format!("prisma/migrations/{it}/migration.sql")));
    let scripts: String = scripts.collect();
    for words in [
        "CREATE UNIQUE INDEX CONCURRENTLY \"User_email_key\"",
        "ON UPDATE CASCADE NOT VALID",
        "VALIDATE CONSTRAINT \"Post_author_fkey\"",
        "CHECK (\"author\" IS NOT NULL) NOT VALID",
        "DROP CONSTRAINT \"Post_author_not_null\"",
    ] {
        assert!(scripts.contains(words), "{words}\n{scripts}");
    }
    project.run("status").ended(0);
    let lint = project.run("lint --json").ended(0).json();
    assert_eq!(lint["errors"], 0);
    project.run("migrate dev --online --name nothing").ended(0).says("Already in sync");
}

#[server_test]
fn a_required_column_is_added_filled_and_then_required() {
    let (project, database) = with_a_row("dev_split");
    project.models(&REQUIRED.replace("email String", "email String @unique"));
    let json = project.run("split --name size --json").ended(130).json();
    assert_eq!(json["error"]["questions"][0]["id"], "fill:User.size");
    assert_eq!(project.migrations().len(), 1);
    project.run("split --name size --fill User.size=id+7").ended(0);
    let migrations = project.migrations();
    let script =
        |at: usize| project.read(&format!("prisma/migrations/{}/migration.sql", migrations[at]));
    assert!(script(1).contains("ADD COLUMN     \"size\" INTEGER;"), "{}", script(1));
    assert!(migrations[2].ends_with("_02_backfill_size"), "{migrations:?}");
    assert!(script(2).contains("COMMIT;"), "{}", script(2));
    let last: String = (3..migrations.len()).map(script).collect();
    assert!(last.contains("CREATE UNIQUE INDEX CONCURRENTLY \"User_email_key\""), "{last}");
    assert!(last.contains("CHECK (\"size\" IS NOT NULL) NOT VALID"), "{last}");
    database.run("UPDATE \"User\" SET email = id::text");
    project.run("migrate deploy").ended(0);
    assert_eq!(database.ask("SELECT size FROM \"User\" ORDER BY id"), ["8", "9"]);
    project.run("status").ended(0);
}
