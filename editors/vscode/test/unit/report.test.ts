import assert from "node:assert/strict";
import { test } from "node:test";
import type { PerformanceReport, Timing } from "../../src/api/types";
import { content, escape, milliseconds, page } from "../../src/report/html";

const timing: Timing = { queries: 4, failed: 1, successRate: 0.75, averageMs: 5, p50Ms: 2, p95Ms: 8, maxMs: 10, slow: 1 };
const EVIL = "<img src=x onerror=alert(1)>\"'&";
const report: PerformanceReport = {
  ...timing,
  since: "2026-11-24T10:00:00.123Z",
  slowQueries: [{ operation: EVIL, statement: EVIL, ms: 120, at: "2026-11-24T10:01:00.000Z" }],
  byOperation: { "registry.load": timing, [EVIL]: { ...timing, p95Ms: 1, maxMs: 2 } },
  byStatement: { [EVIL]: timing },
  cache: { hits: 9, misses: 1, hitRate: 0.9 },
  fallbacks: 1,
  fallbackReasons: [{ reason: EVIL, at: "2026-11-24T10:02:00.000Z" }],
};
const resources = { source: "https://source.test", style: "https://source.test/report.css", script: "https://source.test/report.js" };

test("whatever is shown is escaped", () => {
  const html = page(report, EVIL, resources);
  assert.ok(!html.includes("<img"));
  assert.equal(html.split(escape(EVIL)).length - 1 >= 7, true);
  assert.equal(escape(EVIL), "&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;");
});

test("the policy lets in the two resources and nothing else", () => {
  const html = page(report, "shop", resources);
  const policy = /Content-Security-Policy" content="([^"]+)"/.exec(html)?.[1] ?? "";
  assert.equal(policy, "default-src &#39;none&#39;; style-src https://source.test; script-src https://source.test; img-src &#39;none&#39;");
  assert.deepEqual([...html.matchAll(/(?:src|href)="([^"]+)"/g)].map((found) => found[1]), [resources.style, resources.script]);
  assert.ok(!/\sstyle="|\son[a-z]+="|<style|javascript:/.test(html));
});

test("charts are drawn on one scale, slowest first, and say their numbers in words", () => {
  const html = content(report);
  const bars = [...html.matchAll(/<rect class="p95" x="0" y="2" width="([\d.]+)"/g)].map((found) => Number(found[1]));
  assert.deepEqual(bars.slice(0, 2), [80, 10]);
  assert.ok(html.includes('aria-label="registry.load: median 2.00 ms, 95th percentile 8.00 ms, slowest 10.0 ms"'));
  for (const [, id] of html.matchAll(/aria-labelledby="([^"]+)"/g)) assert.ok(html.includes(`<h2 id="${id ?? ""}">`), id);
});

test("what has not happened is said", () => {
  const empty = { ...report, queries: 0, cache: { hits: 0, misses: 0, hitRate: 0 }, byOperation: {}, byStatement: {}, slowQueries: [], fallbackReasons: [] };
  assert.ok(page(empty, "shop", resources).includes("Nothing has been asked of the registry yet."));
  const quiet = content({ ...empty, queries: 1 });
  assert.ok(quiet.includes("PostgreSQL was never lost."));
  assert.ok(!quiet.includes("NaN"));
});

test("a table has a caption and heads for its rows and columns, a chart words", () => {
  const html = content(report);
  const tables = [...html.matchAll(/<table>(.*?)<\/table>/gs)].map((found) => found[1] ?? "");
  assert.equal(tables.length, 3);
  for (const table of tables) {
    assert.match(table, /^<caption>[^<]+<\/caption>/);
    const columns = /<thead><tr>(.*?)<\/tr>/s.exec(table)?.[1]?.match(/<th scope="col"/g)?.length ?? 0;
    for (const [, row] of table.matchAll(/<tr>((?:(?!<\/tr>).)*<td.*?)<\/tr>/gs)) {
      assert.equal(row?.match(/<t[hd][ >]/g)?.length, columns);
      assert.equal(row?.match(/<th scope="row"/g)?.length, 1);
    }
  }
  for (const [svg] of html.matchAll(/<svg[^>]*>/g)) assert.match(svg, /role="img" aria-label="[^"]+"/);
});

test("slow operations stand at their time, as high as they took long", () => {
  const at = (minute: number, ms: number) => ({ operation: "registry.load", ms, at: `2026-11-24T10:0${minute}:00.000Z` });
  const html = content({ ...report, slowQueries: [at(0, 100), at(1, 400), at(4, 200)] });
  const svg = /<svg class="timeline".*?<\/svg>/s.exec(html)?.[0] ?? "";
  const lines = [...svg.matchAll(/x="([\d.]+)" y="[\d.]+" width="0.5" height="([\d.]+)"/g)].map((found) => [Number(found[1]), Number(found[2])]);
  assert.deepEqual(lines, [[0, 5], [24.88, 20], [99.5, 10]]);
  assert.match(svg, /aria-label="3 slow operations between 2026-11-24 10:00:00 UTC and 2026-11-24 10:04:00 UTC; the slowest took 400 ms"/);
  assert.ok(!content({ ...report, slowQueries: [at(0, 100)] }).includes("timeline"));
});

test("milliseconds are short", () => {
  assert.deepEqual([0.061, 9.7234, 44.12, 118.4, 12345].map(milliseconds), ["0.06 ms", "9.72 ms", "44.1 ms", "118 ms", "12.3 s"]);
});
