import assert from "node:assert/strict";
import { test } from "node:test";
import type { HistoryEvent } from "../../src/api/types";
import { historyItems, historyText } from "../../src/commands/historyItems";

const NOW = Date.parse("2026-03-10T12:00:00Z");
const EVENT: HistoryEvent = { at: "2026-03-07T12:00:00.000Z", by: "crm_writer", author: null, application: "specql-lsp", summary: "registered Contact with 012031" };
const BY_ANNA: HistoryEvent = { ...EVENT, at: "2026-03-10T11:59:58.000Z", author: "Anna <anna@example.org>", application: null };

test("an event says when it was, by whom and from which program, and below it what was done", () => {
  assert.deepEqual(historyItems([BY_ANNA, EVENT], NOW), [
    { label: "just now", description: "Anna <anna@example.org> · crm_writer", detail: EVENT.summary },
    { label: "3 days ago", description: "crm_writer · specql-lsp", detail: EVENT.summary },
  ]);
});

test("what is copied has a line for each event", () => {
  assert.equal(historyText([EVENT, EVENT]).split("\n").length, 2);
  assert.equal(historyText([EVENT]), "2026-03-07T12:00:00.000Z\tcrm_writer\tspecql-lsp\tregistered Contact with 012031");
});
