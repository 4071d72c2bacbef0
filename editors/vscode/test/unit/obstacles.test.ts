import assert from "node:assert/strict";
import { test } from "node:test";
import type { Status } from "../../src/api/types";
import { obstacleTo, obstacleToAllocation } from "../../src/commands/obstacles";

const YAML: Status = {
  source: "yaml", writable: false, stale: false, reason: "No database URL is set.", since: null, loadedAt: null, domains: 4,
  subdomains: 9, entities: 8, discrepancies: null, server: null, listening: false,
};
const WHAT = "No code can be allocated";

function titles(status: Status): string[] {
  return obstacleTo(status, WHAT)?.remedies.map((each) => each.title) ?? [];
}

test("a registry that can be written is no obstacle, and one that has not answered is left to the server", () => {
  assert.equal(obstacleTo({ ...YAML, source: "postgresql", writable: true }, WHAT), undefined);
  assert.equal(obstacleTo(undefined, WHAT), undefined);
});

test("a leased code can be allocated from a registry that cannot be written", () => {
  assert.equal(obstacleToAllocation({ ...YAML, leased: 1 }), undefined);
  assert.match(obstacleToAllocation({ ...YAML, leased: 0 })?.sentence ?? "", /^No code can be allocated: the registry is read-only\./);
  assert.match(obstacleTo({ ...YAML, leased: 1 }, "No domain can be registered")?.sentence ?? "", /^No domain can be registered/);
});

test("without a database the button sets its URL", () => {
  assert.equal(obstacleTo(YAML, WHAT)?.sentence, "No code can be allocated: the registry is read-only. No database URL is set.");
  assert.deepEqual(titles(YAML), ["Set Database URL…"]);
  assert.equal(obstacleTo({ ...YAML, source: "none", reason: "" }, WHAT)?.sentence, "No code can be allocated: no registry can be read.");
});

test("in a workspace that is not trusted the first button is about trust", () => {
  const reason = "specql-lsp.toml names a database; it is used once you trust this workspace.";
  const status = { ...YAML, reason, awaitsTrust: true };
  assert.equal(obstacleTo(status, WHAT)?.sentence, `No code can be allocated: the registry is read-only. ${reason}`);
  assert.deepEqual(titles(status), ["Manage Workspace Trust", "Set Database URL…"]);
  assert.equal(obstacleTo(status, WHAT)?.remedies[0]?.command, "workbench.trust.manage");
});

test("a database that does not answer may be asked again; one that takes no writes may be for another user", () => {
  assert.deepEqual(titles({ ...YAML, server: "db:5432/registry", reason: "PostgreSQL does not answer." }), ["Retry", "Set Database URL…"]);
  assert.deepEqual(titles({ ...YAML, source: "postgresql", stale: true, server: "db:5432/registry" }), ["Retry", "Set Database URL…"]);
  assert.deepEqual(titles({ ...YAML, source: "postgresql", server: "db:5432/registry" }), ["Set Database URL…"]);
});

test("a setting that wants the YAML is what is to be changed", () => {
  assert.deepEqual(titles({ ...YAML, reason: "The setting registry.backend is yaml, so PostgreSQL is not asked." }), ["Open Settings"]);
});
