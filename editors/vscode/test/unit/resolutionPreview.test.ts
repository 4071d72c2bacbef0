import assert from "node:assert/strict";
import { test } from "node:test";
import type { Discrepancy, Resolution } from "../../src/api/types";
import { listed, MOST_LISTED } from "../../src/commands/resolutionPreview";

const REFUSED = { discrepancy: { message: "Two codes differ." } as Discrepancy, kind: "code-taken", message: "The code is taken." };

function preview(count: number, given: Partial<Resolution> = {}): Resolution {
  return { resolved: count, refused: [], changes: Array.from({ length: count }, (_, index) => ({ title: `Change ${index + 1}` })), ...given };
}

test("what would be done is listed, and the button says who is written", () => {
  assert.deepEqual(listed(preview(2), "postgresql"), {
    text: "Write 2 differences to the registry YAML?",
    detail: "Change 1\nChange 2",
    yes: "Write to the YAML",
  });
  const shared = listed(preview(1, { question: "Change it?" }), "yaml");
  assert.equal(shared.text, "Write 1 difference to PostgreSQL?");
  assert.equal(shared.yes, "Write to PostgreSQL");
  assert.match(shared.detail, /^Change 1\nEverybody who uses this database/);
});

test("a line says what a change is about", () => {
  const changes = [{ title: "Keep PostgreSQL's name", line: "catalog  domain 3 · name changes" }];
  assert.equal(listed(preview(1, { changes }), "postgresql").detail, "catalog  domain 3 · name changes");
});

test("many are cut, can be shown in full, and what is refused comes with its reason", () => {
  assert.equal(listed(preview(MOST_LISTED), "postgresql").whole, undefined);
  const { detail, whole } = listed(preview(2000, { refused: [REFUSED] }), "postgresql");
  assert.deepEqual([whole?.length, whole?.at(-1)], [2001, "Refused: Two codes differ. The code is taken."]);
  const lines = detail.split("\n");
  assert.equal(lines.length, MOST_LISTED + 2);
  assert.equal(lines[MOST_LISTED], `… and ${2000 - MOST_LISTED} more`);
  assert.equal(lines.at(-1), "Refused: Two codes differ. The code is taken.");
});

test("nothing that could be done is said so", () => {
  assert.equal(listed(preview(0, { refused: [REFUSED] }), "yaml").text, "Nothing can be written to PostgreSQL.");
});
