//! `db pull`: words and exit codes are Prisma's unless a test says otherwise. What is written is tested
//! in `pull`.

use server_test::server_test;

use crate::stand::{DATASOURCE, Database, Folder, PASSWORD};

const TABLES: &str = "CREATE TYPE role AS ENUM ('admin', 'user');
    CREATE TABLE users (
      id serial PRIMARY KEY,
      email varchar(50) NOT NULL UNIQUE,
      role role NOT NULL DEFAULT 'user',
      made timestamptz NOT NULL DEFAULT now(),
      CONSTRAINT plausible CHECK (email LIKE '%@%'));
    CREATE TABLE posts (
      id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
      author int NOT NULL REFERENCES users ON DELETE CASCADE,
      tags text[] NOT NULL DEFAULT '{}',
      place point);
    CREATE INDEX ON posts USING gin (tags);";

const MODELS: &str = r#"
model posts {
  id     String                @id @default(dbgenerated("gen_random_uuid()")) @db.Uuid
  author Int
  tags   String[]              @default([])
  place  Unsupported("point")?
  users  users                 @relation(fields: [author], references: [id], onDelete: Cascade, onUpdate: NoAction)

  @@index([tags], type: Gin)
}

/// This table contains check constraints and requires additional setup for migrations. Visit https://pris.ly/d/check-constraints for more info.
model users {
  id    Int      @id @default(autoincrement())
  email String   @unique @db.VarChar(50)
  role  role     @default(user)
  made  DateTime @default(now()) @db.Timestamptz(6)
  posts posts[]
}

enum role {
  admin
  user
}
"#;

const WARNINGS: &str = "*** WARNING ***

These fields are not supported by Prisma Client, because Prisma currently does not support their types:
  - Model: \"posts\", field: \"place\", original data type: \"point\"

These constraints are not supported by Prisma Client, because Prisma currently does not fully support check constraints. Read more: https://pris.ly/d/check-constraints
  - Model: \"users\", constraint: \"plausible\"
";

fn made(name: &str) -> (Folder, Database) {
    let database = Database::new(name);
    database.run(TABLES);
    (Folder::new("", &[]).on(&database), database)
}

#[server_test]
fn the_schema_becomes_what_the_database_is() {
    let (project, _database) = made("pull_first");
    let told = project.run("db pull").ended(0).stdout;
    let introspecting = "Introspecting based on datasource defined in prisma/schema.prisma";
    let introspected = "Introspected 2 models and wrote them into prisma/schema.prisma in ";
    let (_, after) = told.split_once(&format!("- {introspecting}\n✔ {introspected}")).unwrap();
    let rest =
        format!("ms\n      \n{WARNINGS}\nRun prisma generate to generate Prisma Client.\n\n");
    assert!(after.ends_with(&rest), "{told}");
    assert_eq!(project.read("prisma/schema.prisma"), format!("{DATASOURCE}{MODELS}"));
    project.run("db pull").ended(0);
    assert_eq!(project.read("prisma/schema.prisma"), format!("{DATASOURCE}{MODELS}"));
    let diff = "migrate diff --from-schema-datasource prisma/schema.prisma --to-schema prisma/schema.prisma";
    project.run(&format!("{diff} --exit-code")).ended(0);
}

#[server_test]
fn printed_is_the_schema_and_nothing_else() {
    let (project, _database) = made("pull_print");
    let ran = project.run("db pull --print").ended(0);
    assert_eq!(ran.stdout, format!("{DATASOURCE}{MODELS}\n\n"));
    assert_eq!(ran.stderr, format!("\n// {}\n", WARNINGS.replace('\n', "\n// ")));
    assert_eq!(project.read("prisma/schema.prisma"), DATASOURCE);
    let json = project.run("db pull --print --json").ended(0).json();
    assert_eq!(json["files"][0]["text"], format!("{DATASOURCE}{MODELS}"));
    assert_eq!(json["models"], 2);
    assert_eq!(json["warnings"][1]["items"][0], "Model: \"users\", constraint: \"plausible\"");
}

/// Prisma removes the other files as well.
#[server_test]
fn force_begins_anew_in_one_file() {
    let (project, _database) = made("pull_force");
    project.write("prisma/schema.prisma", format!("{DATASOURCE}model broken {{"));
    project.write("prisma/more.prisma", "model posts {\n  id String @id\n}\n");
    let folder = "--schema prisma";
    let refused = "P1012\n\n";
    let ran = project.run(&format!("db pull {folder}")).ended(1).complains(refused);
    ran.complains("Or run this command with the --force flag to ignore your current schema");
    project.run(&format!("db pull --force {folder}")).ended(0);
    assert_eq!(project.read("prisma/introspected.prisma"), format!("{DATASOURCE}{MODELS}"));
    assert!(!project.path("prisma/schema.prisma").exists());
    assert!(!project.path("prisma/more.prisma").exists());
}

#[server_test]
fn there_must_be_something_to_pull() {
    let database = Database::new("pull_nothing");
    let project = Folder::new("", &[]).on(&database);
    let ran = project.run("db pull").ended(1);
    let introspecting = "Introspecting based on datasource defined in prisma/schema.prisma";
    let ran = ran.says(&format!("- {introspecting}\n✖ {introspecting}\n"));
    ran.complains("Error: \nP4001 The introspected database was empty:\n\n");
    database.run("CREATE SCHEMA other; CREATE TABLE other.a (id int PRIMARY KEY)");
    project.run("db pull").ended(1).complains("P4001");
    project.run("db pull --schemas other").ended(0);
    let pulled = project.read("prisma/schema.prisma");
    assert!(
        pulled.contains("  schemas  = [\"other\"]\n") && pulled.contains("@@schema(\"other\")")
    );
    database.run("CREATE TABLE b (id int PRIMARY KEY REFERENCES other.a)");
    let ran = project.run("db pull --force --schemas public").ended(1);
    ran.complains("Error: P4002\n\n").complains("`public.b` points to `other.a`");
}

/// Prisma prints them.
#[server_test]
fn passwords_are_written_and_not_shown() {
    let (project, database) = made("pull_password");
    let url = database.url_as(&format!("postgres:{PASSWORD}"));
    let datasource = DATASOURCE.replace("env(\"DATABASE_URL\")", &format!("\"{url}\""));
    project.write("prisma/schema.prisma", &datasource);
    project.run("db pull --print").ended(0).says("://postgres:****@");
    project.run("db pull --print --json").ended(0).says("://postgres:****@");
    project.run("db pull").ended(0);
    assert_eq!(project.read("prisma/schema.prisma"), format!("{datasource}{MODELS}"));
}
