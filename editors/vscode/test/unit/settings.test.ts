import assert from "node:assert/strict";
import { test } from "node:test";
import { explicitValue, type Inspected, isServerSetting, serverSettings } from "../../src/configuration/settings";

const KEYS = ["registry.backend", "registry.databaseUrl", "diagnostics.severity", "server.path", "trace.server"];

function inspecting(known: Readonly<Record<string, Inspected>>): (key: string) => Inspected | undefined {
  return (key) => known[key];
}

test("sends nothing that nobody has set: the environment and specql-lsp.toml count then", () => {
  const defaults = { "registry.backend": { defaultValue: "auto" }, "registry.databaseUrl": { defaultValue: "" } };
  assert.deepEqual(serverSettings(KEYS, inspecting(defaults), true), {});
});

test("sends what is set, in the server's shape, and nothing of the extension's own", () => {
  const known = {
    "registry.backend": { globalValue: "yaml" },
    "server.path": { globalValue: "/usr/bin/specql-lsp" },
    "trace.server": { globalValue: "verbose" },
  };
  assert.deepEqual(serverSettings(KEYS, inspecting(known), true), { registry: { backend: "yaml" } });
});

test("sends the settings of every section but its own", () => {
  const keys = ["language.release", "inlayHints.codes", "codeLens.references", "format.enabled", "server.path", "trace.server"];
  assert.deepEqual(keys.filter(isServerSetting), keys.slice(0, 4));
});

test("lets the narrower scope win", () => {
  const inspected = { globalValue: "yaml", workspaceValue: "auto", workspaceFolderValue: "postgresql" };
  assert.equal(explicitValue(inspected, "registry.backend", true), "postgresql");
  assert.equal(explicitValue({ globalValue: "yaml", workspaceValue: "auto" }, "registry.backend", true), "auto");
});

test("merges tables, as VS Code does", () => {
  const inspected = {
    globalValue: { "missing-table-code": "off", "unknown-domain": "error" },
    workspaceValue: { "unknown-domain": "hint" },
  };
  assert.deepEqual(explicitValue(inspected, "diagnostics.severity", true), { "missing-table-code": "off", "unknown-domain": "hint" });
});

test("keeps an empty value that somebody has set", () => {
  assert.deepEqual(serverSettings(KEYS, inspecting({ "registry.databaseUrl": { workspaceValue: "" } }), true), {
    registry: { databaseUrl: "" },
  });
});

for (const key of ["registry.databaseUrl", "server.path", "server.interpreter"]) {
  test(`takes ${key} from no workspace that is not trusted`, () => {
    const inspected = { globalValue: "mine", workspaceValue: "theirs", workspaceFolderValue: "theirs" };
    assert.equal(explicitValue(inspected, key, false), "mine");
    assert.equal(explicitValue({ workspaceValue: "theirs" }, key, false), undefined);
    assert.equal(explicitValue(inspected, key, true), "theirs");
  });
}

test("takes harmless settings from a workspace that is not trusted", () => {
  assert.equal(explicitValue({ workspaceValue: "yaml" }, "registry.backend", false), "yaml");
});
