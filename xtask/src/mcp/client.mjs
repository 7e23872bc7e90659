// The agent's part of `cargo xtask mcp`, by the official TypeScript SDK.
import assert from "node:assert/strict";
import readline from "node:readline";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";

const { command, arguments: args, folder, variables, address } = JSON.parse(process.argv[2]);
const transport = address
  ? new StreamableHTTPClientTransport(new URL(address.url), {
      requestInit: { headers: { Authorization: `Bearer ${address.token}` } },
    })
  : new StdioClientTransport({ command, args, cwd: folder, env: variables });
const person = readline.createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const client = new Client({ name: "xtask", version: "1" });
await client.connect(transport);

const { tools } = await client.listTools();
console.log(`tools: ${tools.map((tool) => tool.name).join(", ")}`);
assert(tools.every((tool) => tool.annotations.readOnlyHint === (tool.name !== "apply")));
console.log(`tools/list: ${JSON.stringify(tools).length} bytes`);

let told = 0;
// listTools made the SDK compile the output schemas: it checks every structured result against them.
async function call(name, input = {}) {
  const options = { onprogress: () => told++, timeout: 300_000 };
  const result = await client.callTool({ name, arguments: input }, undefined, options);
  return result.isError ? JSON.parse(result.content[0].text) : result.structuredContent;
}

const before = await call("status");
assert.equal(before.drift.state, "found");
console.log(`status: ${before.migrations.applied.length} applied, ${before.drift.objects.length} drifted`);
const drift = await call("drift", { sql: true });
assert(drift.objects.some((it) => it.id === "public.made_by_hand" && it.cause === "by_hand"));
assert(drift.sql.revert.includes("DROP TABLE"));
await call("diff", { from: "migrations", to: "database" });
await call("lint");
const validated = await call("validate");
console.log(`validate: ${validated.error ? validated.error.code : "valid"}`);
const checked = await call("check", { all: true });
console.log(`check: ${checked.checks.length} checks, ${checked.errors} errors`);
await call("preflight");
await call("plan", { of: "deploy" });

const plan = await call("plan", { of: "drift" });
console.log(`plan: ${plan.changes.length} changes, lost: ${plan.losses.join("; ")}`);
const refused = await call("apply", { fingerprint: plan.fingerprint });
assert(refused.error.message.includes("nobody has approved it"), refused.error?.message);
assert(refused.error.next[0].includes(`undrift approve ${plan.fingerprint}`));
console.log(`apply: refused: ${refused.error.message.replace(plan.fingerprint, "…")}`);

console.log(`APPROVE ${plan.fingerprint}`);
assert.equal((await person.next()).value, "approved");
const applied = await call("apply", { fingerprint: plan.fingerprint });
assert.equal(applied.of, "drift", JSON.stringify(applied));
console.log(`apply: ${applied.reverted.length} objects reverted`);
const again = await call("apply", { fingerprint: plan.fingerprint });
assert(again.error.message.includes("counts once"));

const after = await call("status");
assert.equal(after.drift.state, "none");
assert.deepEqual(after.migrations.pending, []);
console.log(`status: no drift; ${told} progress notifications`);
assert(told > 0);
const { resources } = await client.listResources();
for (const { uri } of resources) {
  const { contents } = await client.readResource({ uri });
  assert(contents[0].text.length > 100, uri);
}
console.log(`resources: ${resources.length} read`);
await client.close();
process.exit(0);
