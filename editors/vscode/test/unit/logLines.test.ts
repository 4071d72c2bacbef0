import assert from "node:assert/strict";
import { test } from "node:test";
import { clientLine, LogLines } from "../../src/client/logLines";

const WARNING = "2026-01-15 09:12:41,204 WARNING specql_lsp.registry.metrics.recorder: registry.allocate took 312 ms. event=slow_query";

test("takes the level from the server's line, and its time away, as the channel has its own", () => {
  assert.deepEqual(new LogLines().push(`${WARNING}\n`), [
    { level: "warn", text: "specql_lsp.registry.metrics.recorder: registry.allocate took 312 ms. event=slow_query" },
  ]);
});

test("puts lines together from pieces", () => {
  const lines = new LogLines();
  assert.deepEqual(lines.push(WARNING.slice(0, 30)), []);
  assert.deepEqual(lines.push(WARNING.slice(30)), []);
  assert.equal(lines.push("\r\n")[0]?.level, "warn");
});

test("keeps a traceback at the level of its line", () => {
  const shown = new LogLines().push(`${WARNING.replace("WARNING", "ERROR")}\nTraceback (most recent call last):\n\n  File "x.py"\n`);
  assert.deepEqual(
    shown.map(({ level }) => level),
    ["error", "error", "error"],
  );
});

test("takes what no logger wrote for an error", () => {
  assert.deepEqual(new LogLines().push("No module named specql_lsp\n"), [{ level: "error", text: "No module named specql_lsp" }]);
});

test("takes the level from what the client's library says", () => {
  assert.deepEqual(clientLine("[Error - 10:01:02 AM] Request textDocument/hover failed."), {
    level: "error",
    text: "Request textDocument/hover failed.",
  });
  assert.deepEqual(clientLine("[Warn  - 10:01:02] Slow."), { level: "warn", text: "Slow." });
  assert.deepEqual(clientLine("  Message: no more"), { level: "info", text: "  Message: no more" });
});
