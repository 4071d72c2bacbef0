import assert from "node:assert/strict";
import { mkdir, stat, utimes } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Cancelled } from "../../src/environment/errors";
import { locked } from "../../src/environment/lock";
import { temporaryFolder } from "./temporary";

const TIMES = { pollMs: 5, beatMs: 20, deadMs: 60_000 };
const nobody = () => undefined;

test("only one works at a time, and everyone gets to", async (t) => {
  const place = path.join(await temporaryFolder(t), "lock");
  let working = 0;
  let done = 0;
  const work = async () => {
    working += 1;
    assert.equal(working, 1);
    await sleep(10);
    working -= 1;
    done += 1;
  };
  await Promise.all(Array.from({ length: 8 }, () => locked(place, work, nobody, undefined, TIMES)));
  assert.equal(done, 8);
  await assert.rejects(stat(place));
});

test("gives the lock back when the work fails", async (t) => {
  const place = path.join(await temporaryFolder(t), "lock");
  await assert.rejects(
    locked(place, () => Promise.reject(new Error("no")), nobody, undefined, TIMES),
    /no/,
  );
  assert.equal(await locked(place, () => Promise.resolve(1), nobody, undefined, TIMES), 1);
});

test("takes the lock of a window that was ended", async (t) => {
  const place = path.join(await temporaryFolder(t), "lock");
  await mkdir(place);
  const longAgo = new Date(Date.now() - 120_000);
  await utimes(place, longAgo, longAgo);
  let waited = false;
  await locked(place, () => Promise.resolve(), () => (waited = true), undefined, TIMES);
  assert.equal(waited, false);
});

test("a holder that works for long says that it lives", async (t) => {
  const place = path.join(await temporaryFolder(t), "lock");
  await locked(
    place,
    async () => {
      const longAgo = new Date(Date.now() - 120_000);
      await utimes(place, longAgo, longAgo);
      for (let look = 0; Date.now() - (await stat(place)).mtimeMs > 60_000; look += 1) {
        assert.ok(look < 600, "no beat");
        await sleep(50);
      }
    },
    nobody,
    undefined,
    TIMES,
  );
});

test("waiting is told once, and can be stopped", async (t) => {
  const place = path.join(await temporaryFolder(t), "lock");
  await mkdir(place);
  const controller = new AbortController();
  let told = 0;
  const waiting = locked(place, () => Promise.resolve(), () => (told += 1), controller.signal, TIMES);
  await sleep(50);
  controller.abort();
  await assert.rejects(waiting, Cancelled);
  assert.equal(told, 1);
});
