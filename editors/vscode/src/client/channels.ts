import * as vscode from "vscode";
import { clientLine, type Level, LogLines } from "./logLines";
import { redact } from "./redact";

/** Writes a line into a log at a level; no password gets there. */
export function logAt(log: vscode.LogOutputChannel, level: Level, text: string): void {
  log[level](redact(text));
}

/**
 * The channel that vscode-languageclient writes to: what the server says on stderr becomes lines of the log at the
 * server's levels, and what the client says of itself at its own.
 */
export function serverChannel(log: vscode.LogOutputChannel): vscode.OutputChannel {
  const lines = new LogLines();
  const append = (text: string) => {
    for (const line of lines.push(text)) logAt(log, line.level, line.text);
  };
  const appendLine = (text: string) => {
    const line = clientLine(text);
    logAt(log, line.level, line.text);
  };
  return forwarding(log, append, appendLine);
}

/** The channel for the protocol's trace (`specql.trace.server`). */
export function traceChannel(log: vscode.LogOutputChannel): vscode.OutputChannel {
  let rest = "";
  const append = (text: string) => {
    rest += text;
  };
  const appendLine = (text: string) => {
    logAt(log, "info", rest + text);
    rest = "";
  };
  return forwarding(log, append, appendLine);
}

function forwarding(
  log: vscode.LogOutputChannel,
  append: (text: string) => void,
  appendLine: (text: string) => void,
): vscode.OutputChannel {
  return {
    name: log.name,
    append,
    appendLine,
    replace: appendLine,
    clear: () => undefined,
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- the interface has the old overload, too
    show: () => {
      log.show();
    },
    hide: () => {
      log.hide();
    },
    dispose: () => undefined,
  };
}

const SERVER_LEVELS: Readonly<Record<vscode.LogLevel, string>> = {
  [vscode.LogLevel.Off]: "error",
  [vscode.LogLevel.Trace]: "debug",
  [vscode.LogLevel.Debug]: "debug",
  [vscode.LogLevel.Info]: "info",
  [vscode.LogLevel.Warning]: "warning",
  [vscode.LogLevel.Error]: "error",
};

/** The server's `--log-level` for a level of the channel. */
export function serverLogLevel(level: vscode.LogLevel): string {
  return SERVER_LEVELS[level];
}
