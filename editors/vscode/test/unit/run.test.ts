import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Cancelled } from "../../src/environment/errors";
import { run } from "../../src/environment/run";
import { script, temporaryFolder } from "./temporary";

test("gives the exit status and what was written", async (t) => {
  const program = await script(await temporaryFolder(t), "program", 'echo "out $1"', "echo error >&2", "exit 3");
  const pieces: string[] = [];
  const outcome = await run(program, ["an argument; with $(a shell's) signs"], { onOutput: (text) => pieces.push(text) });
  assert.deepEqual(outcome, { status: 3, stdout: "out an argument; with $(a shell's) signs\n", stderr: "error\n" });
  assert.deepEqual(pieces.sort(), ["error\n", outcome.stdout]);
});

test("a program that is not there has no status", async () => {
  const outcome = await run("there-is-no-such-program", []);
  assert.equal(outcome.status, null);
  assert.match(outcome.stderr, /ENOENT/);
});

test("a program that takes too long is ended", async () => {
  assert.equal((await run("sleep", ["600"], { timeoutMs: 100 })).status, null);
});

test("stopping ends a program and what it has started", async (t) => {
  const folder = await temporaryFolder(t);
  const program = await script(folder, "program", "sleep 600 &", `echo $! > ${folder}/child`, "echo started", "wait");
  const controller = new AbortController();
  const running = run(program, [], { signal: controller.signal, onOutput: () => controller.abort() });
  await assert.rejects(running, Cancelled);
  const child = Number(await readFile(path.join(folder, "child"), "utf8"));
  for (let look = 0; isAlive(child); look += 1) {
    assert.ok(look < 600, "the program's own child lives on");
    await sleep(100);
  }
});

test("what is stopped before it starts is not started", async () => {
  await assert.rejects(run("sleep", ["600"], { signal: AbortSignal.abort() }), Cancelled);
});

/** A process that has ended and waits for its parent counts as ended. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  return true;
}
