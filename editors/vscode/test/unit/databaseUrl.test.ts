import assert from "node:assert/strict";
import { test } from "node:test";
import { faultOfUrl, readTest } from "../../src/secrets/databaseUrl";
import { type Secrets, UrlStore } from "../../src/secrets/places";

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

test("a workspace's URL goes before the one for every workspace, and concerns no other workspace", async () => {
  const secrets = storage();
  const mine = new UrlStore(secrets, () => "file:///home/ada/crm");
  const other = new UrlStore(secrets, () => "file:///home/ada/billing");
  await mine.keep("everywhere", "service=all");
  await mine.keep("workspace", "service=crm");
  assert.equal(await mine.get(), "service=crm");
  assert.equal(await other.get(), "service=all");
  assert.deepEqual(await mine.places(), ["workspace", "everywhere"]);
  await mine.forget("workspace");
  assert.equal(await mine.get(), "service=all");
  await other.forget("everywhere");
  assert.equal(await mine.get(), undefined);
  assert.equal(secrets.held.size, 0);
});

test("without a workspace there is only one place", async () => {
  const store = new UrlStore(storage(), () => undefined);
  assert.equal(await store.keep("workspace", "service=crm"), false);
  assert.equal(await store.keep("everywhere", "service=all"), true);
  assert.deepEqual(await store.places(), ["everywhere"]);
});
