#!/usr/bin/env node
// Starts the undrift of this platform, which npm installs as an optional dependency, and is otherwise not to be
// noticed: the same arguments, streams, signals and exit code.
"use strict";

const { spawn } = require("node:child_process");
const { existsSync } = require("node:fs");

const { platform, arch } = process;
const names = candidates();
const program = names.map(located).find((path) => path !== undefined);
if (program === undefined) {
  console.error(absent());
  process.exitCode = 1;
} else {
  start(program);
}

/** The packages that have a program for this platform, the best first. */
function candidates() {
  const name = `@undrift/${platform}-${arch}`;
  if (platform !== "linux") return [name];
  // The one with PostgreSQL inside needs glibc; the static one runs everywhere.
  const isMusl = existsSync(`/lib/ld-musl-${{ x64: "x86_64", arm64: "aarch64" }[arch]}.so.1`);
  return isMusl ? [`${name}-musl`, name] : [name, `${name}-musl`];
}

function located(name) {
  try {
    return require.resolve(`${name}/bin/undrift`);
  } catch {
    return undefined;
  }
}

function absent() {
  const supported = Object.keys(require("../package.json").optionalDependencies);
  const isSupported = names.some((name) => supported.includes(name));
  const ways = isSupported
    ? [
        "npm leaves it out with --omit=optional or --no-optional, and where the lockfile or node_modules come",
        "from a machine of another kind. Ways out:",
        "  npm install --include=optional        installs what is missing",
        `  npm install --save-optional ${names[0]}`,
      ]
    : [`There are programs for: ${supported.join(", ")}.`, "Elsewhere it can be built with Rust: cargo install."];
  return [`undrift: the package ${names.join(" or ")} is not installed.`, ...ways].join("\n");
}

function start(program) {
  const child = spawn(program, process.argv.slice(2), { stdio: "inherit" });
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
  // A terminal sends its signals to both, and undrift takes the second one for the first; others send theirs
  // to this process only.
  for (const signal of signals) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => {
    console.error(`undrift: ${program} does not start: ${error.message}`);
    process.exit(1);
  });
  child.on("exit", (code, signal) => {
    if (signal === null) process.exit(code);
    for (const ours of signals) process.removeAllListeners(ours);
    process.kill(process.pid, signal);
  });
}
