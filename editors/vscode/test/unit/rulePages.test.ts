import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { EXPLAIN, linkTo, summaryOf } from "../../src/rules/links";

const PAGES = "../../docs/rules";

test("a code's link runs the command with the code", () => {
  const [command, argument] = linkTo("unknown-type").split("?");
  assert.equal(command, `command:${EXPLAIN}`);
  assert.deepEqual(JSON.parse(decodeURIComponent(argument ?? "")), ["unknown-type"]);
});

test("each page says its severity and what it is about in a line", () => {
  const names = readdirSync(PAGES).filter((name) => name !== "README.md");
  assert.ok(names.length > 30);
  for (const name of names) assert.match(summaryOf(readFileSync(`${PAGES}/${name}`, "utf8")), /^(error|warning|information|hint) · [^\n*`]+$/, name);
});
