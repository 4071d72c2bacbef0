import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { access, readdir } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { EnvironmentProblem } from "../../src/environment/errors";
import { ask, available, candidates, isNewEnough } from "../../src/environment/interpreters";
import { serverCommand, type ServerSearchOptions } from "../../src/environment/resolve";
import { fakePython, script, temporaryFolder } from "./temporary";

/** A search on a machine that has nothing but what is in a folder. */
function searchOptions(folder: string, changes: Partial<ServerSearchOptions> = {}): ServerSearchOptions {
  return {
    serverPath: "",
    interpreter: "",
    preferred: [],
    bundled: path.join(folder, "server"),
    environments: path.join(folder, "environments"),
    platform: "linux",
    options: { environment: { PATH: folder } },
    onStep: () => undefined,
    ...changes,
  };
}

async function problem(wanted: ServerSearchOptions): Promise<EnvironmentProblem> {
  try {
    await serverCommand(wanted);
  } catch (error) {
    assert.ok(error instanceof EnvironmentProblem, String(error));
    return error;
  }
  assert.fail("a server was found");
}

test("the interpreter of the Python extension comes first, then the versions, then what has none", () => {
  const commands = candidates("linux", ["/home/ada/.venv/bin/python"]).map(({ command }) => command);
  assert.equal(commands[0], "/home/ada/.venv/bin/python");
  assert.deepEqual(commands.slice(-2), ["python3", "python"]);
  assert.deepEqual(candidates("win32", [])[0], { command: "py", args: ["-3"] });
});

test("real Pythons of this machine say what they are", async () => {
  const found = await available(process.platform, []);
  assert.ok(found.some(isNewEnough), "these tests need a Python 3.11 or later on the PATH");
  for (const each of found) {
    const { stdout } = await promisify(execFile)(each.executable, ["-I", "-c", "import sys; print(*sys.version_info[:3], sep='.')"]);
    assert.equal(each.version.join("."), stdout.trim());
    await access(each.base);
  }
  assert.equal(new Set(found.map(({ executable }) => executable)).size, found.length);
});

test("a program that is no Python, one that fails and one that is not there are no interpreters", async (t) => {
  const folder = await temporaryFolder(t);
  const programs = [
    await script(folder, "talks", "echo hello"),
    await script(folder, "fails", "exit 9009"),
    await script(folder, "empty", "exit 0"),
    await script(folder, "lies", 'echo \'{"version": "3.12"}\''),
    path.join(folder, "none"),
  ];
  for (const command of programs) assert.equal(await ask({ command, args: [] }), undefined, command);
});

test("what a site prints before the answer does no harm", async (t) => {
  const folder = await temporaryFolder(t);
  const python = await fakePython(folder, "real", "3.12.1");
  const noisy = await script(folder, "noisy", "echo Welcome", `exec ${python}`);
  assert.deepEqual((await ask({ command: noisy, args: [] }))?.version, [3, 12, 1]);
});

test("no Python at all", async (t) => {
  const said = await problem(searchOptions(await temporaryFolder(t)));
  assert.match(said.message, /needs Python 3\.11 or later, and none was found\. Install one/);
  assert.deepEqual(said.remedies, ["interpreter", "retry"]);
});

test("only old ones: the newest is named", async (t) => {
  const folder = await temporaryFolder(t);
  await fakePython(folder, "python", "2.7.18");
  const python3 = await fakePython(folder, "python3", "3.10.13");
  const said = await problem(searchOptions(folder));
  assert.ok(said.message.includes(`The newest one found is ${python3}, Python 3.10.13.`), said.message);
});

test("a Python without venv is passed over, and named where there is no other", async (t) => {
  const folder = await temporaryFolder(t);
  const bare = await fakePython(folder, "python3.12", "3.12.3", { makesEnvironments: false });
  const said = await problem(searchOptions(folder));
  assert.ok(said.message.startsWith(`${bare} (Python 3.12.3) cannot make environments`), said.message);
  assert.match(said.message, /install python3-venv/);

  await fakePython(folder, "python3.11", "3.11.9");
  // The other one is taken, and then what is missing is the extension's server.
  assert.match((await problem(searchOptions(folder))).message, /carries no server/);
});

test("the setting's interpreter must be one, and new enough", async (t) => {
  const folder = await temporaryFolder(t);
  const none = path.join(folder, "none");
  const missing = await problem(searchOptions(folder, { interpreter: none }));
  assert.equal(missing.message, `${none}, which the setting specql.server.interpreter names, is no Python that can be run.`);
  const old = await fakePython(folder, "old", "3.9.2");
  assert.match((await problem(searchOptions(folder, { interpreter: old }))).message, /is Python 3\.9\.2; the SpecQL language server needs 3\.11 or later/);
});

test("the setting's interpreter is used as it is where the server is installed in it; another's server is not", async (t) => {
  const folder = await temporaryFolder(t);
  const python = await fakePython(folder, "python3.13", "3.13.0", { hasServer: true });
  const found = await serverCommand(searchOptions(folder, { interpreter: "python3.13" }));
  assert.equal(found.command, python);
  assert.deepEqual(found.args, ["-I", "-X", "utf8", "-m", "specql_lsp"]);
  assert.match((await problem(searchOptions(folder))).message, /carries no server/);
});

test("the setting's server is a path or a command", async (t) => {
  const folder = await temporaryFolder(t);
  const server = await script(folder, "specql-lsp", "exit 0");
  for (const serverPath of [server, "specql-lsp"]) {
    assert.deepEqual(await serverCommand(searchOptions(folder, { serverPath })), {
      command: server,
      args: [],
      description: `${server} (specql.server.path)`,
    });
  }
  const said = await problem(searchOptions(folder, { serverPath: "no-such-server" }));
  assert.match(said.message, /There is no program no-such-server, which the setting specql\.server\.path names/);
  assert.deepEqual(said.remedies, ["settings", "retry"]);
  assert.deepEqual(await readdir(folder), ["specql-lsp"]);
});
