import type { ConnectionState } from "../client/connection";
import type { Status } from "../api/types";

/** How the registry's state is shown: a short text with an icon, and longer ones. */
export interface Presentation {
  /** Codicon and words for the status bar. */
  readonly text: string;
  /** A few words for the language status item. */
  readonly detail: string;
  /** How old the answers are, in words; empty where that is unknown. */
  readonly age: string;
  /** Markdown, for a tooltip. */
  readonly tooltip: string;
  readonly severity: "information" | "warning" | "error";
  readonly busy: boolean;
}

const STATES: Readonly<Record<Exclude<ConnectionState, "running">, Presentation>> = {
  idle: {
    text: "$(database) SpecQL",
    detail: "not running",
    age: "",
    tooltip: "The SpecQL language server has nothing to do here.",
    severity: "information",
    busy: false,
  },
  starting: {
    text: "$(loading~spin) SpecQL",
    detail: "starting",
    age: "",
    tooltip: "The SpecQL language server is starting.",
    severity: "information",
    busy: true,
  },
  stopped: {
    text: "$(debug-disconnect) SpecQL",
    detail: "stopped",
    age: "",
    tooltip: "The SpecQL language server is not running.",
    severity: "warning",
    busy: false,
  },
  failed: {
    text: "$(error) SpecQL",
    detail: "not running",
    age: "",
    tooltip: "The SpecQL language server could not be run. Its log says why.",
    severity: "error",
    busy: false,
  },
};

const READING: Presentation = {
  text: "$(loading~spin) SpecQL",
  detail: "reading the registry",
  age: "",
  tooltip: "The registry is being read.",
  severity: "information",
  busy: true,
};

const NAMES: Readonly<Record<Status["source"], string>> = {
  postgresql: "PostgreSQL",
  yaml: "YAML",
  snapshot: "snapshot",
  in_memory: "in memory",
  none: "no registry",
};

/**
 * The presentation of a folder's registry.
 *
 * @param state how the server fares
 * @param status what the folder's registry last said; undefined before it has
 * @param now the time, in milliseconds since 1970
 * @param folder the folder's name, where a window has several
 */
export function present(state: ConnectionState, status: Status | undefined, now: number, folder = ""): Presentation {
  if (state !== "running") return STATES[state];
  if (!status) return READING;
  const differences = status.discrepancies ?? 0;
  const name = sourceName(status);
  const isReadOnly = status.source !== "none" && !status.writable;
  const severity = severityOf(status, differences);
  const icon = severity === "error" ? "$(error)" : status.source === "none" || isDegraded(status) ? "$(warning)" : "$(database)";
  const lock = isReadOnly ? " $(lock)" : "";
  const drift = differences > 0 ? ` $(diff) ${differences}` : "";
  return {
    text: `${icon} SpecQL: ${name}${lock}${drift}`,
    detail: [name, isReadOnly ? "read-only" : "", count(status.leased ?? null, "leased code"), count(differences, "difference")].filter(Boolean).join(", "),
    age: readAge(status, now),
    tooltip: tooltip(status, name, now, folder),
    severity,
    busy: false,
  };
}

/** Which source answers, in a word or two. */
export function sourceName(status: Status): string {
  const name = NAMES[status.source];
  return status.stale && status.source !== "none" ? `${name} (stale)` : name;
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
  if (number === 1) return `1 ${noun}`;
  return `${number} ${noun.endsWith("y") ? `${noun.slice(0, -1)}ies` : `${noun}s`}`;
}

function severityOf(status: Status, differences: number): Presentation["severity"] {
  // Without a database that was wanted, it may be a file that somebody has just opened.
  if (status.source === "none") return status.server === null ? "warning" : "error";
  return isDegraded(status) || differences > 0 ? "warning" : "information";
}

/** Whether something worse answers than was wanted. A YAML that is all there is, is not. */
function isDegraded(status: Status): boolean {
  return status.stale || ((status.source === "yaml" || status.source === "snapshot") && status.server !== null);
}

function readAge(status: Status, now: number): string {
  const read = age(status.loadedAt, now);
  return read === "" ? "" : `Read ${read}`;
}

function tooltip(status: Status, name: string, now: number, folder: string): string {
  const writable = status.source === "none" ? "" : status.writable ? " · writable" : " · read-only";
  const lines = [`**SpecQL registry: ${name}**${writable}`];
  if (folder) lines.push(`Folder: ${escaped(folder)}`);
  const from = status.databaseFrom ? ` (its URL is from ${escaped(status.databaseFrom)})` : "";
  if (status.server) lines.push(`Database: ${escaped(status.server)}${from}`);
  if (status.reason) lines.push(escaped(status.reason));
  const held = [count(status.domains, "domain"), count(status.subdomains, "subdomain"), count(status.entities, "entity")].filter(Boolean);
  if (held.length > 0) lines.push(held.join(", "));
  if (status.discrepancies !== null) lines.push(agreement(status.discrepancies));
  const read = readAge(status, now);
  if (read) lines.push(`${read}${status.listening ? "; changes are shown as they happen" : ""}.`);
  return lines.join("\n\n");
}

function agreement(differences: number): string {
  return differences === 0 ? "PostgreSQL and the YAML agree." : `PostgreSQL and the YAML differ in ${count(differences, "place")}.`;
}

/** A text as Markdown that shows it as it is. */
function escaped(text: string): string {
  return text.replace(/[\\`*_{}[\]()#+\-.!|<>~$&]/g, "\\$&");
}
