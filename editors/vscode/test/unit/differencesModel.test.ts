import assert from "node:assert/strict";
import { test } from "node:test";
import type { ConsistencyReport, Discrepancy } from "../../src/api/types";
import { differenceGroups, differenceTooltip, removesFromPostgresql, shown } from "../../src/views/differencesModel";

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

test("only what is removed from PostgreSQL as a whole is asked about", () => {
  assert.deepEqual([PARTNER, SESSION, SEQUENCE].map(removesFromPostgresql), [true, false, false]);
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
