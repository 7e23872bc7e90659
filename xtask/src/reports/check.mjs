// Checks reports with validators that undrift has no part in. Arguments: a folder with cases, each a folder with
// out.sarif, out.gitlab.json, out.github and out.json. Prints what is wrong, and ends with 1 if something is.
import { readFileSync, readdirSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";

const [folder, modules] = process.argv.slice(2);
const require = createRequire(join(modules, "package.json"));
const Ajv4 = require("ajv-draft-04").default ?? require("ajv-draft-04");
const Ajv = require("ajv").default ?? require("ajv");
const formats = require("ajv-formats").default ?? require("ajv-formats");

const schema = (path) => JSON.parse(readFileSync(join(modules, "node_modules", path), "utf8"));
const draft4 = new Ajv4({ allErrors: true, strict: false, unicodeRegExp: false });
formats(draft4);
const sarif = draft4.compile(schema("@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json"));

// What docs.gitlab.com/ci/testing/code_quality says of the format.
const gitlab = new Ajv({ allErrors: true }).compile({
  type: "array",
  items: {
    type: "object",
    required: ["description", "check_name", "fingerprint", "severity", "location"],
    properties: {
      description: { type: "string", minLength: 1 },
      check_name: { type: "string", minLength: 1 },
      fingerprint: { type: "string", minLength: 1 },
      severity: { enum: ["info", "minor", "major", "critical", "blocker"] },
      location: {
        type: "object",
        required: ["path", "lines"],
        properties: {
          path: { type: "string", pattern: "^(?!\\./|/).+" },
          lines: { type: "object", required: ["begin"], properties: { begin: { type: "integer", minimum: 1 } } },
        },
      },
    },
  },
});

// How @actions/core writes the same annotation, to compare what a runner reads from both.
const issued = (name, message, properties) => {
  const script = `import * as core from "@actions/core"; core[${JSON.stringify(name)}](${JSON.stringify(message)}, ${JSON.stringify(properties)});`;
  return execFileSync("node", ["--input-type=module", "-e", script], { cwd: modules, encoding: "utf8" }).trim();
};
const read = (line) => {
  const found = /^::(\w+)(?: (.*?))?::(.*)$/s.exec(line);
  if (!found) return undefined;
  const plain = (text) => text.replaceAll("%0D", "\r").replaceAll("%0A", "\n");
  const properties = (found[2] ?? "").split(",").filter(Boolean).map((pair) => {
    const at = pair.indexOf("=");
    const value = plain(pair.slice(at + 1)).replaceAll("%3A", ":").replaceAll("%2C", ",").replaceAll("%25", "%");
    return [pair.slice(0, at), value];
  });
  return { name: found[1], properties: Object.fromEntries(properties), message: plain(found[3]).replaceAll("%25", "%") };
};

let bad = 0;
const counts = { sarif: 0, gitlab: 0, github: 0, issued: 0 };
const fail = (what, why) => { bad += 1; console.log(`bad: ${what}: ${why}`); };
for (const name of readdirSync(folder).sort()) {
  const text = (file) => readFileSync(join(folder, name, file), "utf8");
  const issues = JSON.parse(text("out.json")).checks.flatMap((check) => check.issues);
  const log = JSON.parse(text("out.sarif"));
  if (!sarif(log)) fail(`${name} SARIF`, draft4.errorsText(sarif.errors));
  if (log.runs[0].results.length !== issues.length) fail(`${name} SARIF`, "another number of results");
  counts.sarif += log.runs[0].results.length;
  const quality = JSON.parse(text("out.gitlab.json"));
  if (!gitlab(quality)) fail(`${name} GitLab`, JSON.stringify(gitlab.errors));
  if (new Set(quality.map((it) => it.fingerprint)).size !== quality.length) fail(`${name} GitLab`, "fingerprints repeat");
  counts.gitlab += quality.length;
  const lines = text("out.github").split("\n").filter((line) => line.startsWith("::"));
  let compared = 0;
  lines.forEach((line, at) => {
    const own = read(line);
    if (!own) return fail(`${name} GitHub`, line);
    counts.github += 1;
    const { file, line: startLine, endLine, title } = own.properties;
    const issue = issues[at];
    if (issue && title !== issue.code) fail(`${name} GitHub`, `${title} is not ${issue.code}`);
    // Starting node for each takes long: some of each case.
    if (compared >= 5) return;
    compared += 1;
    const numbers = startLine ? { startLine: Number(startLine), endLine: Number(endLine) } : {};
    const theirs = read(issued(own.name, own.message, { file, title, ...numbers }));
    const sorted = (it) => JSON.stringify([it.name, it.message, Object.entries(it.properties).sort()]);
    if (sorted(own) !== sorted(theirs)) fail(`${name} GitHub`, `${line}\n  @actions/core: ${sorted(theirs)}`);
    counts.issued += 1;
  });
}
console.log(
  `SARIF: ${counts.sarif} results by the official schema (ajv); GitLab: ${counts.gitlab} issues; ` +
  `GitHub: ${counts.github} annotations read, ${counts.issued} compared with @actions/core; ${bad} bad`,
);
process.exit(bad === 0 ? 0 : 1);
