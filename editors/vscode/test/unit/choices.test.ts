import assert from "node:assert/strict";
import { test } from "node:test";
import type { Discrepancy } from "../../src/api/types";
import {
  differenceChoices, domainChoices, faultOfDomainNumber, faultOfName, faultOfSubdomainNumber, freeDomainNumber, freeSubdomainNumber,
  placeChoices, readEntity, sideChoices, subdomainChoices,
} from "../../src/commands/choices";
import { CATALOG, CRM, domain, subdomain } from "./tree";

test("the file's own domain comes first, by its name or an alias", () => {
  const labels = (schema?: string) => domainChoices([CRM, CATALOG], schema).map(({ label, description }) => `${label}: ${description}`);
  assert.deepEqual(labels("Catalog"), ["catalog: 3 · 15 free · the file's schema", "crm: 2 · 13 free"]);
  assert.deepEqual(labels("sales"), ["crm: 2 · 13 free · the file's schema", "catalog: 3 · 15 free"]);
  assert.deepEqual(labels(), ["crm: 2 · 13 free", "catalog: 3 · 15 free"]);
});

test("a subdomain says how many codes are left and which one it would give; full ones come last", () => {
  const full = domain("4", "projects", { subdomains: [subdomain("01", "core", { free: 0, nextTableCode: null }), subdomain("02", "location", { nextTableCode: "014021" })] });
  assert.deepEqual(subdomainChoices(full).map(({ label, description }) => `${label}: ${description}`), ["location: 02 · 15 left · gives 014021", "core: 01 · full"]);
});

test("while PostgreSQL is away only leased codes can be chosen", () => {
  const away = domain("4", "projects", { subdomains: [subdomain("01", "core"), subdomain("02", "location", { availableLeases: ["014025", "014026"] })] });
  const lines = subdomainChoices(away, "leased").map(({ label, description, fault }) => `${label}: ${description} ${fault ?? ""}`.trim());
  assert.deepEqual(lines, [
    "location: 02 · 2 leased · gives 014025",
    "core: 01 · none leased No code of core is leased: only leased codes can be allocated until PostgreSQL is back.",
  ]);
  const [first, second] = domainChoices([away, CRM], "projects", "leased");
  assert.equal(first?.description, "4 · 2 leased · the file's schema");
  assert.equal(second?.fault, "No code of crm is leased: only leased codes can be allocated until PostgreSQL is back.");
});

test("everything can be gone to: an entity to its file before its line in the registry", () => {
  const places = placeChoices([CRM]);
  assert.deepEqual(places.map(({ label }) => label), ["crm", "customer", "Contact", "Company", "support"]);
  assert.equal(places[2]?.value?.range.start.line, 0);
  assert.equal(places[3]?.value, null);
});

for (const [text, expected] of [
  ["entity: Contact\nschema: crm\n", { entity: "Contact", schema: "crm" }],
  ["# entity: Other\nentity:   'Contact'  # the person\n\"schema\": \"crm\"\n", { entity: "Contact", schema: "crm" }],
  ["entity:\n  name: Contact\n", {}],
  ["entity: {name: Contact}\n", {}],
  ["nested:\n  entity: Contact\n", {}],
  ["entity: Contact # a person\r\nschema:\r\n", { entity: "Contact" }],
] as const) {
  test(`entity and schema are read from ${JSON.stringify(text)}`, () => assert.deepEqual(readEntity(text), expected));
}

test("numbers are proposed and checked as the registry takes them", () => {
  assert.equal(freeDomainNumber([CRM, CATALOG, domain("1", "core")]), "4");
  assert.equal(freeDomainNumber(Array.from({ length: 16 }, (_, index) => domain(index.toString(16), `d${index}`))), "");
  assert.equal(faultOfDomainNumber("2", [CRM]), "Domain 2 is crm.");
  assert.match(faultOfDomainNumber("G", [CRM]) ?? "", /one hexadecimal digit/);
  assert.equal(faultOfDomainNumber("a", [CRM]), undefined);
  assert.equal(freeSubdomainNumber(CRM), "01");
  assert.equal(faultOfSubdomainNumber("03", CRM), "Subdomain 03 is customer.");
  assert.match(faultOfSubdomainNumber("3", CRM) ?? "", /two hexadecimal digits/);
  const short = domain("5", "old", { subdomains: [subdomain("1", "one")] });
  assert.equal(freeSubdomainNumber(short), "2");
  assert.match(faultOfSubdomainNumber("02", short) ?? "", /one hexadecimal digit/);
  assert.equal(faultOfSubdomainNumber("0A", domain("6", "empty")), undefined);
});

test("names are checked as the registry takes them", () => {
  assert.equal(faultOfName("billing", ["crm"]), undefined);
  assert.equal(faultOfName("crm", ["crm"]), "There is a crm already.");
  for (const name of ["", "Billing", "two words", "1st"]) assert.match(faultOfName(name, []) ?? "", /begins with a small letter/);
});

test("only a full subdomain cannot be chosen, and says why", () => {
  const faults = subdomainChoices(CRM).map(({ label, fault }) => [label, fault]);
  assert.deepEqual(faults, [["customer", undefined], ["support", "support is full: choose another subdomain, or register one."]]);
});

test("a difference is chosen by its sentence, and what to keep by what that does", () => {
  const named = { name: "crm", detail: "domain 2 · only in PostgreSQL", side: "postgresql", domainName: "crm", subdomainName: null } as const;
  const difference: Discrepancy = { ...named, type: "missing_in_yaml", domain: "2", message: "Domain 2 is missing.", location: null, keepPostgresql: "Add it", keepYaml: "Remove it" };
  assert.deepEqual(differenceChoices([difference]).map(({ label, value }) => [label, value]), [["Domain 2 is missing.", difference]]);
  assert.deepEqual(sideChoices(difference).map(({ detail, value }) => [detail, value]), [["Add it", "postgresql"], ["Remove it", "yaml"]]);
});
