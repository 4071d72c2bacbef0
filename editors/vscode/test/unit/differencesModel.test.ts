import assert from "node:assert/strict";
import { test } from "node:test";
import type { ConsistencyReport, Discrepancy } from "../../src/api/types";
import { differenceGroups, differenceTooltip, questionOf, shown } from "../../src/views/differencesModel";

function discrepancy(type: string, given: Partial<Discrepancy>): Discrepancy {
  return { type, domain: "2", message: "They differ.", location: null, keepPostgresql: "Keep PostgreSQL", keepYaml: "Keep the YAML", ...given };
}

const PARTNER = discrepancy("missing_entity_in_yaml", { subdomain: "03", entity: "Partner", postgresqlValue: "012033" });
const SESSION = discrepancy("missing_entity_in_postgresql", { domain: "1", subdomain: "01", entity: "Session" });
const SEQUENCE = discrepancy("subdomain_attribute_mismatch", { subdomain: "04", attribute: "next_entity_sequence", postgresqlValue: 3, yamlValue: 1 });

function groups(...discrepancies: Discrepancy[]) {
  return differenceGroups("file:///w", "", { discrepancies } as unknown as ConsistencyReport);
}

test("differences are grouped by their domain, in the server's order", () => {
  const found = groups(SESSION, PARTNER, SEQUENCE);
  assert.deepEqual(found.map(({ label, description }) => `${label}: ${description}`), ["Domain 1: 1 difference", "Domain 2: 2 differences"]);
  assert.deepEqual(found.flatMap(({ children }) => children.map(({ label, description, icon }) => [label, description, icon])), [
    ["Session", "only in the YAML", "diff-removed"],
    ["Partner", "only in PostgreSQL", "diff-added"],
    ["Subdomain 04: next entity sequence", "PostgreSQL 3 · YAML 1", "diff-modified"],
  ]);
});

test("several folders are told apart", () => {
  const [group] = differenceGroups("file:///w", "shop", { discrepancies: [PARTNER] } as unknown as ConsistencyReport);
  assert.equal(group?.description, "shop · 1 difference");
});

test("what is changed or removed in PostgreSQL is asked about in the server's words, what is added is not", () => {
  assert.deepEqual(questionOf({ ...PARTNER, keepYamlQuestion: "Remove Partner?" }), { text: "Remove Partner?", yes: "Remove" });
  assert.deepEqual(questionOf({ ...SEQUENCE, keepYamlQuestion: "Change it from 3 to 1?" }), { text: "Change it from 3 to 1?", yes: "Change" });
  assert.equal(questionOf({ ...SESSION, keepYamlQuestion: null }), undefined);
});

test("also where the server is an older one that has no question", () => {
  assert.deepEqual(questionOf(SEQUENCE), { text: "Keep the YAML?", yes: "Change" });
  assert.deepEqual(questionOf(PARTNER), { text: "Keep the YAML?", yes: "Remove" });
  assert.equal(questionOf(SESSION), undefined);
});

test("values are short, whatever they are", () => {
  assert.deepEqual([undefined, null, "", [], ["a", "b"], false, 0].map(shown), ["none", "none", "none", "none", "a, b", "false", "0"]);
  assert.equal(shown("a\n  b"), "a b");
  assert.equal(shown("x".repeat(50)).length, 40);
});

test("a tooltip says what either choice does, and values make no Markdown", () => {
  const evil = discrepancy("missing_entity_in_yaml", { message: "[x](command:y) $(bug)", keepPostgresql: "Keep PostgreSQL: add it", keepYaml: "Keep the YAML: remove it" });
  assert.deepEqual(differenceTooltip(evil).split("\n\n"), [
    "\\[x\\]\\(command:y\\) \\$\\(bug\\)",
    "$(database) Keep PostgreSQL: add it",
    "$(file-code) Keep the YAML: remove it",
  ]);
});
