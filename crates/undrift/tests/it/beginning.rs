//! `init`.

use server_test::server_test;

use crate::stand::{Database, Folder};

#[test]
fn a_new_project_is_valid_and_not_written_over() {
    let project = Folder::new("", &[]);
    project.remove("prisma");
    project.write(".gitignore", "node_modules\n*.log");
    let url = "postgresql://me:s3cr3t-never-shown@localhost:1/app";
    project.run(&format!("init --url {url} --with-model")).ended(0).says("  prisma.config.ts\n");
    assert_eq!(project.read(".env"), format!("DATABASE_URL=\"{url}\"\n"));
    assert_eq!(project.read(".gitignore"), "node_modules\n*.log\n.env\n/generated/prisma\n");
    project.run("validate").ended(0).says("is valid");
    project.run("format --check").ended(0);
    project.run("migrate status").ended(1).complains("P1001").complains("localhost:1");
    project.run("init").ended(1).complains("prisma/schema.prisma already exists in this project.");
}

#[test]
fn variables_that_are_set_stay() {
    let project = Folder::new("", &[]);
    project.remove("prisma");
    project.write(".env", "DATABASE_URL=\"postgresql://h/d\"\n");
    let json = project.run("init --json --output ../src/client").ended(0).json();
    assert_eq!(
        json["files"],
        serde_json::json!(["prisma/schema.prisma", "prisma.config.ts", ".gitignore"])
    );
    assert_eq!(project.read(".env"), "DATABASE_URL=\"postgresql://h/d\"\n");
    assert!(project.read(".gitignore").ends_with("/src/client\n"));
    project.run("init --datasource-provider mysql").ended(1);
}

#[server_test]
fn a_database_that_is_there_gives_the_models() {
    let database = Database::new("init_pull");
    database.run("CREATE TABLE a (id int PRIMARY KEY, name text)");
    let project = Folder::new("", &[]);
    project.remove("prisma");
    project
        .run(&format!("init --url {}", database.url))
        .ended(0)
        .says("The schema has the 1 model of the database.")
        .says("undrift baseline");
    assert!(project.read("prisma/schema.prisma").contains("model a {"));
    let baselined = project.run(&format!("baseline --url {}", database.url)).ended(0);
    baselined.says("Proven");
}

#[test]
fn a_database_that_cannot_be_read_is_told_of() {
    let project = Folder::new("", &[]);
    project.remove("prisma");
    let told = project.run("init --url postgresql://me@localhost:1/app").ended(0);
    told.complains("The database was not read").says("undrift db pull");
    project.run("validate").ended(0);
}
