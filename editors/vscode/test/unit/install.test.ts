import assert from "node:assert/strict";
import { mkdir, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import path from "node:path";
import { test, type TestContext } from "node:test";
import { Cancelled, EnvironmentProblem } from "../../src/environment/errors";
import { type Installation, installed, pythonOf } from "../../src/environment/install";
import { available, type Interpreter, isNewEnough } from "../../src/environment/interpreters";
import { run } from "../../src/environment/run";
import { readTest } from "../../src/secrets/databaseUrl";
import { script, temporaryFolder } from "./temporary";

const NEVER = 2 ** 31 - 1;

/** An interpreter that makes environments of shell scripts, and writes down what it and they are asked for. */
async function fake(folder: string, pip = "exit 0"): Promise<Interpreter> {
  const calls = path.join(folder, "calls");
  const inner = ["#!/bin/sh", `echo "$3 $4" >> ${calls}`, pip].join("\\n");
  const executable = await script(
    folder,
    "python",
    `echo "$3" >> ${calls}`,
    'mkdir -p "$4/bin"',
    `printf '${inner}\\n' > "$4/bin/python"`,
    'chmod +x "$4/bin/python"',
  );
  return { executable, base: executable, version: [3, 12, 1], makesEnvironments: true, hasServer: false };
}

async function calls(folder: string): Promise<string[]> {
  return (await readFile(path.join(folder, "calls"), "utf8").catch(() => "")).trim().split("\n").filter(Boolean);
}

async function installation(folder: string, interpreter: Interpreter, changes: Partial<Installation> = {}): Promise<Installation> {
  const wheel = path.join(folder, "specql_lsp-0.0.0-py3-none-any.whl");
  await writeFile(wheel, "a wheel");
  return { folder: path.join(folder, "environments"), wheel, interpreter, platform: "linux", options: {}, onStep: () => undefined, ...changes };
}

async function visible(folder: string): Promise<string[]> {
  return await readdir(path.join(folder, "environments"));
}

test("makes an environment once, and uses it from then on", async (t) => {
  const folder = await temporaryFolder(t);
  const steps: string[] = [];
  const wanted = await installation(folder, await fake(folder), { onStep: (step) => steps.push(step) });
  const python = await installed(wanted);
  assert.deepEqual(await calls(folder), ["venv", "pip install"]);
  assert.deepEqual(steps, ["Making an environment with Python 3.12.1", "Installing the server and what it needs"]);
  assert.equal(await installed(wanted), python);
  assert.equal((await calls(folder)).length, 2);
  assert.equal(steps.length, 2);
  assert.equal((await visible(folder)).length, 1);
});

test("two windows at once: one makes it, the other waits", async (t) => {
  const folder = await temporaryFolder(t);
  const interpreter = await fake(folder, "sleep 1");
  const steps: string[] = [];
  const wanted = await installation(folder, interpreter, { onStep: (step) => steps.push(step) });
  const [first, second] = await Promise.all([installed(wanted), installed(wanted)]);
  assert.equal(first, second);
  assert.deepEqual(await calls(folder), ["venv", "pip install"]);
  assert.ok(steps.includes("Waiting for another window, which installs it"), steps.join());
});

test("another wheel and another Python have environments of their own", async (t) => {
  const folder = await temporaryFolder(t);
  const interpreter = await fake(folder);
  const one = await installed(await installation(folder, interpreter));
  const newer = await installed(await installation(folder, { ...interpreter, version: [3, 12, 2] }));
  const wanted = await installation(folder, interpreter);
  await writeFile(wanted.wheel, "another wheel");
  assert.equal(new Set([one, newer, await installed(wanted)]).size, 3);
});

test("an environment without its marker, or whose Python is gone, is made anew", async (t) => {
  const folder = await temporaryFolder(t);
  const wanted = await installation(folder, await fake(folder));
  const python = await installed(wanted);
  const place = path.dirname(path.dirname(python));
  await rm(path.join(place, "specql-environment.json"));
  await installed(wanted);
  assert.equal((await calls(folder)).length, 4);
  await rm(python);
  await installed(wanted);
  assert.equal((await calls(folder)).length, 6);
  await stat(python);
});

test("a failure leaves nothing behind, and does not last", async (t) => {
  const folder = await temporaryFolder(t);
  const broken = await installation(folder, await fake(folder, 'echo "ERROR: Exotic failure" >&2; exit 1'));
  await assert.rejects(installed(broken), (error) => {
    assert.ok(error instanceof EnvironmentProblem);
    assert.match(error.message, /ERROR: Exotic failure\.$/);
    return true;
  });
  assert.deepEqual(await visible(folder), []);
  await installed(await installation(folder, await fake(folder)));
});

test("stopping leaves nothing behind", async (t) => {
  const folder = await temporaryFolder(t);
  const controller = new AbortController();
  const wanted = await installation(folder, await fake(folder, "echo busy; sleep 600"), {
    options: { signal: controller.signal, onOutput: () => controller.abort() },
  });
  await assert.rejects(installed(wanted), Cancelled);
  assert.deepEqual(await visible(folder), []);
});

test("a folder that cannot be written is said", async (t) => {
  const folder = await temporaryFolder(t);
  const wanted = await installation(folder, await fake(folder));
  await writeFile(path.join(folder, "environments"), "a file stands where the folder should");
  await assert.rejects(installed(wanted), /cannot write its own folder .*environments \(EEXIST\)/);
});

test("environments that nobody has used for long are removed, the others stay", async (t) => {
  const folder = await temporaryFolder(t);
  const environments = path.join(folder, "environments");
  const days = async (name: string, age: number, marked: boolean) => {
    const place = path.join(environments, name);
    await mkdir(place, { recursive: true });
    const moment = new Date(Date.now() - age * 24 * 60 * 60 * 1000);
    if (marked) {
      await writeFile(path.join(place, "specql-environment.json"), "{}");
      await utimes(path.join(place, "specql-environment.json"), moment, moment);
    }
    await utimes(place, moment, moment);
  };
  await days("old", 15, true);
  await days("recent", 13, true);
  await days(".half-made", 1, false);
  await days(".being-made", 0, false);
  const python = await installed(await installation(folder, await fake(folder)));
  const kept = path.basename(path.dirname(path.dirname(python)));
  assert.deepEqual((await visible(folder)).sort(), [".being-made", "recent", kept].sort());
});

test("Windows has its Python elsewhere", () => {
  assert.equal(pythonOf("E", "win32"), path.join("E", "Scripts", "python.exe"));
});

/** A Python of this machine, and the wheel that `make vsix` has built. */
async function real(): Promise<{ interpreter: Interpreter; wheel: string }> {
  const interpreter = (await available(process.platform, [])).find((each) => isNewEnough(each) && each.makesEnvironments);
  assert.ok(interpreter, "these tests need a Python 3.11 or later that has venv and ensurepip");
  const wheel = (await readdir("server").catch(() => [])).find((name) => name.endsWith(".whl"));
  assert.ok(wheel, "these tests need the server's wheel: run make vsix first");
  return { interpreter, wheel: path.resolve("server", wheel) };
}

test("the real wheel in a real environment, with what it needs from the package index", { timeout: NEVER }, async (t: TestContext) => {
  const folder = await temporaryFolder(t);
  const { interpreter, wheel } = await real();
  const python = await installed(await installation(folder, interpreter, { wheel }));
  const server = ["-I", "-X", "utf8", "-m", "specql_lsp"];
  const version = await run(python, [...server, "--version"]);
  assert.match(version.stdout, new RegExp(`\\b${/-([\d.]+)-/.exec(path.basename(wheel))?.[1] ?? "?"}\\b`), version.stderr);

  // The command that tests a database URL, and what it says when nobody listens: never the password.
  const environment = { ...process.env, SPECQL_DB_URL: "postgresql://ada:s3cret@127.0.0.1:9/registry" };
  const status = await run(python, [...server, "registry", "status", "--json", "--backend", "postgresql", "--workspace", folder], { environment });
  const result = readTest(status.stdout, status.stderr);
  assert.equal(result.works, false);
  assert.match(result.sentence, /^PostgreSQL refused the connection: nothing listens at that address\./);
  assert.doesNotMatch(`${status.stdout}${status.stderr}`, /s3cret/);
});

test("a real pip without a package index", { timeout: NEVER }, async (t: TestContext) => {
  const folder = await temporaryFolder(t);
  const { interpreter, wheel } = await real();
  const environment: NodeJS.ProcessEnv = {
    ...process.env,
    PIP_CONFIG_FILE: "/dev/null",
    PIP_INDEX_URL: "http://127.0.0.1:9/simple",
    PIP_FIND_LINKS: "",
    PIP_RETRIES: "1",
    PIP_NO_CACHE_DIR: "1",
  };
  await assert.rejects(installed(await installation(folder, interpreter, { wheel, options: { environment } })), (error) => {
    assert.ok(error instanceof EnvironmentProblem);
    assert.match(error.message, /the package index cannot be reached/);
    assert.deepEqual(error.remedies, ["retry", "settings", "log"]);
    return true;
  });
  assert.deepEqual(await visible(folder), []);
});
