import type { PerformanceReport, SlowQuery, Timing } from "../api/types";

/** What the page may load: its own style and script, named by the web view. */
export interface Resources {
  /** The web view's `cspSource`. */
  readonly source: string;
  readonly style: string;
  readonly script: string;
}

/**
 * The performance report as a page: numbers, charts and the tables behind them.
 *
 * Everything that is shown is escaped; nothing is loaded but the two resources.
 */
export function page(report: PerformanceReport, folder: string, resources: Resources): string {
  const policy = `default-src 'none'; style-src ${resources.source}; script-src ${resources.source}; img-src 'none'`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escape(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${escape(resources.style)}">
<title>SpecQL performance report</title>
</head>
<body>
<header>
<h1>Registry performance</h1>
<p class="dimmed">${escape(folder)} · since <time datetime="${escape(report.since)}">${escape(moment(report.since))}</time></p>
<p class="actions"><button id="refresh">Refresh</button> <label><input type="checkbox" id="live"> every 5 seconds</label> <button id="copy">Copy as JSON</button> <button id="save">Save As…</button> <span id="said" class="dimmed" role="status"></span></p>
</header>
<main>${content(report)}</main>
<script src="${escape(resources.script)}"></script>
</body>
</html>`;
}

/** What the page shows beneath its buttons. */
export function content(report: PerformanceReport): string {
  if (report.queries === 0 && report.cache.hits + report.cache.misses === 0) return "<p>Nothing has been asked of the registry yet.</p>";
  return [
    headline(report),
    timings("Operations", "What was asked of the registry, and how long it took.", report.byOperation),
    timings("Statements", "What the operations asked of PostgreSQL.", report.byStatement),
    cache(report),
    slow(report),
    fallbacks(report),
  ].join("\n");
}

function headline(report: PerformanceReport): string {
  const figures: readonly [string, string][] = [
    [String(report.queries), "operations"],
    [percent(report.successRate), "succeeded"],
    [milliseconds(report.p50Ms), "median"],
    [milliseconds(report.p95Ms), "95th percentile"],
    [percent(report.cache.hitRate), "from memory"],
    [String(report.slow), "slow"],
    [String(report.fallbacks), "fallbacks"],
  ];
  const items = figures.map(([value, name]) => `<div><dt>${escape(name)}</dt><dd>${escape(value)}</dd></div>`);
  return `<dl class="figures">${items.join("")}</dl>`;
}

/** Bars from the median to the slowest, on one scale, with the numbers in a table of the same rows. */
function timings(title: string, summary: string, rows: Readonly<Record<string, Timing>>): string {
  const entries = Object.entries(rows).sort(([, one], [, other]) => other.p95Ms - one.p95Ms);
  if (entries.length === 0) return "";
  const most = Math.max(...entries.map(([, timing]) => timing.maxMs), 0.001);
  const bars = entries.map(([name, timing]) => {
    const label = `${name}: median ${milliseconds(timing.p50Ms)}, 95th percentile ${milliseconds(timing.p95Ms)}, slowest ${milliseconds(timing.maxMs)}`;
    return `<tr>
<th scope="row"><code>${escape(name)}</code></th>
<td class="chart">${bar(timing, most, label)}</td>
<td>${timing.queries}</td><td>${milliseconds(timing.p50Ms)}</td><td>${milliseconds(timing.p95Ms)}</td><td>${milliseconds(timing.maxMs)}</td>
<td>${timing.failed > 0 ? `<strong>${timing.failed}</strong>` : "0"}</td><td>${timing.slow}</td>
</tr>`;
  });
  const head = ["Count", "Median", "95th", "Slowest", "Failed", "Slow"].map((each) => `<th scope="col">${each}</th>`).join("");
  return section(
    title,
    `<p class="dimmed">${escape(summary)} <span class="key p50"></span> median <span class="key p95"></span> 95th percentile <span class="key max"></span> slowest</p>
${table(`${title} with their times, those with the slowest 95th percentile first`, `<th scope="col">Name</th><th scope="col" class="chart">On one scale</th>${head}`, bars)}`,
  );
}

function bar(timing: Timing, most: number, label: string): string {
  const [p50, p95, max] = [timing.p50Ms, timing.p95Ms, timing.maxMs].map((value) => Math.max((value / most) * 100, 0.5).toFixed(2));
  return `<svg viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label="${escape(label)}">
<rect class="max" x="0" y="3.5" width="${max ?? 0}" height="3"></rect><rect class="p95" x="0" y="2" width="${p95 ?? 0}" height="6"></rect><rect class="p50" x="0" y="2" width="${p50 ?? 0}" height="6"></rect></svg>`;
}

function cache(report: PerformanceReport): string {
  const { hits, misses, hitRate } = report.cache;
  const width = (hitRate * 100).toFixed(2);
  return section(
    "Answers from memory",
    `<p>${hits} of ${hits + misses} questions were answered from the snapshot in memory.</p>
<svg class="wide" viewBox="0 0 100 4" preserveAspectRatio="none" role="img" aria-label="${escape(percent(hitRate))} answered from memory">
<rect class="rest" x="0" y="0" width="100" height="4"></rect><rect class="p50" x="0" y="0" width="${width}" height="4"></rect></svg>`,
  );
}

function slow(report: PerformanceReport): string {
  if (report.slowQueries.length === 0) return section("Slow operations", "<p>None.</p>");
  const most = Math.max(...report.slowQueries.map((each) => each.ms));
  const rows = [...report.slowQueries].reverse().slice(0, 50).map((each) => {
    const width = ((each.ms / most) * 100).toFixed(2);
    const label = `${each.operation} took ${milliseconds(each.ms)}`;
    return `<tr><td><time datetime="${escape(each.at)}">${escape(moment(each.at))}</time></td><th scope="row"><code>${escape(each.operation)}</code></th><td class="words">${each.statement ? `<code>${escape(each.statement)}</code>` : ""}</td>
<td class="chart"><svg viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label="${escape(label)}"><rect class="slow" x="0" y="2" width="${width}" height="6"></rect></svg></td><td>${milliseconds(each.ms)}</td></tr>`;
  });
  return section(
    "Slow operations",
    timeline(report.slowQueries, most) +
      table(
        "Slow operations, the latest first",
        `<th scope="col">When</th><th scope="col" class="words">Operation</th><th scope="col" class="words">Slowest statement</th><th scope="col" class="chart">On one scale</th><th scope="col">Took</th>`,
        rows,
      ),
  );
}

/** When slow operations happened: a line each, as high as it took long. */
function timeline(queries: readonly SlowQuery[], most: number): string {
  const times = queries.map((each) => Date.parse(each.at));
  const [first, last] = [Math.min(...times), Math.max(...times)];
  if (!(last > first)) return "";
  const lines = queries.map((each) => {
    const x = ((Date.parse(each.at) - first) / (last - first)) * 99.5;
    const height = Math.max((each.ms / most) * 20, 0.5);
    return `<rect class="slow" x="${x.toFixed(2)}" y="${(20 - height).toFixed(2)}" width="0.5" height="${height.toFixed(2)}"></rect>`;
  });
  const [from, to] = [first, last].map((each) => moment(new Date(each).toISOString()));
  const label = `${queries.length} slow operations between ${from ?? ""} and ${to ?? ""}; the slowest took ${milliseconds(most)}`;
  return `<svg class="timeline" viewBox="0 0 100 20" preserveAspectRatio="none" role="img" aria-label="${escape(label)}">${lines.join("")}</svg>
<p class="ends dimmed" aria-hidden="true"><span>${escape(from ?? "")}</span><span>${escape(to ?? "")}</span></p>`;
}

/** A table that is scrolled by itself where it is too wide; its caption is for who hears the page. */
function table(caption: string, head: string, rows: readonly string[]): string {
  return `<div class="scrolled" role="region" tabindex="0" aria-label="${escape(caption)}"><table><caption>${escape(caption)}</caption><thead><tr>${head}</tr></thead><tbody>${rows.join("")}</tbody></table></div>`;
}

function fallbacks(report: PerformanceReport): string {
  if (report.fallbackReasons.length === 0) return section("Fallbacks", "<p>PostgreSQL was never lost.</p>");
  const items = [...report.fallbackReasons]
    .reverse()
    .map((each) => `<li><time datetime="${escape(each.at)}">${escape(moment(each.at))}</time> ${escape(each.reason)}</li>`);
  return section("Fallbacks", `<ul>${items.join("")}</ul>`);
}

function section(title: string, inner: string): string {
  const id = title.toLowerCase().replace(/[^a-z]+/g, "-");
  return `<section aria-labelledby="${id}"><h2 id="${id}">${escape(title)}</h2>${inner}</section>`;
}

/** Milliseconds as a person reads them. */
export function milliseconds(value: number): string {
  if (value >= 1000) return `${(value / 1000).toFixed(1)} s`;
  return `${value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)} ms`;
}

function percent(rate: number): string {
  return `${rate >= 1 ? "100" : (rate * 100).toFixed(1)} %`;
}

/** An ISO moment without its fraction of a second, in UTC. */
function moment(iso: string): string {
  return iso.replace("T", " ").replace(/\.\d+Z$/, " UTC").replace(/Z$/, " UTC");
}

/** A text as HTML shows it literally, in an attribute too. */
export function escape(text: string): string {
  const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}
