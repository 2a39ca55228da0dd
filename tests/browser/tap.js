// The Test Anything Protocol.
//
// SPDX-License-Identifier: ISC
"use strict";

let number = 0, failed = 0;

function ok(passed, title) {
  number++;
  if (!passed)
    failed++;
  console.log((passed ? "ok " : "not ok ") + number + " - " + title);
  return Boolean(passed);
}

function note(value) {
  for (const line of String(value).split("\n"))
    console.log("# " + line);
}

function is(got, expected, title) {
  if (!ok(got === expected, title)) {
    note("got:      " + JSON.stringify(got));
    note("expected: " + JSON.stringify(expected));
  }
}

// A list that has to be empty.
function none(list, title) {
  for (const item of list)
    note(typeof item === "string" ? item : JSON.stringify(item));
  return ok(list.length === 0, title);
}

function skip(title, why) {
  number++;
  console.log("ok " + number + " - " + title + " # SKIP " + why);
}

// Prints the plan; the exit status.
function done() {
  console.log("1.." + number);
  return failed > 0 ? 1 : 0;
}

module.exports = { ok, is, none, note, skip, done };
