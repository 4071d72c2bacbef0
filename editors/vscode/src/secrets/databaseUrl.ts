const WHAT_IT_IS = "a libpq URI (postgresql://user:password@host/database) or DSN (host=… dbname=…)";

/** What is wrong with a database URL before anybody is asked, as a sentence; undefined where nothing is. */
export function faultOfUrl(text: string): string | undefined {
  const url = text.trim();
  if (url === "") return `Give ${WHAT_IT_IS}.`;
  if (url.includes("\0") || /[\r\n]/.test(url)) return "A database URL is one line.";
  if (/^postgres(ql)?:\/\//i.test(url)) {
    return /\s/.test(url) ? "A URI has no spaces; write one in a password as %20." : undefined;
  }
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(url)) return "The URL of a PostgreSQL begins with postgresql://.";
  return /^[a-z_]+\s*=/i.test(url) ? undefined : `This is not ${WHAT_IT_IS}.`;
}

/** What a look at the database said. */
export interface TestResult {
  readonly works: boolean;
  /** A sentence without any password. */
  readonly sentence: string;
}

/** The last line of a text that is not empty. */
export function lastLineOf(text: string): string {
  return text.trimEnd().split(/\r?\n/).pop()?.trim() ?? "";
}

/** The part of `specql-lsp registry status --json` that is read; whatever is missing counts as unknown. */
interface Answer {
  readonly source?: string;
  readonly stale?: boolean;
  readonly writable?: boolean;
  readonly reason?: string;
  readonly server?: string | null;
  readonly domains?: number | null;
  readonly entities?: number | null;
  readonly error?: { readonly message?: string };
}

/**
 * Reads what `specql-lsp registry status --json` printed about a URL.
 *
 * @param stdout its output
 * @param complaint the last line on stderr, for where it printed nothing
 */
export function readTest(stdout: string, complaint: string): TestResult {
  const answer = parsed(stdout);
  if (!answer) return { works: false, sentence: complaint || "The server could not be asked about the database." };
  if (answer.error) return { works: false, sentence: answer.error.message ?? complaint };
  if (answer.source !== "postgresql" || answer.stale) {
    return { works: false, sentence: answer.reason || "PostgreSQL does not answer." };
  }
  const held = `${counted(answer.domains, "domain", "domains")} and ${counted(answer.entities, "entity", "entities")}`;
  const writable = answer.writable ? "writable" : "read-only";
  const reason = answer.writable || !answer.reason ? "" : ` ${answer.reason}`;
  return { works: true, sentence: `${answer.server ?? "PostgreSQL"} answers: ${held}, ${writable}.${reason}` };
}

function parsed(stdout: string): Answer | undefined {
  try {
    const said: unknown = JSON.parse(stdout);
    return typeof said === "object" && said !== null ? said : undefined;
  } catch {
    return undefined;
  }
}

function counted(number: number | null | undefined, one: string, many: string): string {
  return `${number ?? 0} ${number === 1 ? one : many}`;
}
