import assert from "node:assert/strict";
import { test } from "node:test";
import { faultOfUrl, readTest } from "../../src/secrets/databaseUrl";
import { type Opened, type Secrets, UrlStore } from "../../src/secrets/places";

for (const url of [
  "postgresql://ada:s3cret@db.example.org:5432/registry",
  "  postgres:///registry?host=/run/postgresql ",
  "host=db dbname=registry user=ada",
  "service=registry",
]) {
  test(`takes ${url}`, () => {
    assert.equal(faultOfUrl(url), undefined);
  });
}

const FAULTS: readonly (readonly [string, RegExp])[] = [
  ["", /^Give a libpq URI/],
  ["mysql://db/registry", /begins with postgresql:\/\//],
  ["db.example.org", /^This is not a libpq URI/],
  ["postgresql://ada:my secret@db/registry", /%20/],
  ["host=db\npassword=s3cret", /one line/],
];
for (const [url, fault] of FAULTS) {
  test(`refuses ${JSON.stringify(url)} and does not repeat it`, () => {
    const sentence = faultOfUrl(url) ?? "";
    assert.match(sentence, fault);
    assert.doesNotMatch(sentence, /secret/);
  });
}

const ANSWER = { source: "postgresql", writable: true, stale: false, reason: "", domains: 4, entities: 1, server: "db:5432/registry" };

test("says what answers, and what it holds", () => {
  assert.deepEqual(readTest(JSON.stringify(ANSWER), ""), {
    works: true,
    sentence: "db:5432/registry answers: 4 domains and 1 entity, writable.",
  });
});

test("says why it is read-only", () => {
  const said = readTest(JSON.stringify({ ...ANSWER, writable: false, reason: "The user may not write." }), "");
  assert.equal(said.sentence, "db:5432/registry answers: 4 domains and 1 entity, read-only. The user may not write.");
});

test("a YAML that answers instead is no success", () => {
  const said = readTest(JSON.stringify({ ...ANSWER, source: "yaml", reason: "PostgreSQL refused the password of user ada." }), "");
  assert.deepEqual(said, { works: false, sentence: "PostgreSQL refused the password of user ada." });
});

test("neither is what PostgreSQL once said", () => {
  assert.equal(readTest(JSON.stringify({ ...ANSWER, stale: true }), "").works, false);
});

test("passes on the server's own refusal, or what it wrote to stderr", () => {
  assert.equal(readTest('{"error": {"kind": "x", "message": "No."}}', "").sentence, "No.");
  assert.equal(readTest("", "No module named specql_lsp").sentence, "No module named specql_lsp");
  assert.equal(readTest("null", "").sentence, "The server could not be asked about the database.");
});

/** A secret storage in memory, with VS Code's interface. */
function storage(): Secrets & { readonly held: Map<string, string> } {
  const held = new Map<string, string>();
  return {
    held,
    get: (key) => Promise.resolve(held.get(key)),
    store: (key, value) => Promise.resolve(void held.set(key, value)),
    delete: (key) => Promise.resolve(void held.delete(key)),
  };
}

const CRM = "file:///home/ada/crm";
const BILLING = "file:///home/ada/billing";
const FOLDER = { kind: "folder", folder: CRM } as const;
const WORKSPACE = { kind: "workspace" } as const;
const EVERYWHERE = { kind: "everywhere" } as const;

function opening(folders: readonly string[], file?: string): Opened {
  return { folders: () => folders, workspaceFile: () => file };
}

test("a folder's URL is kept for that folder alone, in whatever window it is open", async () => {
  const secrets = storage();
  const alone = new UrlStore(secrets, opening([CRM]));
  const together = new UrlStore(secrets, opening([BILLING, CRM]));
  await alone.keep(FOLDER, "service=crm");
  assert.deepEqual(await together.kept(), { ofFolders: new Map([[CRM, "service=crm"]]), ofOthers: undefined });
  assert.deepEqual(await new UrlStore(secrets, opening([BILLING])).kept(), { ofFolders: new Map(), ofOthers: undefined });
  await together.forget(FOLDER);
  assert.equal(secrets.held.size, 0);
});

test("a URL for all folders is no folder's own; a workspace file's goes before that of every window", async () => {
  const secrets = storage();
  const store = new UrlStore(secrets, opening([CRM, BILLING], "file:///home/ada/all.code-workspace"));
  await store.keep(EVERYWHERE, "service=all");
  assert.deepEqual(await store.kept(), { ofFolders: new Map(), ofOthers: "service=all" });
  await store.keep(WORKSPACE, "service=workspace");
  assert.deepEqual(await store.kept(), { ofFolders: new Map(), ofOthers: "service=workspace" });
  assert.equal((await new UrlStore(secrets, opening([CRM])).kept()).ofOthers, "service=all");
  assert.deepEqual(await store.places(), [WORKSPACE, EVERYWHERE]);
});

test("it can be kept for each folder, for the workspace file where there is one, and for all folders", async () => {
  const several = new UrlStore(storage(), opening([CRM, BILLING], "file:///home/ada/all.code-workspace"));
  assert.deepEqual(several.available(), [FOLDER, { kind: "folder", folder: BILLING }, WORKSPACE, EVERYWHERE]);
  const none = new UrlStore(storage(), opening([]));
  assert.deepEqual(none.available(), [EVERYWHERE]);
  assert.equal(await none.keep(WORKSPACE, "service=crm"), false);
});
