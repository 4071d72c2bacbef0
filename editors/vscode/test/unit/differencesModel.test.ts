import assert from "node:assert/strict";
import { test } from "node:test";
import type { ConsistencyReport, Discrepancy } from "../../src/api/types";
import { type DifferenceNode, differenceGroups, differenceTooltip, discrepanciesOf, PAGE, questionOf } from "../../src/views/differencesModel";

function discrepancy(type: string, given: Partial<Discrepancy>): Discrepancy {
  return {
    type,
    domain: "2",
    name: "Thing",
    detail: "somewhere",
    side: "both",
    domainName: "crm",
    subdomainName: "customer",
    message: "They differ.",
    location: null,
    keepPostgresql: "Keep PostgreSQL",
    keepYaml: "Keep the YAML",
    ...given,
  };
}

const PARTNER = discrepancy("missing_entity_in_yaml", { subdomain: "03", entity: "Partner", name: "Partner", detail: "012033 · crm / customer · only in PostgreSQL", side: "postgresql", postgresqlValue: "012033" });
const SESSION = discrepancy("missing_entity_in_postgresql", { domain: "1", domainName: "core", subdomain: "01", entity: "Session", name: "Session", detail: "011012 · core / accounts · only in the YAML", side: "yaml" });
const SEQUENCE = discrepancy("subdomain_attribute_mismatch", { subdomain: "04", attribute: "next_entity_sequence", name: "support", detail: "subdomain 04 · crm · next_entity_sequence 3 in PostgreSQL, 1 in the YAML", postgresqlValue: 3, yamlValue: 1 });

function groups(...discrepancies: Discrepancy[]) {
  return differenceGroups("file:///w", "", { discrepancies } as unknown as ConsistencyReport);
}

function drawn(nodes: readonly DifferenceNode[], indent = ""): string[] {
  return nodes.flatMap((node) => [`${indent}${node.label}: ${node.description} (${node.icon})`, ...(node.kind === "group" ? drawn(node.children, `${indent}  `) : [])]);
}

test("differences are grouped by their domain, and in it by where things are, in the server's order", () => {
  assert.deepEqual(drawn(groups(SESSION, PARTNER, SEQUENCE)), [
    "core: domain 1 · 1 difference (layers)",
    "  Session: 011012 · core / accounts · only in the YAML (diff-removed)",
    "crm: domain 2 · 2 differences (layers)",
    "  Only in PostgreSQL: 1 difference (diff-added)",
    "    Partner: 012033 · crm / customer · only in PostgreSQL (diff-added)",
    "  Different: 1 difference (diff-modified)",
    "    support: subdomain 04 · crm · next_entity_sequence 3 in PostgreSQL, 1 in the YAML (diff-modified)",
  ]);
});

test("very many are on pages, which are closed at first", () => {
  const many = Array.from({ length: 2000 }, (_, index) => ({ ...PARTNER, entity: `Thing${index}`, name: `Thing${index}` }));
  const [domain] = groups(...many);
  assert.equal(domain?.children.length, 2000 / PAGE);
  const [first] = domain?.children ?? [];
  assert.ok(first?.kind === "group" && !first.expanded);
  assert.equal(`${first.label}: ${first.description}`, "Thing0 … Thing99: 100 differences");
  assert.equal(discrepanciesOf([domain as DifferenceNode]).length, 2000);
});

test("what several nodes stand for counts once", () => {
  const [core, crm] = groups(SESSION, PARTNER, SEQUENCE);
  assert.ok(core && crm);
  assert.deepEqual(discrepanciesOf([crm, ...crm.children, core]).map(({ label }) => label), ["Partner", "support", "Session"]);
});

test("several folders are told apart", () => {
  const [group] = differenceGroups("file:///w", "shop", { discrepancies: [PARTNER] } as unknown as ConsistencyReport);
  assert.equal(group?.description, "shop · domain 2 · 1 difference");
});

test("what is changed or removed in PostgreSQL is asked about in the server's words, what is added is not", () => {
  assert.deepEqual(questionOf({ ...PARTNER, keepYamlQuestion: "Remove Partner?" }), { text: "Remove Partner?", yes: "Remove from PostgreSQL" });
  assert.deepEqual(questionOf({ ...SEQUENCE, keepYamlQuestion: "Change it from 3 to 1?" }), { text: "Change it from 3 to 1?", yes: "Change PostgreSQL" });
  assert.equal(questionOf({ ...SESSION, keepYamlQuestion: null }), undefined);
});

test("also where the server is an older one that has no question", () => {
  assert.deepEqual(questionOf(SEQUENCE), { text: "Keep the YAML?", yes: "Change PostgreSQL" });
  assert.deepEqual(questionOf(PARTNER), { text: "Keep the YAML?", yes: "Remove from PostgreSQL" });
  assert.equal(questionOf(SESSION), undefined);
});

test("a tooltip says what either choice does, and values make no Markdown", () => {
  const evil = discrepancy("missing_entity_in_yaml", { message: "[x](command:y) $(bug)", keepPostgresql: "Keep PostgreSQL: add it", keepYaml: "Keep the YAML: remove it" });
  assert.deepEqual(differenceTooltip(evil).split("\n\n"), [
    "\\[x\\]\\(command:y\\) \\$\\(bug\\)",
    "$(database) Keep PostgreSQL: add it",
    "$(file-code) Keep the YAML: remove it",
  ]);
});
