import assert from "node:assert/strict";
import { test } from "node:test";
import { LatestOnly } from "../../src/views/latestOnly";

test("what is asked for while something runs is done once, afterwards", async () => {
  const latest = new LatestOnly();
  const done: string[] = [];
  let release: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => (release = resolve));
  const settled = new Promise<void>((resolve) => {
    latest.run(async () => {
      done.push("first");
      await gate;
    });
    for (const name of ["second", "third"]) {
      latest.run(() => {
        done.push(name);
        return Promise.resolve();
      });
    }
    latest.run(async () => {
      done.push("last");
      await Promise.resolve();
      resolve();
    });
  });
  release();
  await settled;
  assert.deepEqual(done, ["first", "last"]);
});

test("a failure stops nothing", async () => {
  const latest = new LatestOnly();
  await new Promise<void>((resolve) => {
    latest.run(() => Promise.reject(new Error("once")));
    latest.run(async () => {
      await Promise.resolve();
      resolve();
    });
  });
});
