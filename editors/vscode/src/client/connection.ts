import type * as vscode from "vscode";
import type { Status } from "../api/types";

/** How the server fares, as the client sees it. `idle`: there is nothing for it to do here. */
export type ConnectionState = "idle" | "starting" | "running" | "stopped" | "failed";

/** A command that the server refused: the message is a sentence to show, the kind one of its interface's. */
export class Refusal extends Error {
  constructor(
    message: string,
    readonly kind: string | undefined,
  ) {
    super(message);
    this.name = "Refusal";
  }
}

/** What views and commands know of the server. */
export interface Connection {
  readonly state: ConnectionState;
  readonly onDidChangeState: vscode.Event<ConnectionState>;
  /** The URIs of the workspace folders, as the server knows them. */
  readonly folders: readonly string[];
  /** What a folder's registry last said of itself. */
  status(folder: string): Status | undefined;
  readonly onDidChangeStatus: vscode.Event<Status>;
  /** Files of a folder define other patterns or services than before; sent once something has asked for catalogs. */
  readonly onDidChangeCatalogs: vscode.Event<void>;
  /** Files of a folder use other table codes or define other entities; sent once something has asked for domains. */
  readonly onDidChangeDomains: vscode.Event<void>;
  readonly log: vscode.LogOutputChannel;
  /**
   * Runs a command of the server (`workspace/executeCommand`).
   *
   * @throws Refusal when the server refuses it, or when it is not running.
   */
  execute<T>(command: string, argument: object): Promise<T>;
  restart(): Promise<void>;
}
