import type { ConnectionState } from "../client/connection";
import type { Status } from "../api/types";

/** How the registry's state is shown: a short text with an icon, and a longer one. */
export interface Presentation {
  /** Codicon and words for the status bar. */
  readonly text: string;
  /** A few words for the language status item. */
  readonly detail: string;
  /** Markdown, for a tooltip. */
  readonly tooltip: string;
  readonly severity: "information" | "warning" | "error";
  readonly busy: boolean;
}

const STATES: Readonly<Record<Exclude<ConnectionState, "running">, Omit<Presentation, "tooltip"> & { tooltip: string }>> = {
  idle: { text: "$(database) SpecQL", detail: "not running", tooltip: "The SpecQL language server has nothing to do here.", severity: "information", busy: false },
  starting: { text: "$(loading~spin) SpecQL", detail: "starting", tooltip: "The SpecQL language server is starting.", severity: "information", busy: true },
  stopped: { text: "$(debug-disconnect) SpecQL", detail: "stopped", tooltip: "The SpecQL language server is not running.", severity: "warning", busy: false },
  failed: { text: "$(error) SpecQL", detail: "not running", tooltip: "The SpecQL language server could not be run. Its log says why.", severity: "error", busy: false },
};

/**
 * The presentation of a folder's registry.
 *
 * @param state how the server fares
 * @param status what the folder's registry last said; undefined before it has
 * @param now the time, in milliseconds since 1970
 */
export function present(state: ConnectionState, status: Status | undefined, now: number): Presentation {
  if (state !== "running") return STATES[state];
  if (!status) {
    return { text: "$(loading~spin) SpecQL", detail: "reading the registry", tooltip: "The registry is being read.", severity: "information", busy: true };
  }
  const differences = status.discrepancies ?? 0;
  const name = sourceName(status);
  const icon = status.source === "none" ? "$(error)" : degraded(status) ? "$(warning)" : "$(database)";
  const drift = differences > 0 ? ` $(diff) ${differences}` : "";
  return {
    text: `${icon} SpecQL: ${name}${drift}`,
    detail: [name, writability(status), count(differences, "difference")].filter(Boolean).join(", "),
    tooltip: tooltip(status, name, now),
    severity: status.source === "none" ? "error" : degraded(status) || differences > 0 ? "warning" : "information",
    busy: false,
  };
}

/** Which source answers, in a word or two. */
export function sourceName(status: Status): string {
  if (status.source === "none") return "no registry";
  const name = { postgresql: "PostgreSQL", yaml: "YAML", in_memory: "in memory" }[status.source];
  return status.stale ? `${name} (stale)` : name;
}

/** How long ago, in words; empty where the moment is unknown. */
export function age(moment: string | null, now: number): string {
  const then = moment === null ? NaN : Date.parse(moment);
  if (Number.isNaN(then)) return "";
  const seconds = Math.max(0, Math.round((now - then) / 1000));
  if (seconds < 10) return "just now";
  if (seconds < 60) return `${seconds} seconds ago`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return minutes === 1 ? "a minute ago" : `${minutes} minutes ago`;
  const hours = Math.round(minutes / 60);
  if (hours < 48) return hours === 1 ? "an hour ago" : `${hours} hours ago`;
  return `${Math.round(hours / 24)} days ago`;
}

/** `3 entities`, `1 entity`; empty for none. */
export function count(number: number | null, noun: string): string {
  if (!number) return "";
  return `${number} ${number === 1 ? noun : noun.endsWith("y") ? `${noun.slice(0, -1)}ies` : `${noun}s`}`;
}

/** Whether something worse answers than was wanted. A YAML that is all there is, is not. */
function degraded(status: Status): boolean {
  return status.stale || (status.source === "yaml" && status.server !== null);
}

function writability(status: Status): string {
  return status.source === "none" ? "" : status.writable ? "" : "read-only";
}

function tooltip(status: Status, name: string, now: number): string {
  const lines = [`**SpecQL registry: ${name}**${status.source !== "none" ? ` · ${status.writable ? "writable" : "read-only"}` : ""}`];
  if (status.server) lines.push(`Database: ${escaped(status.server)}`);
  if (status.reason) lines.push(escaped(status.reason));
  const held = [count(status.domains, "domain"), count(status.subdomains, "subdomain"), count(status.entities, "entity")];
  if (held.some(Boolean)) lines.push(held.filter(Boolean).join(", "));
  if (status.discrepancies !== null) {
    lines.push(status.discrepancies === 0 ? "PostgreSQL and the YAML agree." : `PostgreSQL and the YAML differ in ${count(status.discrepancies, "place")}.`);
  }
  const read = age(status.loadedAt, now);
  if (read) lines.push(`Read ${read}${status.listening ? "; changes are told as they happen" : ""}.`);
  return lines.join("\n\n");
}

function escaped(text: string): string {
  return text.replace(/[\\`*_{}[\]()#+\-.!|<>]/g, "\\$&");
}
