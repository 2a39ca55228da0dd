// Drives Chromium by its DevTools protocol, over a pair of pipes: no port, and
// nothing but Node is needed.
//
// SPDX-License-Identifier: ISC
"use strict";

const child_process = require("child_process");
const fs = require("fs");
const os = require("os");
const path = require("path");

const NAMES = ["chromium", "chromium-browser", "google-chrome"];

// The path of the program; null: there is none.
function find() {
  if (process.env.CHROMIUM)
    return process.env.CHROMIUM;
  for (const name of NAMES)
    for (const folder of (process.env.PATH || "").split(":"))
      if (folder && fs.existsSync(path.join(folder, name)))
        return path.join(folder, name);
  return null;
}

// A tab of its own context. Errors of the page are collected in errors.
class Tab {
  constructor(browser, session, context) {
    Object.assign(this, { browser, session, context });
    this.errors = [];
    browser.listeners.set(session, (method, params) => this.note(method, params));
  }

  note(method, params) {
    if (method === "Runtime.exceptionThrown")
      this.errors.push(params.exceptionDetails.text + " "
        + ((params.exceptionDetails.exception || {}).description || ""));
    if (method === "Log.entryAdded" && params.entry.level === "error")
      this.errors.push(params.entry.text + " " + (params.entry.url || ""));
    if (method === "Runtime.consoleAPICalled" && params.type === "error")
      this.errors.push(JSON.stringify(params.args));
    if (method === "Page.loadEventFired" && this.loaded)
      this.loaded();
  }

  send(method, params) {
    return this.browser.send(method, params, this.session);
  }

  async open(url) {
    const loaded = new Promise((resolve) => { this.loaded = resolve; });
    await this.send("Page.navigate", { url });
    await loaded;
  }

  // The value of an expression, or of a promise, in the page.
  async evaluate(expression) {
    const answer = await this.send("Runtime.evaluate",
      { expression, awaitPromise: true, returnByValue: true });
    if (answer.exceptionDetails)
      throw new Error(expression.slice(0, 200) + ": "
        + JSON.stringify(answer.exceptionDetails));
    return answer.result.value;
  }

  // Waits until the expression is true.
  async until(expression, what, ms = 20000) {
    const end = Date.now() + ms;
    while (!await this.evaluate(expression)) {
      if (Date.now() > end)
        throw new Error("no " + what + " within " + ms / 1000 + " s");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async resize(width, height) {
    await this.send("Emulation.setDeviceMetricsOverride",
      { width, height, deviceScaleFactor: 1, mobile: width < 600 });
  }

  async scheme(value) {
    await this.send("Emulation.setEmulatedMedia",
      { features: [{ name: "prefers-color-scheme", value }] });
  }

  async script(enabled) {
    await this.send("Emulation.setScriptExecutionDisabled", { value: !enabled });
  }

  async key(key, code, keyCode, text) {
    const event = { key, code, windowsVirtualKeyCode: keyCode, text };
    await this.send("Input.dispatchKeyEvent", { type: "keyDown", ...event });
    await this.send("Input.dispatchKeyEvent", { type: "keyUp", ...event });
  }

  async picture(file, whole) {
    const { data } = await this.send("Page.captureScreenshot",
      { format: "png", captureBeyondViewport: Boolean(whole) });
    fs.writeFileSync(file, Buffer.from(data, "base64"));
  }

  async close() {
    this.browser.listeners.delete(this.session);
    await this.browser.send("Target.disposeBrowserContext",
      { browserContextId: this.context });
  }
}

class Browser {
  constructor(program) {
    this.folder = fs.mkdtempSync(path.join(os.tmpdir(), "prong-browser-"));
    this.number = 0;
    this.waiting = new Map();
    this.listeners = new Map();
    this.process = child_process.spawn(program, ["--headless=new", "--no-sandbox",
      "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
      "--remote-debugging-pipe", "--hide-scrollbars",
      "--user-data-dir=" + this.folder, "about:blank"],
    { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });
    let rest = "";
    this.process.stdio[4].on("data", (data) => {
      const messages = (rest + data).split("\0");
      rest = messages.pop();
      for (const message of messages)
        this.receive(JSON.parse(message));
    });
  }

  receive(message) {
    const waits = this.waiting.get(message.id);
    if (waits) {
      this.waiting.delete(message.id);
      if (message.error)
        waits.reject(new Error(message.error.message));
      else
        waits.resolve(message.result);
      return;
    }
    const listener = this.listeners.get(message.sessionId);
    if (listener)
      listener(message.method, message.params);
  }

  send(method, params = {}, sessionId = undefined) {
    const id = ++this.number;
    this.process.stdio[3].write(JSON.stringify({ id, method, params, sessionId })
      + "\0");
    return new Promise((resolve, reject) =>
      this.waiting.set(id, { resolve, reject }));
  }

  async tab() {
    const { browserContextId } = await this.send("Target.createBrowserContext");
    const { targetId } = await this.send("Target.createTarget",
      { url: "about:blank", browserContextId });
    const { sessionId } = await this.send("Target.attachToTarget",
      { targetId, flatten: true });
    const tab = new Tab(this, sessionId, browserContextId);
    for (const domain of ["Page", "Runtime", "Log"])
      await tab.send(domain + ".enable");
    return tab;
  }

  async close() {
    const ended = new Promise((resolve) => this.process.on("exit", resolve));
    this.send("Browser.close").catch(() => {});
    await ended;
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}

module.exports = { Browser, find };
