import assert from "node:assert/strict";
import { test } from "node:test";
import type { Catalog, CatalogEntry, CatalogSource } from "../../src/api/types";
import { type CatalogNode, catalogNodes, entryChoices } from "../../src/views/catalogsModel";

const FOLDER = "file:///w";
const PLACE = { uri: "file:///w/stdlib/actions/crm/close.yaml", range: { start: { line: 0, character: 9 }, end: { line: 0, character: 18 } } };

function entry(name: string, source: string, more: Partial<CatalogEntry> = {}): CatalogEntry {
  return { name, kind: "action pattern", source, description: "", detail: "", deprecated: null, replacement: null, location: null, items: [], ...more };
}

function source(name: string, state: CatalogSource["state"] = "read", reason = ""): CatalogSource {
  return { name, title: name.toUpperCase(), state, reason, entries: 0 };
}

function catalog(sources: readonly CatalogSource[], entries: readonly CatalogEntry[]): Catalog {
  return { name: "patterns", title: "Patterns", noun: "pattern", about: "All of them.", sources, entries };
}

function drawn(nodes: readonly CatalogNode[], indent = ""): string[] {
  return nodes.flatMap((node) => [`${indent}${node.label} (${node.description})`, ...drawn(node.children, `${indent}  `)]);
}

const CLOSE = entry("crm/close", "workspace", {
  location: PLACE,
  items: [{ name: "reason", detail: "string · required", description: "Why", location: null }],
});

test("a catalog is a section, its sources are beneath it", () => {
  const old = entry("old", "database", { kind: "domain pattern", detail: "workflow", deprecated: "too simple", replacement: "new" });
  const nodes = catalogNodes(FOLDER, [catalog([source("workspace"), source("specql"), source("database")], [CLOSE, entry("crud/create", "specql"), old])]);
  assert.deepEqual(drawn(nodes), [
    "Patterns (3 patterns)",
    "  WORKSPACE (1)",
    "    crm/close (action pattern)",
    "      reason (string · required)",
    "  SPECQL (1)",
    "    crud/create (action pattern)",
    "  DATABASE (1)",
    "    old (deprecated, use new · workflow)",
  ]);
  const [database] = nodes[0]?.children.slice(-1) ?? [];
  assert.match(database?.children[0]?.tooltip ?? "", /Deprecated, use new: too simple/);
  assert.equal(database?.children[0]?.isDeprecated, true);
});

test("one source alone is no level, and what is absent is not there", () => {
  assert.deepEqual(drawn(catalogNodes(FOLDER, [catalog([source("workspace"), source("database", "absent")], [entry("a", "workspace")])])), [
    "Patterns (1 pattern)",
    "  a (action pattern)",
  ]);
  assert.deepEqual(drawn(catalogNodes(FOLDER, [catalog([source("workspace", "absent")], [])])), ["Patterns (none)"]);
});

test("a source that cannot be read is no empty one", () => {
  const away = catalogNodes(FOLDER, [catalog([source("database", "unavailable", "It is *away*.")], [])]);
  assert.deepEqual(drawn(away), ["Patterns ()", "  DATABASE (unavailable)"]);
  const [node] = away[0]?.children ?? [];
  assert.equal(node?.isMissing, true);
  assert.equal(node?.tooltip, "It is \\*away\\*\\.");
  const stale = catalogNodes(FOLDER, [catalog([source("database", "stale", "It is away.")], [entry("a", "database")])]);
  assert.deepEqual(drawn(stale), ["Patterns (1 pattern)", "  DATABASE (1 · as last read)", "    a (action pattern)"]);
});

test("nodes lead to files, parts to their own place or their entry's, and have identities of their own", () => {
  const [section] = catalogNodes(FOLDER, [catalog([source("workspace")], [CLOSE, entry("crm/close", "workspace", { kind: "other" })])]);
  const [close] = section?.children ?? [];
  assert.deepEqual([close?.location, close?.children[0]?.location], [PLACE, PLACE]);
  const ids = (nodes: readonly CatalogNode[]): string[] => nodes.flatMap((node) => [node.id, ...ids(node.children)]);
  const all = ids(section?.children ?? []);
  assert.equal(new Set(all).size, all.length);
});

test("what is searched has names, kinds, texts and parts", () => {
  const [choice] = entryChoices([catalog([source("workspace")], [{ ...CLOSE, description: "Closes\nit" }])]);
  assert.deepEqual([choice?.label, choice?.description, choice?.detail], ["crm/close", "action pattern · WORKSPACE", "Closes it · reason"]);
});
