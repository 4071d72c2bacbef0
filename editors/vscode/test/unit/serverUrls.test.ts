import assert from "node:assert/strict";
import { test } from "node:test";
import { inWordsOfVsCode } from "../../src/client/statusWords";
import { overridesKeptUrl, serverSettings } from "../../src/configuration/settings";
import { ServerUrls } from "../../src/secrets/serverUrls";

const CRM = "file:///home/ada/crm";
const BILLING = "file:///home/ada/billing";
const URL = "postgresql://ada:s3cret@db/crm";
const KEYS = ["registry.databaseUrl", "registry.backend"];

function kept(ofFolders: Readonly<Record<string, string>>, ofOthers?: string) {
  return { ofFolders: new Map(Object.entries(ofFolders)), ofOthers };
}

test("each URL has a variable of the environment, and a folder's settings only name it", () => {
  const urls = new ServerUrls(kept({ [CRM]: URL, [BILLING]: "service=billing" }, "service=all"), {});
  assert.deepEqual(urls.environment, {
    SPECQL_DB_URL_1: URL,
    SPECQL_DB_URL_2: "service=billing",
    SPECQL_DB_URL_DEFAULT: "service=all",
  });
  assert.equal(urls.reference(CRM), "${env:SPECQL_DB_URL_1}");
  assert.equal(urls.reference(BILLING), "${env:SPECQL_DB_URL_2}");
  assert.equal(urls.reference("file:///home/ada/other"), undefined);
});

test("never as SPECQL_DB_URL, which would be every folder's, whatever its specql-lsp.toml says", () => {
  assert.ok(!("SPECQL_DB_URL" in new ServerUrls(kept({ [CRM]: URL }, URL), {}).environment));
  assert.deepEqual(new ServerUrls(kept({}), {}).environment, {});
});

test("variables that the user has keep their values", () => {
  const urls = new ServerUrls(kept({ [CRM]: URL, [BILLING]: "b" }), { SPECQL_DB_URL_1: "mine", SPECQL_DB_URL_3: "" });
  assert.deepEqual(urls.environment, { SPECQL_DB_URL_2: URL, SPECQL_DB_URL_4: "b" });
});

test("a server is started anew for what it cannot know: another URL of an open folder, or another one for all", () => {
  const urls = new ServerUrls(kept({ [CRM]: URL }, "service=all"), {});
  assert.ok(urls.serves(kept({ [CRM]: URL }, "service=all"), [CRM]));
  assert.ok(urls.serves(kept({}, "service=all"), [BILLING]), "a folder was closed, another one opened that has none");
  assert.ok(!urls.serves(kept({ [BILLING]: "b" }, "service=all"), [BILLING]), "a folder was opened that has one");
  assert.ok(!urls.serves(kept({}, "service=all"), [CRM]), "it was forgotten");
  assert.ok(!urls.serves(kept({ [CRM]: URL }), [CRM]));
});

const REFERENCE = "${env:SPECQL_DB_URL_1}";
const CASES: readonly (readonly [string, object | undefined, boolean, string])[] = [
  ["nothing", undefined, true, REFERENCE],
  ["the user's setting, which is every folder's", { globalValue: "user" }, true, REFERENCE],
  ["the workspace's setting", { globalValue: "user", workspaceValue: "workspace" }, true, "workspace"],
  ["the folder's setting", { workspaceFolderValue: "folder" }, true, "folder"],
  ["a setting of a workspace that is not trusted", { workspaceValue: "workspace", workspaceFolderValue: "folder" }, false, REFERENCE],
];
for (const [what, inspected, trusted, expected] of CASES) {
  test(`a folder's kept URL beside ${what}`, () => {
    const settings = serverSettings(KEYS, (key) => (key === "registry.databaseUrl" ? inspected : undefined), trusted, REFERENCE);
    assert.deepEqual(settings, { registry: { databaseUrl: expected } });
    assert.equal(overridesKeptUrl(inspected, trusted), expected !== REFERENCE);
  });
}

test("the status calls the places of a URL what a user of VS Code knows them by", () => {
  const status = {
    source: "postgresql", writable: true, stale: false, since: null, loadedAt: null, domains: 1, subdomains: 0, entities: 0,
    discrepancies: null, server: "db:5432/crm", listening: false, databaseFrom: "the client's settings",
    databaseOverrides: ["specql-lsp.toml", "SPECQL_DB_URL_DEFAULT"],
    reason: "The database URL from the client's settings overrides those from specql-lsp.toml and SPECQL_DB_URL_DEFAULT.",
  } as const;
  const shown = inWordsOfVsCode(status, true);
  assert.equal(
    shown.reason,
    "The database URL from VS Code (settings or secret storage) overrides those from specql-lsp.toml and the secret storage (for all folders).",
  );
  assert.deepEqual(shown.databaseOverrides, ["specql-lsp.toml", "the secret storage (for all folders)"]);
  assert.equal(shown.databaseFrom, "VS Code (settings or secret storage)");
  assert.deepEqual(inWordsOfVsCode(status, false).databaseOverrides, ["specql-lsp.toml", "SPECQL_DB_URL_DEFAULT"]);
});
