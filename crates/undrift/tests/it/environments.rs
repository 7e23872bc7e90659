//! `env list|show|check`, `--env`, and what the class of a database forbids.

use server_test::server_test;

use crate::stand::{Database, Folder};

const INIT: (&str, &str) = ("1_init", "CREATE TABLE a (id int PRIMARY KEY);\n");

#[server_test]
fn an_environment_is_named_and_every_command_takes_it() {
    let (mine, theirs) = (Database::new("env_mine"), Database::new("env_theirs"));
    let project = Folder::new("model a {\n  id Int @id\n}\n", &[INIT])
        .on(&mine)
        .with("STAGING_URL", &theirs.url);
    project.write(
        "undrift.toml",
        "[environments.staging]\nvariable = \"STAGING_URL\"\nclass = \"staging\"\nallow = [\"reset\"]\n\
         [environments.production]\nvariable = \"PRODUCTION_URL\"\nclass = \"production\"\n",
    );
    project.run("migrate deploy --env staging").ended(0);
    assert_eq!((mine.tables(), theirs.tables()), (vec![], vec!["a".to_owned()]));
    project
        .run("env list")
        .ended(0)
        .says("staging  staging  undrift.toml:3")
        .says("PRODUCTION_URL is not set")
        .says("allowed: reset\n  refused: push-with-loss, rollback")
        .says("The project's own URL\n(not named)  local");
    let json = project.run("env show --env staging --json").ended(0).json();
    assert_eq!(
        (json["class"].as_str(), json["auth"].as_str()),
        (Some("staging"), Some("password"))
    );
    project
        .run("env check --env staging")
        .ended(0)
        .says("writer")
        .says("Changes can be made here.");
    project.run("status --env production").ended(1).complains("export PRODUCTION_URL=");
    project.run("status --env typo").ended(1).complains("undrift.toml names production, staging");
    project.run("status --env staging --url x").ended(1).complains("cannot be used with");
}

#[server_test]
fn changes_are_refused_where_sessions_are_read_only() {
    let database = Database::new("env_read_only");
    database.run("ALTER DATABASE env_read_only SET default_transaction_read_only = on");
    let project = Folder::new("", &[INIT]).on(&database);
    project
        .run("env check")
        .ended(1)
        .says("writer, but sessions are read only")
        .says("no changes here")
        .says("default_transaction_read_only");
    project.run("migrate deploy").ended(1).complains("read only");
}

#[test]
fn a_host_of_aws_is_production_and_what_kind_it_is_is_known_without_it() {
    let url = "postgresql://u@app.proxy-c1.eu-west-1.rds.amazonaws.com/d?auth=iam";
    let project = Folder::new("", &[INIT]).with("DATABASE_URL", url);
    let json = project.run("env show --json").ended(0).json();
    assert_eq!((json["class"].as_str(), json["auth"].as_str()), (Some("production"), Some("iam")));
    assert!(json["permissions"].as_array().unwrap().iter().all(|it| it["allowed"] == false));
}

#[server_test]
fn changes_are_refused_where_each_transaction_gets_another_connection() {
    let database = Database::new("env_pooled");
    let port = crate::pool::open(&database);
    let project = Folder::new("model a {\n  id Int @id\n}\n", &[INIT]).with(
        "DATABASE_URL",
        &format!("postgresql://postgres@127.0.0.1:{port}/env_pooled?pgbouncer=true"),
    );
    project
        .run("migrate deploy")
        .ended(1)
        .complains("leads through a pooler in transaction mode")
        .complains("directUrl");
    project.run("db push").ended(1).complains("a pooler in transaction mode");
    project.run("migrate status").ended(1).says("1_init");
    project.run("env check").ended(1).says("a pooler in transaction mode").says("no changes here");
    assert_eq!(database.tables(), [""; 0]);
    // What the URL says is only what it says.
    let direct = format!("{}&pgbouncer=true", database.url);
    Folder::new("", &[INIT]).with("DATABASE_URL", &direct).run("migrate deploy").ended(0);
}
