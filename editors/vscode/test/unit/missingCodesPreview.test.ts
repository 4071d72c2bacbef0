import assert from "node:assert/strict";
import { test } from "node:test";
import type { MissingCodes } from "../../src/api/types";
import { preview } from "../../src/commands/missingCodesPreview";

const place = { domain: { number: "2", name: "crm" }, subdomain: { number: "03", name: "customer" } };
const given = (entity: string) => ({ uri: `file:///w/${entity}.yaml`, entity, tableCode: "012033", entityCode: "ABC", sequence: 3, created: true, ...place });
const refused = { uri: "file:///w/Odd.yaml", entity: "Odd", kind: "unknown-domain", message: "The schema is no domain." };
const of = (allocated: MissingCodes["allocated"], others: MissingCodes["refused"] = []) =>
  preview({ allocated, refused: others }, (uri) => uri.replace("file:///w/", ""));

test("a preview names file, subdomain and code, and why others get none", () => {
  const { text, detail, yes } = of([given("Visit")], [refused]);
  assert.equal(text, "Allocate a code?");
  assert.equal(detail, "Visit gets 012033 in crm / customer (Visit.yaml)\n\nOdd gets none (Odd.yaml): The schema is no domain.");
  assert.equal(yes, "Allocate");
});

test("a leased code is called one", () => {
  assert.equal(of([{ ...given("Visit"), leased: true }]).detail, "Visit gets the leased code 012033 in crm / customer (Visit.yaml)");
});

test("there is nothing to agree to where no file gets a code", () => {
  assert.deepEqual(of([]), { text: "Every entity has a code.", detail: "" });
  assert.equal(of([], [refused]).yes, undefined);
  assert.match(of([], [refused]).detail, /^Odd gets none/);
});

test("a long preview is cut, and can be shown in full", () => {
  assert.equal(of([given("Visit")], [refused]).whole, undefined);
  const { detail, text, yes, whole } = of(Array.from({ length: 40 }, (_, index) => given(`Thing${index}`)));
  assert.equal(text, "Allocate 40 codes?");
  assert.equal(yes, "Allocate 40");
  assert.equal(detail.split("\n").length, 26);
  assert.match(detail, /and 15 more$/);
  assert.equal(whole?.filter((line) => line.startsWith("Thing")).length, 40);
});
