/** What is wrong with a database URL before anybody is asked, as a sentence; undefined where nothing is. */
export function faultOfUrl(text: string): string | undefined {
  const url = text.trim();
  if (url === "") return "Give a libpq URI (postgresql://user:password@host/database) or DSN (host=… dbname=…).";
  if (/^postgres(ql)?:\/\/\S+$/i.test(url)) return undefined;
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(url)) return "The URL of a PostgreSQL begins with postgresql://.";
  if (/^\s*[a-z_]+\s*=/i.test(url)) return undefined;
  return "This is neither a libpq URI (postgresql://user:password@host/database) nor a DSN (host=… dbname=…).";
}

/** What a look at the database said. */
export interface TestResult {
  readonly works: boolean;
  /** A sentence without any password. */
  readonly sentence: string;
}

/**
 * Reads what `specql-lsp registry status --json` printed about a URL.
 *
 * @param stdout its output
 * @param complaint the last line on stderr, where it printed none
 */
export function readTest(stdout: string, complaint: string): TestResult {
  let said: unknown;
  try {
    said = JSON.parse(stdout);
  } catch {
    return { works: false, sentence: complaint || "The server could not be asked about the database." };
  }
  const answer = said as {
    source?: string; stale?: boolean; writable?: boolean; reason?: string; server?: string | null;
    domains?: number | null; entities?: number | null; error?: { message?: string };
  };
  if (answer.error) return { works: false, sentence: answer.error.message ?? complaint };
  if (answer.source !== "postgresql" || answer.stale) {
    return { works: false, sentence: answer.reason ?? "PostgreSQL does not answer." };
  }
  const held = `${answer.domains ?? 0} domains, ${answer.entities ?? 0} entities`;
  const writable = answer.writable ? "writable" : `read-only. ${answer.reason ?? ""}`.trim();
  return { works: true, sentence: `${answer.server ?? "PostgreSQL"} answers: ${held}, ${writable}` };
}
