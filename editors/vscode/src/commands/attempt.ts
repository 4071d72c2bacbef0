import * as vscode from "vscode";
import { type Connection, Refusal } from "../client/connection";

const REMEDIES: Readonly<Record<string, { readonly title: string; readonly command: string }>> = {
  "registry-unavailable": { title: "Retry", command: "specql.refresh" },
  "registry-read-only": { title: "Show Status", command: "specql.showStatus" },
  conflict: { title: "Check Again", command: "specql.check" },
};

/**
 * Runs what may be refused; a refusal is shown as its sentence, with a button where one helps.
 *
 * @returns what `run` gives; undefined where it was refused
 */
export async function attempt<T>(connection: Connection, run: () => Promise<T>): Promise<T | undefined> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const remedy = connection.state === "running" ? REMEDIES[error.kind ?? ""] : { title: "Restart Server", command: "specql.restartServer" };
    void vscode.window.showErrorMessage(error.message, ...(remedy ? [remedy.title] : [])).then((chosen) => {
      if (remedy && chosen === remedy.title) void vscode.commands.executeCommand(remedy.command);
    });
    return undefined;
  }
}
