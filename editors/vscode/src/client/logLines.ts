export type Level = "trace" | "debug" | "info" | "warn" | "error";

/** A line of the log, and how serious it is. */
export interface LogLine {
  readonly level: Level;
  readonly text: string;
}

const SERVER_LINE = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} (DEBUG|INFO|WARNING|ERROR|CRITICAL) (.*)$/;
const CLIENT_LINE = /^\[(Debug|Info|Warn|Error)\s* - [^\]]*\] (.*)$/s;
const LEVELS: Readonly<Record<string, Level>> = {
  DEBUG: "debug",
  INFO: "info",
  WARNING: "warn",
  ERROR: "error",
  CRITICAL: "error",
  Debug: "debug",
  Info: "info",
  Warn: "warn",
  Error: "error",
};

/**
 * Puts a stream of text together to lines with levels. A line that does not begin like one of the server's log
 * belongs to the one before it (a traceback), or is an error, as nothing else is written to stderr.
 */
export class LogLines {
  private rest = "";
  private level: Level = "error";

  /** The lines that are complete now. */
  push(chunk: string): LogLine[] {
    const lines = (this.rest + chunk).split(/\r?\n/);
    this.rest = lines.pop() ?? "";
    return lines.filter((line) => line.trim() !== "").map((line) => this.line(line));
  }

  private line(line: string): LogLine {
    const found = SERVER_LINE.exec(line);
    if (!found) return { level: this.level, text: line };
    this.level = LEVELS[found[1] ?? ""] ?? "info";
    return { level: this.level, text: found[2] ?? "" };
  }
}

/** A line that vscode-languageclient writes of itself (`[Error - 10:00:00] …`), at its level. */
export function clientLine(line: string): LogLine {
  const found = CLIENT_LINE.exec(line);
  if (!found) return { level: "info", text: line };
  return { level: LEVELS[found[1] ?? ""] ?? "info", text: found[2] ?? "" };
}
