import * as vscode from "vscode";
import { type Connection, Refusal } from "../client/connection";
import { type Obstacle, obstacleTo, obstacleToAllocation, type Remedy } from "./obstacles";

const REMEDIES: Readonly<Record<string, Remedy>> = {
  "registry-unavailable": { title: "Retry", command: "specql.refresh" },
  "registry-read-only": { title: "Show Status", command: "specql.showStatus" },
  conflict: { title: "Check Again", command: "specql.check" },
};

/**
 * Says why a folder's registry cannot be written, with buttons that may help, before the user is asked for anything.
 *
 * @param what cannot be done, such as "No code can be allocated"
 * @returns whether it was refused
 */
export function refusedBeforehand(connection: Connection, folder: string, what: string): boolean {
  return refuses(connection.state === "running" ? obstacleTo(connection.status(folder), what) : undefined);
}

/** Says why a folder's registry gives no code, neither a new one nor a leased one; whether it was refused. */
export function allocationRefusedBeforehand(connection: Connection, folder: string): boolean {
  return refuses(connection.state === "running" ? obstacleToAllocation(connection.status(folder)) : undefined);
}

function refuses(obstacle: Obstacle | undefined): boolean {
  if (!obstacle) return false;
  void vscode.window.showErrorMessage(obstacle.sentence, ...obstacle.remedies.map((each) => each.title)).then((chosen) => {
    const remedy = obstacle.remedies.find((each) => each.title === chosen);
    if (remedy) void vscode.commands.executeCommand(remedy.command);
  });
  return true;
}

/** The same as `withErrorMessage`, for what may take a while: the status bar says what goes on. */
export async function withProgress<T>(connection: Connection, doing: string, run: () => Promise<T>): Promise<T | undefined> {
  const options = { location: vscode.ProgressLocation.Window, title: `SpecQL: ${doing}` };
  return await vscode.window.withProgress(options, () => withErrorMessage(connection, run));
}

/**
 * Runs a request of the server and shows its refusal as an error message, with a button if one helps.
 *
 * @returns what `run` gives; undefined if it was refused
 */
export async function withErrorMessage<T>(connection: Connection, run: () => Promise<T>): Promise<T | undefined> {
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
