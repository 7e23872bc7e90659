// Answers schemas, one JSON string a line, with what Prisma's parser says of each: {lint, format}.
// Argument: the folder that npm installed @prisma/prisma-schema-wasm into.
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const require = createRequire(process.argv[2] + '/');
const prisma = require('@prisma/prisma-schema-wasm');
const options = JSON.stringify({ textDocument: { uri: 'file:/schema.prisma' }, options: { tabSize: 2, insertSpaces: true } });
const said = (work) => {
  try {
    return work();
  } catch (error) {
    return { failed: String(error?.message ?? error) };
  }
};
for await (const line of createInterface({ input: process.stdin })) {
  const files = JSON.stringify([['schema.prisma', JSON.parse(line)]]);
  const lint = said(() => JSON.parse(prisma.lint(files)));
  const format = said(() => JSON.parse(prisma.format(files, options))[0][1]);
  process.stdout.write(JSON.stringify({ lint, format }) + '\n');
}
