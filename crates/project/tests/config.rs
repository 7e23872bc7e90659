//! Config files as a whole project sees them; what is expected was seen with Node and Prisma 7.10.1.

#![expect(clippy::unwrap_used, reason = "a test ends where its project cannot be made")]

use std::path::Path;

use project::{DatasourceUrl, Project, Request, discover};

/// A project with a config file and other files, found from its folder with variables set.
fn project(
    config: (&str, &str),
    files: &[(&str, &str)],
    variables: &[(&str, &str)],
) -> (tempfile::TempDir, Result<Project, project::Error>) {
    let folder = tempfile::tempdir().unwrap();
    let schema = ("prisma/schema.prisma", "datasource db {\n  provider = \"postgresql\"\n}\n");
    for (path, text) in files.iter().chain([&config, &schema]) {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let request = Request {
        current_directory: folder.path().to_owned(),
        environment: variables.collect(),
        ..Request::default()
    };
    let project = discover(&request);
    (folder, project)
}

/// What a project says of its URL, as text.
fn told(project: &Project) -> String {
    match &project.url {
        DatasourceUrl::NotConfigured => "not configured".to_owned(),
        DatasourceUrl::Absent(absent) => {
            format!("absent: {} at {}", absent.variable.as_deref().unwrap_or("?"), absent.place)
        }
        DatasourceUrl::Given(url) => url.value.clone(),
        DatasourceUrl::Unknown(error) => {
            let folder = format!("{}/", project.root.display());
            error.to_string().replace(&folder, "")
        }
    }
}

/// The URL of a config file that is all there is, with SET=set, EMPTY= and no other variable.
fn url(config: &str) -> String {
    url_in("prisma.config.ts", config)
}

fn url_in(name: &str, config: &str) -> String {
    let (_folder, project) = project((name, config), &[], &[("SET", "set"), ("EMPTY", "")]);
    told(&project.unwrap())
}

/// The URL of a config whose URL is an expression.
fn expression(expression: &str) -> String {
    url(&format!(
        "import {{ defineConfig, env }} from 'prisma/config'\nimport path from 'node:path'\n\
         export default defineConfig({{ datasource: {{\n  url: {expression}\n}} }})"
    ))
}

#[test]
fn the_ways_to_export_a_config() {
    for config in [
        "import { defineConfig } from 'prisma/config'\n\
         export default defineConfig({ datasource: { url: 'x' } })",
        "import { defineConfig as define } from '@prisma/config'\n\
         const config = define({ datasource: { url: 'x' } })\nexport default config",
        "const config = { datasource: { url: 'x' } }\nexport { config as default }",
        "export default { datasource: { url: 'x' } } satisfies PrismaConfig",
        "import type { PrismaConfig } from 'prisma'\n\
         export default ({ datasource: { url: 'x' } } as PrismaConfig)",
        "export const url = 'x'\nexport default { datasource: { url } }",
        "'use strict'\nconst { defineConfig } = require('prisma/config')\n\
         module.exports = defineConfig({ 'datasource': { ['url']: 'x' } })",
    ] {
        assert_eq!(url(config), "x", "{config}");
    }
    assert_eq!(url_in("prisma.config.mjs", "export default { datasource: { url: 'x' } }"), "x");
    assert_eq!(url_in("prisma.config.js", "module.exports = { datasource: { url: 'x' } }"), "x");
    assert_eq!(url_in(".config/prisma.ts", "export default { datasource: { url: 'x' } }"), "x");
    // Prisma reads no JSON here; undrift does.
    assert_eq!(url_in("prisma.config.json", r#"{"datasource":{"url":"x"}}"#), "x");
    assert_eq!(
        url_in("prisma.config.json", r#"{"datasource":{"url":null}}"#),
        "absent: ? at prisma.config.json"
    );
}

#[test]
fn the_ways_to_write_a_value() {
    for (written, value) in [
        ("env('SET')", "set"),
        ("process.env.SET", "set"),
        ("process.env['SET']", "set"),
        ("process.env[`S${'ET'}`]!", "set"),
        ("process.env.NONE ?? 'other'", "other"),
        ("process.env.EMPTY || 'other'", "other"),
        ("process.env.SET && 'other'", "other"),
        ("process.env.SET === 'set' ? 'yes' : 'no'", "yes"),
        ("process.env.NONE !== undefined ? 'yes' : 'no'", "no"),
        ("process.env.NONE === null ? 'yes' : 'no'", "no"),
        ("process.env.NONE == null ? 'yes' : 'no'", "yes"),
        ("!process.env.NONE ? 'yes' : 'no'", "yes"),
        ("`a-${process.env.SET}-${process.env.NONE}-${null}`", "a-set-undefined-null"),
        ("'a' + ('b' + String(process.env.SET))", "abset"),
        ("path.join('a', '..', 'b')", "b"),
        ("({ ...{ a: 'x' }, ...process.env }).SET", "set"),
        ("({ a: { b: 'deep' } })['a'].b", "deep"),
        ("(process.env.SET as string) satisfies string", "set"),
    ] {
        assert_eq!(expression(written), value, "{written}");
    }
    let destructured = "import { env } from 'node:process'\n\
        const { NONE = 'other', SET: set } = env\nconst base = { seed: 'no', url: NONE + set }\n\
        export default { datasource: { ...base } }";
    assert_eq!(url(destructured), "otherset");
}

#[test]
fn paths_begin_at_the_config_file() {
    let config = "import path from 'path'\nimport { fileURLToPath } from 'url'\n\
        const here = path.dirname(fileURLToPath(import.meta.url))\n\
        export default { schema: path.join(__dirname, '..', 'prisma/schema.prisma'), \
        migrations: { path: path.join(here, 'history') } }";
    let (folder, project) = project((".config/prisma.ts", config), &[], &[]);
    let project = project.unwrap();
    assert_eq!(project.schema_path, folder.path().join("prisma/schema.prisma"));
    assert_eq!(project.migrations_folder, folder.path().join(".config/history"));
}

#[test]
fn a_url_that_is_absent_is_named_with_its_place() {
    assert_eq!(expression("env('NONE')"), "absent: NONE at prisma.config.ts:4");
    // Prisma's env() takes an empty variable for none.
    assert_eq!(expression("env('EMPTY')"), "absent: EMPTY at prisma.config.ts:4");
    assert_eq!(expression("process.env.NONE!"), "absent: NONE at prisma.config.ts:4");
    assert_eq!(expression("process.env.A ?? process.env.B"), "absent: B at prisma.config.ts:4");
    assert_eq!(expression("undefined"), "absent: ? at prisma.config.ts:4");
    assert_eq!(expression("process.env.NONE ?? ''"), "absent: ? at prisma.config.ts");
    let named_above = "const url = process.env.NONE\n\nexport default { datasource: { url } }";
    assert_eq!(url(named_above), "absent: NONE at prisma.config.ts:1");
    for config in ["", "export default {}", "export default { datasource: {} }", "// nothing"] {
        assert_eq!(url(config), "not configured", "{config}");
    }
}

#[test]
fn what_only_running_the_file_would_tell_is_no_guess() {
    let unknown = |place: &str, text: &str| {
        format!("prisma.config.ts:{place}: {text} cannot be worked out without running the file")
    };
    for (config, place, text) in [
        ("let x = 'a'\nx = 'b'\nexport default { datasource: { url: x } }", "2:1", "`x = 'b'`"),
        ("let x = 'a'\nexport default { datasource: { url: x } }", "2:37", "`x`"),
        (
            "const c = { datasource: { url: 'a' } }\nc.datasource.url = 'b'\nexport default c",
            "2:1",
            "`c.datasource.url = 'b'`",
        ),
        (
            "const c = { datasource: { url: 'a' } }\nObject.assign(c, {})\nexport default c",
            "2:1",
            "`Object.assign(c, {})`",
        ),
        (
            "import './variables'\nexport default { datasource: { url: process.env.SET } }",
            "1:1",
            "`import './variables'`",
        ),
        (
            "if (process.env.SET) process.env.SET = 'b'\nexport default { datasource: { url: process.env.SET } }",
            "1:1",
            "`if (process.env.SET) process.env.SET = 'b'`",
        ),
        ("import { url } from './url'\nexport default { datasource: { url } }", "2:32", "`url`"),
        ("export { default } from './other'", "1:1", "`export { default } from './other'`"),
        ("export default { datasource: { url: await secret() } }", "1:37", "`await secret()`"),
        ("export default async () => ({})\nthrow 1", "2:1", "`throw 1`"),
        ("import d from 'dotenv'\nd.config({ path: d() })\nexport default {}", "2:18", "`d()`"),
        // A password is not shown.
        ("export default { datasource: { url: f('postgresql://u:secret@h/d') } }", "1:37", "this"),
        // A name that stands for itself comes to an end.
        ("const a = b, b = a\nexport default { datasource: { url: a } }", "1:11", "`b`"),
    ] {
        let variables = [("SET", "set")];
        let (folder, found) = project(("prisma.config.ts", config), &[], &variables);
        let told = match found {
            Ok(project) => told(&project),
            // What names the schema is not known either.
            Err(error) => {
                assert!(error.help().unwrap().contains("--schema"));
                error.to_string().replace(&format!("{}/", folder.path().display()), "")
            }
        };
        assert_eq!(told, unknown(place, text), "{config}");
    }
}

#[test]
fn what_undrift_does_not_use_need_not_be_known() {
    let config = "import { defineConfig } from 'prisma/config'\nimport { adapter } from './adapter'\n\
        export default defineConfig({ adapter, studio: { port: 1 + 1 }, datasource: { url: 'x' } })";
    assert_eq!(url(config), "x");
}

#[test]
fn a_config_file_loads_variables_as_dotenv_does() {
    let files = [(".env", "X=root\nSET=file\n"), (".env.local", "X=local\nY=y\n")];
    let of = |first: &str, shown: &str| {
        let config = format!("{first}\nexport default {{ datasource: {{ url: `{shown}` }} }}");
        let (_folder, project) =
            project(("prisma.config.ts", &config), &files, &[("SET", "process")]);
        told(&project.unwrap())
    };
    let shown = "${process.env.X} ${process.env.Y} ${process.env.SET}";
    assert_eq!(of("", shown), "undefined undefined process");
    assert_eq!(of("import 'dotenv/config'", shown), "root undefined process");
    let dotenv = |call: &str| of(&format!("import dotenv from 'dotenv'\ndotenv.{call}"), shown);
    assert_eq!(dotenv("config()"), "root undefined process");
    assert_eq!(dotenv("config({ quiet: true })"), "root undefined process");
    assert_eq!(dotenv("config({ path: '.env.local' })"), "local y process");
    assert_eq!(dotenv("config({ path: ['.env.local', '.env'] })"), "local y process");
    assert_eq!(dotenv("config({ override: true })"), "root undefined file");
    assert_eq!(of("process.loadEnvFile('.env.local')", shown), "local y process");
}

#[cfg(unix)]
#[test]
fn a_file_that_must_be_run_is_run_with_the_node_on_the_path() {
    let fake = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fake-node");
    let run = |config: &str, answer: &str| {
        let variables = [("PATH", fake.to_str().unwrap()), ("ANSWER", answer), ("SET", "set")];
        let (_folder, project) = project(("prisma.config.ts", config), &[], &variables);
        told(&project.unwrap())
    };
    let answer = r#"{"datasource":{"url":"ran"}}"#;
    let reassigned = "let x = 1\nx = 2\nexport default { datasource: { url: x } }";
    assert_eq!(run(reassigned, answer), "ran");
    // What can be read is not run.
    assert_eq!(run("export default { datasource: { url: process.env.SET } }", answer), "set");
    // What was absent when it ran stays absent, with the place that the text tells.
    let absent = r#"{"schema":null,"datasource":{"url":null},"migrations":null}"#;
    assert_eq!(run(reassigned, absent), "absent: ? at prisma.config.ts:2");
    let partly = "export default { datasource: { url: process.env.NONE },\n schema: f() }";
    assert_eq!(run(partly, absent), "absent: NONE at prisma.config.ts:1");
    assert_eq!(run(reassigned, r#"{"datasource":null}"#), "not configured");
    // One that failed is as if there were no Node.
    assert_eq!(
        run("export default { datasource: { url: f() } }", "not JSON"),
        "prisma.config.ts:1:37: `f()` cannot be worked out without running the file"
    );
}

#[test]
fn a_file_that_is_no_typescript_is_named_with_line_and_column() {
    let (folder, found) = project(("prisma.config.ts", "export default {\n  schema: "), &[], &[]);
    let error = found.unwrap_err().to_string();
    let place = format!("{}:2:", folder.path().join("prisma.config.ts").display());
    assert!(error.starts_with(&place), "{error}");
    let (_folder, found) = project(("prisma.config.json", "{\n  nope"), &[], &[]);
    assert!(found.unwrap_err().to_string().ends_with("prisma.config.json:2:3: not JSON"));
}

#[test]
fn a_file_nested_too_deeply_does_not_exhaust_the_stack() {
    for deep in ["(", "[", "{a:", "!", "- ", "f(", "`${"] {
        let told = {
            let config = format!("export default {}", deep.repeat(20_000));
            let (_folder, found) = project(("prisma.config.ts", &config), &[], &[]);
            found.unwrap_err().to_string()
        };
        assert!(
            told.ends_with(": nested too deeply to be read without running the file"),
            "{told}"
        );
    }
}

#[test]
fn the_encoding_of_a_config_file_does_not_matter() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("schema.prisma"), "").unwrap();
    let told = |bytes: &[u8]| {
        std::fs::write(folder.path().join("prisma.config.ts"), bytes).unwrap();
        let request = Request { current_directory: folder.path().to_owned(), ..Request::default() };
        told(&discover(&request).unwrap())
    };
    assert_eq!(told(b"\xef\xbb\xbfexport default { datasource: { url: 'x' } }"), "x");
    assert_eq!(told(b"// caf\xe9\nexport default { datasource: { url: 'x' } }"), "x");
    assert_eq!(told(b"const x = 'x'\r\nexport default { datasource: { url: x } }\r\n"), "x");
}
