//! Projects in temporary folders; what is expected was seen with Prisma 6.19.3 and 7.10.1.

use std::collections::BTreeMap;

use super::{Project, Release, Request, discover};
use crate::Error;

const SIX: &str =
    "datasource db {\n  provider = \"postgresql\"\n  url = env(\"DATABASE_URL\")\n}\n";
const SEVEN: &str = "datasource db {\n  provider = \"postgresql\"\n}\n";

struct Folder(tempfile::TempDir);

fn folder(files: &[(&str, &str)]) -> Folder {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    Folder(folder)
}

impl Folder {
    fn request(&self) -> Request {
        Request { current_directory: self.0.path().to_owned(), ..Request::default() }
    }

    fn discover(&self) -> Result<Project, Error> {
        discover(&self.request())
    }

    fn database(&self) -> String {
        self.discover().unwrap().database_url().unwrap().database
    }
}

#[test]
fn the_schema_is_looked_for_in_order() {
    let shown = |folder: &Folder| {
        let project = folder.discover().unwrap();
        project.display(&project.schema_path)
    };
    let both = [("schema.prisma", SIX), ("prisma/schema.prisma", SIX)];
    assert_eq!(shown(&folder(&both)), "schema.prisma");
    assert_eq!(shown(&folder(&both[1..])), "prisma/schema.prisma");
    let package = ("package.json", r#"{"prisma":{"schema":"db/models"}}"#);
    let models = ("db/models/a.prisma", SIX);
    assert_eq!(shown(&folder(&[both[0], package, models])), "db/models");
    let config = ("prisma.config.ts", "export default { schema: './other.prisma' }");
    let all = folder(&[both[0], package, models, config, ("other.prisma", SIX)]);
    assert_eq!(shown(&all), "other.prisma");
    let request = Request { schema: Some("schema.prisma".into()), ..all.request() };
    assert!(discover(&request).unwrap().schema_path.ends_with("schema.prisma"));
}

#[test]
fn a_schema_that_is_not_there_is_named_with_what_names_it() {
    let error = folder(&[]).discover().unwrap_err().to_string();
    assert!(
        error.ends_with(
            "schema.prisma: file not found\nprisma/schema.prisma: file not found\n\nSee also \
             https://pris.ly/d/prisma-schema-location"
        ),
        "{error}"
    );
    let of_config = folder(&[("prisma.config.ts", "export default { schema: 'no.prisma' }")]);
    let path = of_config.0.path().join("no.prisma");
    assert_eq!(
        of_config.discover().unwrap_err().to_string(),
        format!(
            "Could not load schema from `{}` provided by the Prisma config file: file or directory \
             not found",
            path.display()
        )
    );
    let of_package = folder(&[("package.json", r#"{"prisma":{"schema":"no.prisma"}}"#)]);
    assert_eq!(
        of_package.discover().unwrap_err().to_string(),
        "Could not load schema from `no.prisma` provided by \"prisma.schema\" config of \
         `package.json`: file or directory not found"
    );
    let request = Request { schema: Some("no".into()), ..of_package.request() };
    assert_eq!(
        discover(&request).unwrap_err().to_string(),
        "Could not load `--schema` from provided path `no`: file or directory not found"
    );
}

#[test]
fn the_env_file_of_the_package_wins_and_else_that_of_the_schema() {
    let schema = ("prisma/schema.prisma", SIX);
    let root = (".env", "DATABASE_URL=postgresql://u@h/root");
    let beside = ("prisma/.env", "DATABASE_URL=postgresql://u@h/beside");
    let package = ("package.json", r#"{"name":"x"}"#);
    assert_eq!(folder(&[schema, root, beside]).database(), "beside");
    assert_eq!(folder(&[schema, root]).database(), "root");
    assert_eq!(folder(&[schema, root, beside, package]).database(), "root");
    assert_eq!(folder(&[schema, beside, package]).database(), "beside");
    let other = folder(&[("db/schema.prisma", SIX), root, ("db/.env", beside.1)]);
    let request = Request { schema: Some("db/schema.prisma".into()), ..other.request() };
    assert_eq!(discover(&request).unwrap().database_url().unwrap().database, "beside");
    let environment = [("DATABASE_URL".to_owned(), "postgresql://u@h/process".to_owned())];
    let request = Request { environment: BTreeMap::from(environment), ..request };
    assert_eq!(discover(&request).unwrap().database_url().unwrap().database, "process");
}

#[test]
fn two_env_files_with_one_value_are_refused_as_prisma_6_does() {
    let files = |root, beside| {
        let package = ("package.json", "{}");
        folder(&[("prisma/schema.prisma", SIX), package, (".env", root), ("prisma/.env", beside)])
    };
    let url = "DATABASE_URL=postgresql://u@h/d\n";
    let one = files(url, url);
    assert_eq!(
        one.discover().unwrap().database_url().unwrap_err().to_string(),
        "There is a conflict between env var in .env and prisma/.env\nConflicting env vars:\n  \
         DATABASE_URL\n\nWe suggest to move the contents of prisma/.env to .env to consolidate your \
         env vars.\n"
    );
    let many = files("A=1\nB=\nC=1\nDATABASE_URL=postgresql://u@h/d", "A='1'\nB=\nC=2\nD=1");
    let error = many.discover().unwrap().database_url().unwrap_err().to_string();
    assert!(
        error.contains("env vars in .env and prisma/.env\nConflicting env vars:\n  A\n  B\n\n")
    );
    // What the process has stands for what the first file has.
    let process = |value: &str| {
        let environment = [("DATABASE_URL".to_owned(), value.to_owned())].into();
        discover(&Request { environment, ..one.request() }).unwrap().database_url()
    };
    assert_eq!(process("postgresql://u@h/process").unwrap().database, "process");
    assert!(process("postgresql://u@h/d").is_err());
}

#[test]
fn a_config_file_loads_only_what_it_says_from_the_current_directory() {
    let files = [
        ("prisma/schema.prisma", SEVEN),
        (".env", "DATABASE_URL=postgresql://u@h/a$s$x"),
        (".config/.env", "DATABASE_URL=postgresql://u@h/config"),
    ];
    let url = "schema: '../prisma/schema.prisma', datasource: { url: process.env.DATABASE_URL }";
    let with = format!("import 'dotenv/config'\nexport default {{ {url} }}");
    let found = folder(&[files[0], files[1], files[2], (".config/prisma.ts", &with)]);
    assert_eq!(found.database(), "a$s$x");
    let without = format!("export default {{ {url} }}");
    let project =
        folder(&[files[0], files[1], (".config/prisma.ts", &without)]).discover().unwrap();
    assert_eq!(project.release, Release::Seven);
    assert_eq!(
        project.database_url().unwrap_err().to_string(),
        "The datasource.url property is required in your Prisma config file when using this command."
    );
}

#[test]
fn every_url_of_the_schema_must_be_there() {
    let schema = SIX.replace('}', "  directUrl = env(\"DIRECT_URL\")\n}");
    let files = [("prisma/schema.prisma", schema.as_str())];
    let error = |env: &str| {
        let project = folder(&[files[0], (".env", env)]).discover().unwrap();
        let error = project.database_url().unwrap_err();
        assert_eq!(error.code(), Some("P1012"));
        error.to_string()
    };
    assert_eq!(
        error("DATABASE_URL=postgresql://u@h/d"),
        "Environment variable not found: DIRECT_URL.\n  -->  prisma/schema.prisma:4"
    );
    assert!(error("").starts_with("Environment variable not found: DIRECT_URL."));
    assert!(error("DIRECT_URL=x").starts_with("Environment variable not found: DATABASE_URL."));
    assert!(error("DIRECT_URL=x\nDATABASE_URL=").contains("`DATABASE_URL` resolved to an empty"));
    let env = (".env", "DATABASE_URL=postgresql://u@h/pooled\nDIRECT_URL=postgresql://u@h/direct");
    assert_eq!(folder(&[files[0], env]).database(), "direct");
    let project = folder(&[("schema.prisma", SEVEN)]).discover().unwrap();
    assert_eq!(
        project.database_url().unwrap_err().to_string(),
        "Argument \"url\" is missing in data source block \"db\"."
    );
}

#[test]
fn a_command_without_a_database_goes_on_without_its_url() {
    let config = "import { env } from 'prisma/config'\n\
                  export default { datasource: { url: env('NOPE') } }";
    let found = folder(&[("schema.prisma", SEVEN), ("prisma.config.ts", config)]);
    let error = found.discover().unwrap().database_url().unwrap_err().to_string();
    assert!(error.ends_with("PrismaConfigEnvError: Cannot resolve environment variable: NOPE."));
    let request = Request { url: Some("postgresql://u@h/flag".to_owned()), ..found.request() };
    assert_eq!(discover(&request).unwrap().database_url().unwrap().database, "flag");
}

#[test]
fn seed_and_warning_of_package_json_and_config() {
    let schema = ("schema.prisma", SIX);
    let package = ("package.json", r#"{"prisma":{"seed":"node seed.js"}}"#);
    let project = folder(&[schema, package]).discover().unwrap();
    assert_eq!(project.seed.unwrap().value, "node seed.js");
    assert!(project.warnings[0].starts_with("The configuration property `package.json#prisma`"));
    let config = "export default { migrations: { seed: 'tsx seed.ts', initShadowDb: 'SELECT 1' } }";
    let project = folder(&[schema, ("prisma.config.ts", config)]).discover().unwrap();
    assert_eq!(project.seed.unwrap().origin, "prisma.config.ts, migrations.seed");
    assert_eq!(project.shadow_database_script.as_deref(), Some("SELECT 1"));
    assert!(project.warnings.is_empty());
}
