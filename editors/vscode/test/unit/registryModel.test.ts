import assert from "node:assert/strict";
import { test } from "node:test";
import type { Status } from "../../src/api/types";
import { contextValue, domainNodes, folderDescription, message, type RegistryNode } from "../../src/views/registryModel";
import { CATALOG, CRM, domain, subdomain } from "./tree";

const FOLDER = "file:///w";

function drawn(nodes: readonly RegistryNode[], indent = ""): string[] {
  return nodes.flatMap((node) => [`${indent}${node.label} (${node.description})`, ...drawn(node.children, `${indent}  `)]);
}

test("the tree says what is used and free", () => {
  assert.deepEqual(drawn(domainNodes(FOLDER, [CRM, CATALOG])), [
    "crm (2 · 2 used, 13 free)",
    "  customer (03 · 2 used, 13 free)",
    "    Contact (012031)",
    "    Company (012032)",
    "  support (04 · 0 used, full)",
    "catalog (3 · 0 used, 15 free)",
    "  classification (01 · 0 used, 15 free)",
  ]);
});

test("a filter keeps what holds its text, with what is above it, and all beneath what it names itself", () => {
  const filtered = (text: string) => drawn(domainNodes(FOLDER, [CRM, CATALOG], text)).map((line) => line.replace(/ \(.*/, ""));
  assert.deepEqual(filtered("company"), ["crm", "  customer", "    Company"]);
  assert.deepEqual(filtered("012031"), ["crm", "  customer", "    Contact"]);
  assert.deepEqual(filtered("SALES"), ["crm", "  customer", "    Contact", "    Company", "  support"]);
  assert.deepEqual(filtered("support"), ["crm", "  support"]);
  assert.deepEqual(filtered("nothing of it"), []);
  assert.deepEqual(filtered("  "), ["crm", "  customer", "    Contact", "    Company", "  support", "catalog", "  classification"]);
});

test("a node keeps its identity from reading to reading, and no two have the same", () => {
  const ids = (nodes: readonly RegistryNode[]): string[] => nodes.flatMap((node) => [node.id, ...ids(node.children)]);
  const first = ids(domainNodes(FOLDER, [CRM, CATALOG]));
  assert.deepEqual(ids(domainNodes(FOLDER, [CRM, CATALOG])), first);
  assert.equal(new Set(first).size, first.length);
});

test("menus depend on what a node has", () => {
  const [crm] = domainNodes(FOLDER, [CRM]);
  const [customer, support] = crm?.children ?? [];
  const [contact, company] = customer?.children ?? [];
  assert.deepEqual([crm, customer, support, contact, company].map((node) => node && contextValue(node)), [
    "domain",
    "subdomain,free",
    "subdomain",
    "entity,registry,file",
    "entity",
  ]);
});

test("leased codes can be allocated while PostgreSQL is away", () => {
  const leased = domain("2", "crm", { subdomains: [subdomain("04", "support", { free: 14, availableLeases: ["012042"] })] });
  const [support] = domainNodes(FOLDER, [leased])[0]?.children ?? [];
  assert.equal(support?.description, "04 · 0 used, 14 free, 1 leased");
  assert.equal(support && contextValue(support), "subdomain,free,leased");
  assert.match(support?.tooltip ?? "", /Leased, until PostgreSQL is back: `012042`\./);
});

test("names are shown as they are written, and make no Markdown", () => {
  const [node] = domainNodes(FOLDER, [domain("2", "crm", { description: "[click](command:evil) <b>*all*</b>" })]);
  assert.match(node?.tooltip ?? "", /\\\[click\\\]\\\(command:evil\\\) \\<b\\>\\\*all\\\*/);
});

test("the view says where it is from when that is not a writable PostgreSQL", () => {
  const status = { source: "postgresql", writable: true, stale: false, reason: "", entities: 8 } as Status;
  assert.equal(message(status, ""), undefined);
  assert.equal(message({ ...status, source: "yaml", writable: false, reason: "No database answers." }, ""), "YAML, read-only. No database answers.");
  assert.equal(message({ ...status, stale: true, writable: false }, "crm"), "Filtered by “crm”. PostgreSQL (stale), read-only.");
  assert.equal(message(status, "crm", false), "Nothing in the registry holds “crm”.");
  assert.equal(folderDescription(status), "PostgreSQL · 8 entities");
  assert.equal(folderDescription(undefined), "");
});
