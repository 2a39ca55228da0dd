// The page of the status in Chromium: its numbers, its look, its keys, its updates
// without a shift, and what axe-core says of it. With PRONG_PICTURES=FOLDER it leaves
// pictures there.
//
// SPDX-License-Identifier: ISC
"use strict";

const child_process = require("child_process");
const fs = require("fs");
const os = require("os");
const path = require("path");

const { Browser, find } = require("./chromium.js");
const { Daemon, Load } = require("./daemon.js");
const tap = require("./tap.js");

const WIDTHS = [[360, 780], [768, 1024], [1440, 900]];
const SCHEMES = ["light", "dark"];
const ROUTES = `{ path = "/status"; status = { }; }, { path = "/echo"; echo = { }; },
  { path = "/files"; static = { root = "WWW"; }; }`;

// The text of axe-core, which is fetched for the test; null: there is none.
function fetchAxe() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "prong-axe-"));
  try {
    child_process.execFileSync("npm", ["pack", "--silent", "axe-core"],
      { cwd: folder, stdio: "pipe", timeout: 60000 });
    child_process.execFileSync("tar", ["-xzf", fs.readdirSync(folder)[0]],
      { cwd: folder });
    return fs.readFileSync(path.join(folder, "package", "axe.min.js"), "utf8");
  } catch (error) {
    tap.note(error.message);
    return null;
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

const FEED = "document.getElementById('feed').textContent";
const ROWS = "document.querySelectorAll('#connections tbody tr').length";

// Shifts from the beginning on, as the browser measures them.
const SHIFTS = `new Promise((resolve) => {
  const shifts = [];
  new PerformanceObserver((list) => {
    for (const shift of list.getEntries())
      shifts.push(shift.value.toFixed(5) + " " + shift.sources.map((s) =>
        (s.node ? s.node.nodeName + "." + (s.node.className || s.node.textContent)
          : "?") + JSON.stringify([s.previousRect, s.currentRect])).join(" "));
  }).observe({ type: "layout-shift", buffered: true });
  setTimeout(() => resolve(shifts), 300);
})`;

async function checkLook(tab, daemon, axe, width, height, scheme) {
  const title = width + " " + scheme + ": ";
  await tab.resize(width, height);
  await tab.scheme(scheme);
  await tab.open(daemon.url + "/status");
  await tab.until(FEED + " === 'Live'", "event");
  const before = await tab.evaluate("document.getElementById('state').textContent");
  const held = [];
  for (let i = 0; i < 5; i++)
    held.push(await daemon.hold("/echo/held-" + i));
  await tab.until("document.body.textContent.includes('held-4')", "rows");
  for (const socket of held.splice(0, 3))
    socket.destroy();
  await tab.until("!document.body.textContent.includes('held-0')", "end of rows");
  for (const socket of held)
    socket.destroy();
  tap.ok(await tab.evaluate("document.getElementById('state').textContent")
    !== before, title + "the page updates itself");
  tap.none(await tab.evaluate(SHIFTS), title + "nothing has moved");
  tap.none(await tab.evaluate(`[...document.querySelectorAll("header, main > *")]
    .filter((e) => e.getBoundingClientRect().right > innerWidth + 0.5)
    .map((e) => e.id)`), title + "nothing is wider than the window");
  if (process.env.PRONG_PICTURES)
    await tab.picture(path.join(process.env.PRONG_PICTURES,
      `status-${width}-${scheme}.png`), true);
  if (axe) {
    const violations = await tab.evaluate("{" + axe + `;
      axe.run(document, { resultTypes: ["violations"] }).then((r) => r.violations
        .map((v) => v.id + ": " + v.nodes.map((n) => n.target + " "
          + n.failureSummary).join("; "))) }`);
    tap.none(violations, title + "axe-core has no violation");
  } else {
    tap.skip(title + "axe-core has no violation", "npm cannot fetch axe-core");
  }
  tap.none(tab.errors.splice(0), title + "the console has no error");
}

async function checkNumbers(tab, daemon) {
  await tab.resize(1440, 900);
  const load = new Load(daemon, ["/echo", "/files/a.txt", "/files/missing"], 6);
  const held = await daemon.hold("/echo/held?secret=1");
  await tab.open(daemon.url + "/status?rows=50");
  await tab.until(FEED + " === 'Live'", "event");
  await new Promise((resolve) => setTimeout(resolve, 3000));
  const counts = await load.stop();
  const value = (name) => tab.evaluate(`(() => {
    const row = [...document.querySelectorAll(".handlers tbody tr")]
      .find((row) => row.cells[0].textContent === "${name}");
    return row ? row.cells[1].textContent.replace(/,/g, "") : "";
  })()`);
  const total = counts[200] + counts[404];
  await tab.until(`[...document.querySelectorAll(".errors .notes span")]
    .some((e) => e.textContent === "404 "
      + (${counts[404]}).toLocaleString("en-US"))`, "number of errors");
  tap.ok(true, "the page has the number of errors that the clients have seen: "
    + counts[404]);
  await tab.until(`document.querySelectorAll("#connections tbody tr").length === 2`,
    "end of the other connections");
  tap.is(String(Number(await value("echo")) + Number(await value("static"))),
    String(total), "and the number of requests to handlers");
  const row = await tab.evaluate(`[...document.querySelectorAll(
    "#connections tbody tr")].map((r) => r.textContent).find((t) =>
    t.includes("held"))`);
  tap.ok(/POST \/echo\/held\?\.\.\./.test(row), "and a request that is under way");
  tap.ok(!/secret/.test(await tab.evaluate("document.documentElement.outerHTML")),
    "without its query");
  held.destroy();
  tap.none(tab.errors.splice(0), "the console has no error");
}

const FOCUS = `(document.activeElement.id || document.activeElement.name
  || document.activeElement.textContent.slice(0, 20))`;

async function tabTo(tab, what) {
  for (let i = 0; i < 40; i++) {
    await tab.key("Tab", "Tab", 9);
    if (await tab.evaluate(FOCUS) === what)
      return true;
  }
  return false;
}

async function checkKeys(tab, daemon) {
  const held = [];
  for (const name of ["b", "c", "a"])
    held.push(await daemon.hold("/echo/" + name));
  await tab.open(daemon.url + "/status?filter=/echo/");
  await tab.until(FEED + " === 'Live'", "event");
  tap.ok(await tabTo(tab, "pause"), "the first key reaches the button");
  tap.ok(await tab.evaluate(`getComputedStyle(document.activeElement)
    .outlineStyle !== "none"`), "which shows the focus");
  await tab.key("Enter", "Enter", 13, "\r");
  tap.is(await tab.evaluate(FEED), "Paused", "updates can be paused");
  await tab.key("Enter", "Enter", 13, "\r");
  await tab.until(FEED + " === 'Live'", "event");
  tap.ok(true, "and resumed");
  tap.ok(await tabTo(tab, "filter"), "the filter is reached");
  await tab.evaluate("document.activeElement.select()");
  await tab.send("Input.insertText", { text: "/ECHO/C" });
  await tab.until(ROWS + " === 1", "one row");
  tap.ok(true, "what is typed filters the table");
  await tab.evaluate("document.activeElement.select()");
  await tab.send("Input.insertText", { text: "/echo/" });
  await tab.until(ROWS + " === 3", "three rows");
  tap.ok(await tabTo(tab, "Request"), "the head of a column is reached");
  await tab.key("Enter", "Enter", 13, "\r");
  const names = `[...document.querySelectorAll("#connections tbody tr")]
    .map((r) => r.cells[3].textContent.slice(-1)).join("")`;
  await tab.until(names + " === 'abc'", "sorted rows");
  tap.is(await tab.evaluate(FOCUS), "Request", "and sorts, and keeps the focus");
  tap.is(await tab.evaluate(`document.activeElement.closest("th")
    .getAttribute("aria-sort")`), "ascending", "and says so");
  await tab.key("Enter", "Enter", 13, "\r");
  await tab.until(names + " === 'cba'", "rows the other way");
  tap.ok(true, "and the other way");
  for (const socket of held)
    socket.destroy();
  tap.none(tab.errors.splice(0), "the console has no error");
}

async function checkWithoutScript(browser, daemon) {
  const tab = await browser.tab();
  await tab.script(false);
  const held = await daemon.hold("/echo/held");
  await tab.resize(1440, 900);
  await tab.open(daemon.url + "/status?filter=held");
  const { root } = await tab.send("DOM.getDocument", { depth: -1 });
  const { nodeId } = await tab.send("DOM.querySelector",
    { nodeId: root.nodeId, selector: "main" });
  const html = (await tab.send("DOM.getOuterHTML", { nodeId })).outerHTML;
  tap.ok(/POST \/echo\/held/.test(html), "without script the page has it all");
  tap.ok(/Handlers/.test(html) && /Connections/.test(html), "with all panels");
  const again = new Promise((resolve) => { tab.loaded = resolve; });
  tap.ok(await Promise.race([again.then(() => true), new Promise((resolve) =>
    setTimeout(() => resolve(false), 20000))]), "and loads itself again");
  held.destroy();
  tap.none(tab.errors, "the console has no error");
  await tab.close();
}

async function checkStreams(browser, daemon) {
  const tabs = [];
  for (let i = 0; i < 9; i++)
    tabs.push(await browser.tab());
  for (const tab of tabs)
    await tab.open(daemon.url + "/status");
  let live = 0, polling = 0;
  for (const tab of tabs) {
    await tab.until(FEED + " !== ''", "update");
    live += await tab.evaluate(FEED + " === 'Live'");
    polling += await tab.evaluate(FEED + " === 'Updated every 5 s'");
  }
  tap.is(live, 8, "eight pages are live");
  tap.is(polling, 1, "the ninth asks now and then");
  const age = "document.getElementById('state').textContent";
  const before = await tabs[8].evaluate(age);
  await tabs[8].until(age + " !== " + JSON.stringify(before), "another state");
  tap.ok(true, "and is updated, too");
  for (const tab of tabs) {
    tap.none(tab.errors, "the console has no error");
    await tab.close();
  }
}

async function main() {
  const program = find();
  if (!program) {
    console.log("1..0 # SKIP there is no chromium (Debian: apt install chromium)");
    return 0;
  }
  const axe = fetchAxe();
  for (const settings of ["", "workers = 2;"]) {
    const daemon = await Daemon.start(ROUTES, settings);
    const browser = new Browser(program);
    tap.note(settings || "a process for each connection");
    try {
      const tab = await browser.tab();
      await checkNumbers(tab, daemon);
      await checkKeys(tab, daemon);
      const load = new Load(daemon, ["/echo", "/files/a.txt", "/files/missing"], 4);
      for (const [width, height] of WIDTHS)
        for (const scheme of SCHEMES)
          await checkLook(tab, daemon, axe, width, height, scheme);
      await load.stop();
      tap.none(load.failures, "all requests had a response")
        || tap.note(daemon.log);
      await tab.close();
      await checkWithoutScript(browser, daemon);
      await checkStreams(browser, daemon);
    } finally {
      await browser.close();
      await daemon.stop();
    }
  }
  return tap.done();
}

main().then((status) => process.exit(status), (error) => {
  console.log("Bail out! " + error.stack);
  process.exit(1);
});
