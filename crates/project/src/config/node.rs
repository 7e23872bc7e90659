//! Running a config file with Node, for what its syntax tree does not tell.

use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::environment::Environment;

/// How long a config file may run.
const TIME_LIMIT: Duration = Duration::from_secs(10);

/// What stands before the value in the output, as the config file may print too.
const MARK: &str = "undrift-config:";

/// Loads the file as Node does, and where Node cannot read TypeScript, with the jiti that Prisma brings.
/// What is `undefined` is kept as `null`, to be told from what is not there.
const LOADER: &str = r#"
const [file, mark] = process.argv.slice(1);
const { pathToFileURL } = await import("node:url");
const { createRequire } = await import("node:module");
let loaded;
try {
  loaded = await import(pathToFileURL(file).href);
} catch {
  const here = createRequire(file);
  const prisma = createRequire(here.resolve("prisma/package.json"));
  const config = createRequire(prisma.resolve("@prisma/config"));
  let jiti;
  for (const require of [here, prisma, config]) {
    try { jiti ??= require("jiti"); } catch {}
  }
  loaded = await jiti.createJiti(file).import(file);
}
const value = await (loaded.default?.default ?? loaded.default ?? loaded);
const { schema, migrations, datasource } = value;
const text = JSON.stringify({ schema, migrations, datasource }, (_, value) => value ?? null);
process.stdout.write("\n" + mark + text + "\n", () => process.exit(0));
"#;

/// Runs a config file with the Node on the path and returns what it exports; nothing when there is no
/// Node or the file fails. What it prints is thrown away, as it could hold a URL.
pub(crate) fn run(
    path: &Path,
    current_directory: &Path,
    environment: &Environment,
) -> Option<Value> {
    let process = environment.process();
    let folders = process.get("PATH")?;
    let program = std::env::split_paths(folders).map(|folder| folder.join("node"));
    let program = program.into_iter().find(|program| program.is_file())?;
    let mut child = Command::new(program)
        .args(["--no-warnings", "--input-type=module", "--eval", LOADER, "--"])
        .arg(path)
        .arg(MARK)
        .current_dir(current_directory)
        .env_clear()
        .envs(process)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let mut output = child.stdout.take()?;
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut text = String::new();
        let read = output.read_to_string(&mut text);
        // Nobody listens any more once the time is over.
        sender.send(read.map(|_| text)).unwrap_or_default();
    });
    let text = receiver.recv_timeout(TIME_LIMIT);
    // It has ended, or it is to end now.
    child.kill().unwrap_or_default();
    child.wait().ok()?;
    let text = text.ok()?.ok()?;
    let value = text.lines().rev().find_map(|line| line.strip_prefix(MARK))?;
    serde_json::from_str(value).ok()
}
