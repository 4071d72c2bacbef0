import assert from "node:assert/strict";
import { test } from "node:test";
import { Crashes } from "../../src/client/crashes";

test("bears some crashes within the window, and one more is too much", () => {
  const crashes = new Crashes(2, 1000);
  assert.deepEqual([0, 100, 200].map((at) => crashes.note(at)), [false, false, true]);
  assert.equal(crashes.count, 3);
});

test("forgets those that are long ago", () => {
  const crashes = new Crashes(1, 1000);
  assert.deepEqual([0, 1000, 2000].map((at) => crashes.note(at)), [false, false, false]);
});

test("forgets all of them when the user restarts", () => {
  const crashes = new Crashes(1, 1000);
  crashes.note(0);
  crashes.forget();
  assert.equal(crashes.note(1), false);
});
