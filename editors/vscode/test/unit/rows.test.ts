import assert from "node:assert/strict";
import { test } from "node:test";
import { Changes } from "../../src/views/changes";
import { ofRows } from "../../src/views/rows";

function calls() {
  const done: unknown[] = [];
  return { done, run: ofRows<string>((...given) => done.push(given.filter((each) => each !== undefined)), () => done.push("refused")) };
}

test("a command of rows gets the row and the selected ones, or nothing without a row", () => {
  const { done, run } = calls();
  run();
  run("row");
  run("row", undefined);
  run("row", ["row", "other"]);
  assert.deepEqual(done, [[], ["row"], ["row"], ["row", ["row", "other"]]]);
});

test("a row of a tree that is being read again is not taken for a call without a row", () => {
  const { done, run } = calls();
  run(undefined);
  run(undefined, undefined);
  run(null);
  run("row", ["row", undefined]);
  assert.deepEqual(done, ["refused", "refused", "refused", "refused"]);
});

test("a tree is read again where it changes, and only there", () => {
  let told = 0;
  const changes = new Changes(() => (told += 1));
  for (const content of [[], [], [{ label: "a" }], [{ label: "a" }], []]) changes.show(content);
  assert.equal(told, 3);
});
