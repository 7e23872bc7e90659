// Opens pages in a headless Chromium, clicks, looks at what axe-core finds and at what the console says, and
// takes pictures. Called by `cargo xtask pages` with a file that says what to open; prints one line a finding.
import { readFileSync, mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(join(process.argv[2], "package.json"));
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const job = JSON.parse(readFileSync(process.argv[3], "utf8"));
mkdirSync(job.pictures, { recursive: true });

const findings = [];
const count = { pages: 0, pictures: 0, clicks: 0, axe: 0, mermaid: 0 };
const bad = (where, what) => { findings.push(`${where}: ${what}`); console.log(`BAD ${where}: ${what}`); };

const browser = await chromium.launch({
  executablePath: job.chromium,
  args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});

const open = async (where, url, options) => {
  const context = await browser.newContext({ bypassCSP: false, ...options });
  const page = await context.newPage();
  // A machine that is busy starts a shadow database slowly.
  page.setDefaultTimeout(180_000);
  page.on("console", (message) => {
    // The browser says so by itself where a word is refused.
    if (page.isRefused && message.text().includes("status of 400")) return;
    if (["error", "warning"].includes(message.type())) bad(where, `console: ${message.text()}`);
  });
  page.on("pageerror", (error) => bad(where, `script: ${error.message}`));
  page.on("request", (request) => {
    const to = request.url();
    if (!to.startsWith(new URL(url).origin) && !to.startsWith("file:") && !to.startsWith("data:")) bad(where, `loads ${to}`);
  });
  await page.goto(url);
  await page.waitForFunction(() => !document.querySelector("[aria-busy=true]"), null, { timeout: 60000 });
  count.pages += 1;
  return { context, page };
};

// axe-core is injected past the page's own policy, which forbids it: the page is looked at, not changed.
const accessible = async (where, page) => {
  await page.evaluate(axe);
  const { violations, passes } = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
  count.axe += passes.length;
  for (const { id, help, nodes } of violations) bad(where, `axe ${id}: ${help}: ${nodes.slice(0, 3).map((node) => `${node.target} ${node.any?.[0]?.message ?? ""}`).join(" | ")} (${nodes.length})`);
};

const looks = async (name, url) => {
  for (const width of [400, 900, 1600]) for (const colorScheme of ["light", "dark"]) {
    const where = `${name} ${width} ${colorScheme}`;
    const { context, page } = await open(where, url, { viewport: { width, height: 1000 }, colorScheme });
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    if (overflow > 0) bad(where, `${overflow} pixels wider than the window`);
    await accessible(where, page);
    await page.screenshot({ path: join(job.pictures, `${name}-${width}-${colorScheme}.png`), fullPage: true });
    count.pictures += 1;
    await context.close();
  }
};

const click = async (where, page, selector) => { await page.click(selector); count.clicks += 1; };

// The diagram can be searched, zoomed and moved; the theme changes and is remembered; details unfold.
const uses = async (name, url) => {
  const { context, page } = await open(name, url, { viewport: { width: 1400, height: 900 } });
  const box = () => page.getAttribute("[data-erd]", "viewBox");
  await click(name, page, "[data-theme-switch]");
  await click(name, page, "[data-theme-switch]");
  if (await page.getAttribute("html", "data-theme") !== "dark") bad(name, "the theme does not change");
  await accessible(`${name} switched to dark`, page);
  for (const summary of await page.$$("main details:not([open]) > summary")) { await summary.click(); count.clicks += 1; }
  await accessible(`${name} unfolded`, page);
  if (await page.$("[data-erd]")) {
    const whole = await box();
    for (const zoom of ["in", "in", "out"]) await click(name, page, `[data-zoom=${zoom}]`);
    if (await box() === whole) bad(name, "zoom does nothing");
    await page.focus("[data-view]");
    const before = await box();
    await page.keyboard.press("ArrowRight");
    if (await box() === before) bad(name, "arrow keys do nothing");
    const table = await page.getAttribute(".erd .table:last-of-type", "data-table");
    await page.fill("[data-find]", table.replace(/^public\./, ""));
    const hits = await page.$$eval(".erd .table.hit", (all) => all.length);
    if (hits < 1 || !await page.$(".erd .table.pick")) bad(name, `searching for ${table} finds nothing`);
    const seen = await page.$eval(".erd .table.pick .box", (element) => {
      const own = element.getBoundingClientRect(), view = element.closest("[data-view]").getBoundingClientRect();
      return own.left >= view.left - 1 && own.top >= view.top - 1 && own.right <= view.right + 1 && own.height > 20;
    });
    if (!seen) bad(name, `${table} is found and not shown`);
    await page.screenshot({ path: join(job.pictures, `${name}-found.png`) });
    await click(name, page, "[data-zoom=full]");
    await page.screenshot({ path: join(job.pictures, `${name}-large.png`) });
    await accessible(`${name} large`, page);
    await click(name, page, "[data-zoom=full]");
    await click(name, page, "[data-zoom=whole]");
    if (await box() !== whole) bad(name, "the whole is not shown again");
  }
  await page.emulateMedia({ media: "print" });
  await page.pdf({ path: join(job.pictures, `${name}.pdf`), format: "A4" });
  await context.close();
};

// The local page: from the list of databases to a review, and, where that is allowed, through it.
const walks = async (ui) => {
  const name = ui.name;
  await looks(`${name}-home`, ui.url);
  const { context, page } = await open(name, ui.url, { viewport: { width: 1200, height: 900 } });
  await click(name, page, ".card h3 a");
  await page.waitForSelector("#drift");
  const environment = page.url();
  await looks(`${name}-database`, environment);
  await page.goto(environment);
  await click(name, page, "#drift .object .acts a:nth-child(2)");
  await page.waitForSelector("#review");
  await looks(`${name}-review`, page.url());
  if (!ui.applies) {
    if (await page.$("form")) bad(name, "a read-only server shows a form");
    await context.close();
    return;
  }
  await page.goto(page.url());
  await page.fill("[name=word]", "not the word");
  page.isRefused = true;
  await click(name, page, "form button");
  await page.waitForSelector("#error");
  page.isRefused = false;
  await page.goBack();
  await page.goto(page.url());
  await page.fill("[name=word]", ui.database);
  await click(name, page, "form button");
  await page.waitForSelector("#run .verdict.good", { timeout: 60000 }).catch(async () => bad(name, `revert: ${await page.innerText("#run")}`));
  await page.goto(environment);
  await click(name, page, "#plan .acts a");
  await page.waitForSelector("#review");
  await looks(`${name}-deploy`, page.url());
  await page.goto(page.url());
  await page.fill("[name=word]", ui.database);
  await click(name, page, "form button");
  await page.waitForSelector("#run .verdict.good", { timeout: 60000 }).catch(async () => bad(name, `deploy: ${await page.innerText("#run")}`));
  await accessible(`${name} run`, page);
  await page.screenshot({ path: join(job.pictures, `${name}-run.png`), fullPage: true });
  count.pictures += 1;
  await context.close();
};

for (const { name, url, use } of job.pages) {
  console.log(`-- ${name}`);
  await looks(name, url);
  if (use) await uses(name, url);
}
for (const { name, url } of job.pictures_of ?? []) {
  const { context, page } = await open(name, url, { viewport: { width: 1600, height: 1000 } });
  await page.screenshot({ path: join(job.pictures, `${name}.png`) });
  count.pictures += 1;
  await context.close();
}
if (job.ui) for (const ui of job.ui) { console.log(`-- ${ui.name}`); await walks(ui); }

// Mermaid's own parser judges what is meant for it.
if (job.mermaid.length) {
  const page = await browser.newPage();
  await page.addScriptTag({ path: require.resolve("mermaid/dist/mermaid.min.js") });
  for (const { name, path } of job.mermaid) {
    const text = readFileSync(path, "utf8");
    const outcome = await page.evaluate(async (text) => {
      try { mermaid.initialize({ maxTextSize: 10_000_000, maxEdges: 100_000 }); return (await mermaid.parse(text)).diagramType; } catch (error) { return `! ${error.message}`; }
    }, text);
    if (outcome !== "er") bad(name, `mermaid: ${outcome}`); else count.mermaid += 1;
  }
}
await browser.close();
writeFileSync(join(job.pictures, "findings.txt"), findings.join("\n"));
console.log(`${count.pages} pages opened, ${count.clicks} clicks, ${count.pictures} pictures in ${job.pictures}, ${count.axe} checks of axe-core passed, ${count.mermaid} of ${job.mermaid.length} Mermaid diagrams parsed; ${findings.length} findings`);
process.exit(findings.length ? 1 : 0);
