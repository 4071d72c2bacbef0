import assert from "node:assert/strict";
import { test } from "node:test";
import { ServerProcess } from "../../src/client/serverProcess";

function launch(...script: readonly string[]) {
  return ServerProcess.start({ command: "sh", args: ["-c", script.join("\n")], environment: process.env, cwd: "/" });
}

test("says how a server ended, and what it wrote last", async () => {
  const server = await launch("echo Traceback >&2", "echo \"ModuleNotFoundError: No module named 'specql_lsp'\" >&2", "exit 3");
  assert.equal(await server.ended, "exit status 3");
  assert.equal(server.lastWords, "ModuleNotFoundError: No module named 'specql_lsp'");
});

test("a server that cannot be started is an error", async () => {
  const none = { command: "there-is-no-such-program", args: [], environment: process.env, cwd: "/" };
  await assert.rejects(ServerProcess.start(none), /ENOENT/);
});

test("a server that leaves when its stdin ends is left to itself", async () => {
  const server = await launch("cat > /dev/null", "exit 0");
  await server.end(60_000);
  assert.equal(await server.ended, "exit status 0");
});

test("a server that does not leave is ended", async () => {
  const server = await launch("trap '' TERM INT HUP", "echo ready", "while :; do sleep 0.1; done");
  await new Promise((resolve) => server.child.stdout.once("data", resolve));
  await server.end(50);
  assert.equal(await server.ended, "signal SIGKILL");
});

test("writing to a server that has ended throws nothing", async () => {
  const server = await launch("exit 0");
  await server.ended;
  server.child.stdin.write("Content-Length: 2\r\n\r\n{}");
  await server.end(1000);
});
