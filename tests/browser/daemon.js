// A daemon for the tests of pages, and clients of it that count what they do.
//
// SPDX-License-Identifier: ISC
"use strict";

const child_process = require("child_process");
const fs = require("fs");
const http = require("http");
const net = require("net");
const os = require("os");
const path = require("path");

class Daemon {
  // Resolves when it listens.
  static start(routes, settings = "") {
    const daemon = new Daemon();
    daemon.folder = fs.mkdtempSync(path.join(os.tmpdir(), "prong-page-"));
    fs.chmodSync(daemon.folder, 0o755);
    const file = path.join(daemon.folder, "prongd.conf");
    fs.mkdirSync(path.join(daemon.folder, "www"));
    fs.writeFileSync(path.join(daemon.folder, "www", "a.txt"), "a\n");
    fs.writeFileSync(file, `listen = "127.0.0.1:0"; control = "off";
      plugin_dir = "${process.env.PRONG_PLUGINS}"; access_log = "off";
      max_connections_per_client = 0; ${settings}
      sites = ( { routes = ( ${routes.replace(/WWW/g, daemon.folder + "/www")} );
      } );\n`);
    daemon.process = child_process.spawn(process.env.PRONGD, ["-c", file],
      { stdio: ["ignore", "ignore", "pipe"] });
    daemon.log = "";
    return new Promise((resolve, reject) => {
      daemon.process.on("exit", () => reject(new Error(daemon.log)));
      daemon.process.stderr.on("data", (data) => {
        daemon.log += data;
        const port = /listening on 127\.0\.0\.1:(\d+)/.exec(daemon.log);
        if (port && /generation 1 is ready/.test(daemon.log)) {
          daemon.port = Number(port[1]);
          resolve(daemon);
        }
      });
    });
  }

  get url() {
    return "http://127.0.0.1:" + this.port;
  }

  async stop() {
    this.process.removeAllListeners("exit");
    const ended = new Promise((resolve) => this.process.on("exit", resolve));
    this.process.kill("SIGTERM");
    await ended;
    fs.rmSync(this.folder, { recursive: true, force: true });
  }

  // The status of a response.
  get(target, agent) {
    return new Promise((resolve, reject) => {
      http.get(this.url + target, { agent }, (response) => {
        response.resume();
        response.on("end", () => resolve(response.statusCode));
      }).on("error", reject);
    });
  }

  // A connection that has sent the head of a request and no content. Resolves
  // with the socket once the server has asked for the content.
  hold(target) {
    return new Promise((resolve, reject) => {
      const socket = net.connect(this.port, "127.0.0.1");
      socket.on("error", reject);
      socket.once("data", () => resolve(socket));
      socket.write(`POST ${target} HTTP/1.1\r\nHost: localhost\r\n`
        + "Content-Length: 10\r\nExpect: 100-continue\r\n\r\n");
    });
  }
}

// Requests without a pause by some clients, until it is stopped. Counts by status.
class Load {
  constructor(daemon, targets, clients) {
    this.daemon = daemon;
    this.targets = targets;
    this.counts = {};
    this.failures = [];
    this.isStopped = false;
    this.clients = Array.from({ length: clients }, (_, i) => this.run(i));
  }

  async run(i) {
    let agent = null;
    for (let n = i; !this.isStopped; n++) {
      // Connections come and go.
      if (n % 20 === i % 20) {
        if (agent)
          agent.destroy();
        agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
      }
      const target = this.targets[n % this.targets.length];
      const status = await this.daemon.get(target, agent).catch((error) => {
        this.failures.push(target + ": " + error.message);
        return "failed";
      });
      this.counts[status] = (this.counts[status] || 0) + 1;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    agent.destroy();
  }

  // Resolves with the counts.
  async stop() {
    this.isStopped = true;
    await Promise.all(this.clients);
    return this.counts;
  }
}

module.exports = { Daemon, Load };
