import assert from "node:assert/strict";
import { test } from "node:test";
import type { Status } from "../../src/api/types";
import { age, count, present } from "../../src/status/present";

const NOW = Date.parse("2026-01-15T09:00:00Z");
const POSTGRESQL: Status = {
  source: "postgresql",
  writable: true,
  stale: false,
  reason: "",
  since: "2026-01-15T08:00:00Z",
  loadedAt: "2026-01-15T08:59:20Z",
  domains: 4,
  subdomains: 1,
  entities: 8,
  discrepancies: 0,
  server: "db.example.org:5432/registry",
  listening: true,
};
const LOST: Status = {
  ...POSTGRESQL,
  source: "yaml",
  writable: false,
  reason: "PostgreSQL refused the connection: nothing listens at that address.",
  discrepancies: null,
  listening: false,
};

test("PostgreSQL answers: no alarm, and everything that is known in the tooltip", () => {
  const shown = present("running", POSTGRESQL, NOW);
  assert.equal(shown.text, "$(database) SpecQL: PostgreSQL");
  assert.equal(shown.detail, "PostgreSQL");
  assert.equal(shown.age, "Read 40 seconds ago");
  assert.equal(shown.severity, "information");
  assert.equal(
    shown.tooltip,
    [
      "**SpecQL registry: PostgreSQL** · writable",
      "Database: db\\.example\\.org:5432/registry",
      "4 domains, 1 subdomain, 8 entities",
      "PostgreSQL and the YAML agree.",
      "Read 40 seconds ago; changes are shown as they happen.",
    ].join("\n\n"),
  );
});

test("differences are counted and warned of", () => {
  const shown = present("running", { ...POSTGRESQL, discrepancies: 2 }, NOW);
  assert.equal(shown.text, "$(database) SpecQL: PostgreSQL $(diff) 2");
  assert.equal(shown.detail, "PostgreSQL, 2 differences");
  assert.equal(shown.severity, "warning");
  assert.match(shown.tooltip, /differ in 2 places\./);
});

test("PostgreSQL is lost: the YAML answers, read-only, with the reason", () => {
  const shown = present("running", LOST, NOW);
  assert.equal(shown.text, "$(warning) SpecQL: YAML $(lock)");
  assert.equal(shown.detail, "YAML, read-only");
  assert.equal(shown.severity, "warning");
  assert.match(shown.tooltip, /read-only\n\nDatabase: .*\n\nPostgreSQL refused the connection: nothing listens at that address\\\./);
});

test("a YAML that is all there is, is no reason for an alarm", () => {
  const shown = present("running", { ...LOST, server: null, reason: "" }, NOW);
  assert.equal(shown.text, "$(database) SpecQL: YAML $(lock)");
  assert.equal(shown.severity, "information");
});

test("what PostgreSQL last said is called stale", () => {
  const shown = present("running", { ...LOST, source: "postgresql", stale: true }, NOW);
  assert.equal(shown.text, "$(warning) SpecQL: PostgreSQL (stale) $(lock)");
  assert.equal(shown.severity, "warning");
});

test("no registry is an error, and no counts are made up", () => {
  const nothing: Status = { ...LOST, source: "none", stale: true, loadedAt: null, domains: null, subdomains: null, entities: null };
  const shown = present("running", nothing, NOW);
  assert.equal(shown.text, "$(error) SpecQL: no registry");
  assert.equal(shown.age, "");
  assert.equal(shown.severity, "error");
  assert.doesNotMatch(shown.tooltip, /domain|Read/);
});

test("no registry and no database that was wanted is no more than a warning", () => {
  const nothing: Status = { ...LOST, source: "none", server: null, loadedAt: null, domains: null, subdomains: null, entities: null };
  const shown = present("running", nothing, NOW);
  assert.equal(shown.text, "$(warning) SpecQL: no registry");
  assert.equal(shown.severity, "warning");
});

test("the folder is named where a window has several", () => {
  assert.match(present("running", POSTGRESQL, NOW, "billing").tooltip, /Folder: billing/);
});

test("while nothing is known yet it is busy", () => {
  assert.ok(present("running", undefined, NOW).busy);
  assert.ok(present("starting", undefined, NOW).busy);
  assert.equal(present("failed", POSTGRESQL, NOW).severity, "error");
  assert.equal(present("stopped", POSTGRESQL, NOW).text, "$(debug-disconnect) SpecQL");
});

test("a reason cannot write Markdown", () => {
  const shown = present("running", { ...LOST, reason: "[click](command:evil) <b>bold</b> $(zap) ~~no~~" }, NOW);
  assert.match(shown.tooltip, /\\\[click\\\]\\\(command:evil\\\) \\<b\\>bold\\<\/b\\> \\\$\\\(zap\\\) \\~\\~no\\~\\~/);
});

const AGES: readonly (readonly [string, string])[] = [
  ["2026-01-15T08:59:55Z", "just now"],
  ["2026-01-15T09:00:30Z", "just now"],
  ["2026-01-15T08:59:01Z", "59 seconds ago"],
  ["2026-01-15T08:59:00Z", "a minute ago"],
  ["2026-01-15T08:15:00Z", "45 minutes ago"],
  ["2026-01-15T08:00:00Z", "an hour ago"],
  ["2026-01-14T09:00:00Z", "24 hours ago"],
  ["2026-01-12T09:00:00Z", "3 days ago"],
  ["not a time", ""],
];
for (const [moment, wanted] of AGES) {
  test(`${moment} is ${wanted || "unknown"}`, () => {
    assert.equal(age(moment, NOW), wanted);
  });
}

test("counts in words", () => {
  assert.equal(count(1, "entity"), "1 entity");
  assert.equal(count(3, "entity"), "3 entities");
  assert.equal(count(2, "domain"), "2 domains");
  assert.equal(count(0, "domain"), "");
  assert.equal(count(null, "domain"), "");
});
