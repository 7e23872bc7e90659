//! Renames: what has another name keeps its data. Prisma drops and adds in all of these cases.

use server_test::server_test;

use crate::stand::{Database, Folder};

const USER: &str = "
enum Role {
  ADMIN
  MEMBER
}

model User {
  id    Int     @id @default(autoincrement())
  name  String?
  role  Role    @default(MEMBER)
  posts Post[]

  @@index([name])
}

model Post {
  id       Int    @id
  title    String @unique
  authorId Int
  author   User   @relation(fields: [authorId], references: [id])
}
";

/// A project with rows in its tables.
fn with_rows(name: &str) -> (Folder, Database) {
    let database = Database::new(name);
    let project = Folder::new(USER, &[]).on(&database);
    project.run("migrate dev --name init").ended(0);
    database.run(
        "INSERT INTO \"User\" (name, role) VALUES ('a', 'ADMIN'), ('b', 'MEMBER'), (NULL, 'MEMBER');
         INSERT INTO \"Post\" VALUES (1, 'x', 1), (2, 'y', 2)",
    );
    (project, database)
}

impl Folder {
    /// Writes the schema with some words in it replaced.
    fn say(&self, replaced: &[(&str, &str)]) {
        let mut models = USER.to_owned();
        for (old, new) in replaced {
            assert!(models.contains(old), "{old}");
            models = models.replace(old, new);
        }
        self.write("prisma/schema.prisma", format!("{}{models}", crate::stand::DATASOURCE));
    }

    /// The migrations written, oldest first.
    fn folders(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.path("prisma/migrations")).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names.filter(|name| name != "migration_lock.toml").collect();
        names.sort();
        names
    }

    /// A file of the last migration.
    fn last(&self, file: &str) -> String {
        self.read(&format!("prisma/migrations/{}/{file}", self.folders().last().unwrap()))
    }
}

const FULL_NAME: &[(&str, &str)] = &[("  name ", "  fullName "), ("[name]", "[fullName]")];

#[server_test]
fn a_column_is_asked_about_and_keeps_its_values() {
    let (project, database) = with_rows("rename_column");
    project.say(FULL_NAME);
    project
        .run("migrate dev --name x")
        .ended(130)
        .complains("Is `User.fullName` a new name of `name` (2 values;")
        .complains("--rename User.name:fullName");
    let json = project.run("migrate dev --json").ended(130).json();
    let questions = &json["error"]["questions"];
    assert_eq!(questions[0]["id"], "rename:User.fullName");
    assert_eq!(questions[0]["kind"], "choice");
    assert_eq!(questions[0]["options"], serde_json::json!(["name", "no"]));
    assert_eq!(questions[1]["id"], "name");
    assert_eq!(project.folders().len(), 1);

    project.run("migrate dev --name x --rename User.name:fullName").ended(0);
    assert_eq!(
        project.last("migration.sql"),
        "-- RenameColumn\nALTER TABLE \"User\" RENAME COLUMN \"name\" TO \"fullName\";\n\n\
         -- RenameIndex\nALTER INDEX \"User_name_idx\" RENAME TO \"User_fullName_idx\";\n"
    );
    assert_eq!(database.ask("SELECT \"fullName\" FROM \"User\" ORDER BY id"), ["a", "b", "-"]);
    project.run("migrate status").ended(0);
    project.run("migrate dev --name y").ended(0).says("Already in sync");

    let down = project.last("down.sql");
    assert!(down.contains("RENAME COLUMN \"fullName\" TO \"name\""), "{down}");
    project.run("rollback --yes").ended(0);
    assert_eq!(database.ask("SELECT name FROM \"User\" ORDER BY id"), ["a", "b", "-"]);
}

#[server_test]
fn a_no_drops_and_adds_and_the_loss_is_asked_about() {
    let (project, database) = with_rows("rename_no");
    project.say(FULL_NAME);
    let no = "migrate dev --name x --answer rename:User.fullName=no";
    project.run(no).ended(130).says("which still contains 2 non-null values");
    project.run(&format!("{no} --answer data-loss=yes")).ended(0);
    assert_eq!(database.ask("SELECT \"fullName\" FROM \"User\" ORDER BY id"), ["-", "-", "-"]);
    project.run("migrate status").ended(0);
}

#[server_test]
fn an_answer_that_names_nothing_is_refused() {
    let (project, _database) = with_rows("rename_wrong");
    project.say(FULL_NAME);
    let wrong = |arguments: &str, complaint: &str| {
        let ran = project.run(&format!("migrate dev --name x {arguments}"));
        ran.ended(1).complains(complaint);
    };
    wrong("--answer rename:User.fullName=nick", "User.fullName is not the new name of nick");
    wrong("--rename User.nick:fullName", "there is nothing of the old name");
    wrong("--rename User.name:nick", "the schema has nothing of the new name");
    wrong("--rename User.name:id", "the new name is there already");
    wrong("--rename fullName", "a rename is written");
    assert_eq!(project.folders().len(), 1);
}

#[server_test]
fn a_table_takes_its_keys_and_its_sequence_along() {
    let (project, database) = with_rows("rename_table");
    project.say(&[("model User", "model Person"), (" User ", " Person ")]);
    project
        .run("migrate dev --name x")
        .ended(130)
        .complains("Is `Person` a new name of `User` (3 rows;");
    project.run("migrate dev --name x --rename User:Person").ended(0);
    assert_eq!(
        project.last("migration.sql"),
        "-- RenameTable\nALTER TABLE \"User\" RENAME TO \"Person\";\n\n\
         -- RenameSequence\nALTER SEQUENCE \"User_id_seq\" RENAME TO \"Person_id_seq\";\n\n\
         -- AlterTable\nALTER TABLE \"Person\" RENAME CONSTRAINT \"User_pkey\" TO \"Person_pkey\";\n\n\
         -- RenameIndex\nALTER INDEX \"User_name_idx\" RENAME TO \"Person_name_idx\";\n"
    );
    let inserted = "INSERT INTO \"Person\" (name) VALUES ('d') RETURNING id";
    assert_eq!(database.ask(inserted), ["4"]);
    project.run("migrate status").ended(0);
    project.run("rollback --yes").ended(0);
    assert_eq!(database.ask("SELECT count(*) FROM \"User\""), ["4"]);
}

#[server_test]
fn an_enum_and_its_values_are_renamed() {
    let (project, database) = with_rows("rename_enum");
    project.say(&[("enum Role", "enum Rank"), ("Role ", "Rank "), ("ADMIN", "ADMINISTRATOR")]);
    project.run("migrate dev --name x").ended(130).complains("Is `Rank` a new name of `Role`");
    // Only then is known that the value is one of the same type.
    project
        .run("migrate dev --name x --answer rename:Rank=Role")
        .ended(130)
        .complains("Is `Rank.ADMINISTRATOR` a new name of `ADMIN` (1 row;");
    project
        .run("migrate dev --name x --rename Role:Rank --rename Role.ADMIN:ADMINISTRATOR")
        .ended(0);
    assert_eq!(
        project.last("migration.sql"),
        "-- RenameEnum\nALTER TYPE \"Role\" RENAME TO \"Rank\";\n\n\
         -- RenameEnumValue\nALTER TYPE \"Rank\" RENAME VALUE 'ADMIN' TO 'ADMINISTRATOR';\n"
    );
    assert_eq!(
        database.ask("SELECT role FROM \"User\" ORDER BY id"),
        ["ADMINISTRATOR", "MEMBER", "MEMBER"]
    );
    project.run("migrate status").ended(0);
    project.run("rollback --yes").ended(0);
    assert_eq!(
        database.ask("SELECT role FROM \"User\" ORDER BY id"),
        ["ADMIN", "MEMBER", "MEMBER"]
    );
}

#[server_test]
fn a_comment_in_the_schema_answers_and_may_stay() {
    let (project, database) = with_rows("rename_comment");
    let comment = |name: &str| format!("/// @undrift.rename(from: \"{name}\")\n");
    let changed = [
        ("enum Role", format!("{}enum Rank", comment("Role"))),
        ("Role ", "Rank ".to_owned()),
        ("  MEMBER\n", format!("{}  USER\n", comment("MEMBER"))),
        ("MEMBER)", "USER)".to_owned()),
        ("model Post", format!("{}model Article", comment("Post"))),
        ("Post[]", "Article[]".to_owned()),
        ("  title ", format!("{}  headline ", comment("title"))),
    ];
    let changed: Vec<(&str, &str)> =
        changed.iter().map(|(old, new)| (*old, new.as_str())).collect();
    project.say(&changed);
    let ran = project.run("migrate dev --name x").ended(0);
    ran.says("title → Article.headline").says("MEMBER → Rank.USER");
    assert_eq!(database.ask("SELECT headline FROM \"Article\" ORDER BY id"), ["x", "y"]);
    assert_eq!(database.ask("SELECT count(*) FROM \"User\" WHERE role = 'USER'"), ["2"]);
    project.run("migrate status").ended(0);
    project.run("migrate dev --name y").ended(0).says("Already in sync");
    project.say(&[("  name ", "/// @undrift.rename(name)\n  fullName "), ("[name]", "[fullName]")]);
    project.run("migrate dev --name y").ended(1).complains("the comment on User.fullName");
}

#[server_test]
fn what_else_changes_of_it_is_counted_under_the_old_name() {
    let (project, database) = with_rows("rename_and_change");
    project.say(&[("  name  String?", "  fullName String"), ("[name]", "[fullName]")]);
    let rename = "migrate dev --name x --rename User.name:fullName";
    project.run(rename).ended(1).complains(
        "Made the column `fullName` on table `User` required, but there are 1 existing NULL values.",
    );
    database.run("UPDATE \"User\" SET name = 'c' WHERE name IS NULL");
    project.run(rename).ended(0);
    assert_eq!(database.ask("SELECT \"fullName\" FROM \"User\" ORDER BY id"), ["a", "b", "c"]);
}

#[server_test]
fn a_mapped_name_that_stays_is_no_rename() {
    let (project, _database) = with_rows("rename_mapped");
    project
        .say(&[("  name  String?", "  fullName String? @map(\"name\")"), ("[name]", "[fullName]")]);
    project.run("migrate dev --name x").ended(0).says("Already in sync");
}

// The migration is for other databases, too, which may have rows.
#[server_test]
fn an_empty_table_is_asked_about_but_not_on_a_build_machine() {
    let database = Database::new("rename_empty");
    let project = Folder::new(USER, &[]).on(&database);
    project.run("migrate dev --name init").ended(0);
    project.say(FULL_NAME);
    project.run("migrate dev --name x").ended(130).complains("(0 values;");
    let project = project.with("CI", "1");
    project
        .run("migrate dev --name x")
        .ended(0)
        .complains("`User.fullName` may be a new name of `name`")
        .complains("--rename User.name:fullName");
    assert!(project.last("migration.sql").contains("DROP COLUMN \"name\""));
}

#[server_test]
fn push_asks_where_there_is_data_and_renames() {
    let database = Database::new("rename_push");
    let project = Folder::new(USER, &[]).on(&database);
    project.run("db push").ended(0);
    project.say(FULL_NAME);
    project.run("db push").ended(0).complains("`User.fullName` may be a new name of `name`");
    database.run("INSERT INTO \"User\" (\"fullName\", role) VALUES ('a', 'ADMIN')");
    project.say(&[
        ("ADMIN", "ADMINISTRATOR\n  GUEST"),
        ("  name ", "  called "),
        ("[name]", "[called]"),
    ]);
    let ran = project.run("db push").ended(130);
    let ran = ran.complains("Is `User.called` a new name of `fullName` (1 value;");
    ran.complains("Is `Role.ADMINISTRATOR` a new name of `ADMIN`");
    project
        .run("db push --rename User.fullName:called --rename Role.ADMIN:ADMINISTRATOR")
        .ended(0)
        .says("fullName → User.called");
    assert_eq!(database.ask("SELECT called || role::text FROM \"User\""), ["aADMINISTRATOR"]);
    project.run("db push").ended(0).says("already in sync");
}

#[server_test]
fn diff_renames_when_it_is_told_to() {
    let project = Folder::new(USER, &[]);
    let before = project.read("prisma/schema.prisma");
    project.write("before.prisma", before);
    project.say(FULL_NAME);
    let diff = "migrate diff --from-schema before.prisma --to-schema prisma/schema.prisma";
    project.run(&format!("{diff} --script")).ended(0).says("DROP COLUMN \"name\"");
    let rename = format!("{diff} --rename User.name:fullName");
    assert_eq!(
        project.run(&format!("{rename} --script")).ended(0).stdout,
        "-- RenameColumn\nALTER TABLE \"User\" RENAME COLUMN \"name\" TO \"fullName\";\n\n\
         -- RenameIndex\nALTER INDEX \"User_name_idx\" RENAME TO \"User_fullName_idx\";\n\n\n"
    );
    project.run(&rename).ended(0).says("[*] Renamed column `name` to `fullName`");
}

#[server_test]
fn a_plan_holds_the_answer() {
    let database = Database::new("rename_plan");
    let project = Folder::new(USER, &[]).on(&database);
    project.run("db push").ended(0);
    database.run("INSERT INTO \"User\" (name) VALUES ('a')");
    project.say(FULL_NAME);
    let plan = "plan --to schema -o plan.json";
    let asked = project.run(plan).ended(130).says("Is `User.fullName` a new name of `name`");
    asked.says("--answer rename:User.fullName=name");
    project.run("apply --plan plan.json").ended(130);
    project.run(&format!("{plan} --answer rename:User.fullName=name")).ended(0);
    project.run("apply --plan plan.json").ended(0);
    assert_eq!(database.ask("SELECT \"fullName\" FROM \"User\""), ["a"]);
    project.run("apply --plan plan.json").ended(0);
}

// The table of the relation is named after both models, and its columns go by the order of their names.
#[server_test]
fn the_table_of_an_implicit_relation_follows_its_models() {
    let models = |user: &str| {
        format!(
            "model Post {{\n  id Int @id\n  title String\n  users {user}[]\n}}\n
             model {user} {{\n  id Int @id\n  nick String\n  posts Post[]\n}}\n"
        )
    };
    let database = Database::new("rename_join");
    let project = Folder::new(&models("User"), &[]).on(&database);
    project.run("migrate dev --name init").ended(0);
    database.run(
        "INSERT INTO \"User\" VALUES (1, 'u'), (2, 'v'); INSERT INTO \"Post\" VALUES (7, 'p'), (8, 'q');
         INSERT INTO \"_PostToUser\" (\"A\", \"B\") VALUES (7, 1), (8, 2)",
    );
    let schema = format!("{}{}", crate::stand::DATASOURCE, models("Account"));
    project.write("prisma/schema.prisma", schema);
    let asked = project.run("migrate dev --name x").ended(130);
    asked
        .complains("`Account`")
        .complains("Is `_AccountToPost` a new name of `_PostToUser` (2 rows;");
    project
        .run(
            "migrate dev --name x --rename User:Account --answer data-loss=yes
             --answer rename:_AccountToPost=_PostToUser",
        )
        .ended(0);
    let pairs = "SELECT \"A\" || '-' || \"B\" FROM \"_AccountToPost\" ORDER BY 1";
    assert_eq!(database.ask(pairs), ["1-7", "2-8"]);
    project.run("migrate status").ended(0);
    project.run("rollback --yes").ended(0);
    let pairs = "SELECT \"A\" || '-' || \"B\" FROM \"_PostToUser\" ORDER BY 1";
    assert_eq!(database.ask(pairs), ["7-1", "8-2"]);
}
