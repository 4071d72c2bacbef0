import * as vscode from "vscode";
import {
  CloseAction,
  ErrorAction,
  type Executable,
  LanguageClient,
  type LanguageClientOptions,
  ResponseError,
  RevealOutputChannelOn,
  State,
} from "vscode-languageclient/node";
import type { Status } from "../api/types";
import { explicitValue, isServerSetting, serverSettings } from "../configuration/settings";
import type { ServerCommand } from "../environment/resolve";
import { serverChannel, serverLogLevel, traceChannel } from "./channels";
import { type Connection, type ConnectionState, Refusal } from "./connection";
import { redact } from "./redact";

const MOST_CRASHES = 4;
const CRASH_WINDOW_MS = 3 * 60 * 1000;

/** What the language server needs of the extension. */
export interface Surroundings {
  readonly log: vscode.LogOutputChannel;
  /** Every key of the extension's settings, without `specql.`. */
  readonly settingKeys: readonly string[];
  /** Finds the server, or tells the user why there is none; undefined then. */
  command(): Promise<ServerCommand | undefined>;
  /** The database URL that the user keeps in the secret storage. */
  databaseUrl(): Promise<string | undefined>;
}

/** The one language client of a window: starts the server, keeps it running, and speaks with it. */
export class LanguageServer implements Connection, vscode.Disposable {
  private readonly stateEmitter = new vscode.EventEmitter<ConnectionState>();
  private readonly statusEmitter = new vscode.EventEmitter<Status>();
  private readonly statuses = new Map<string, Status>();
  private client: LanguageClient | undefined;
  private current: ConnectionState = "idle";
  private crashes: number[] = [];
  private pending: Promise<void> = Promise.resolve();

  readonly onDidChangeState = this.stateEmitter.event;
  readonly onDidChangeStatus = this.statusEmitter.event;

  constructor(private readonly surroundings: Surroundings) {}

  get state(): ConnectionState {
    return this.current;
  }

  get log(): vscode.LogOutputChannel {
    return this.surroundings.log;
  }

  get folders(): readonly string[] {
    return localFolders().map((folder) => folder.uri.toString());
  }

  status(folder: string): Status | undefined {
    return this.statuses.get(normalized(folder));
  }

  async execute<T>(command: string, argument: object): Promise<T> {
    const client = this.client;
    if (!client || this.current !== "running") {
      throw new Refusal("The SpecQL language server is not running.", undefined);
    }
    try {
      return await client.sendRequest<T>("workspace/executeCommand", { command, arguments: [argument] });
    } catch (error) {
      throw refusalOf(error);
    }
  }

  /** Starts the server where there is something for it to do. */
  async start(): Promise<void> {
    await this.inTurn(() => this.begin());
  }

  async restart(): Promise<void> {
    this.crashes = [];
    await this.inTurn(async () => {
      await this.end();
      await this.begin();
    });
  }

  async stop(): Promise<void> {
    await this.inTurn(() => this.end());
  }

  dispose(): void {
    void this.stop().finally(() => {
      this.stateEmitter.dispose();
      this.statusEmitter.dispose();
    });
  }

  /** Starts and stops follow one another, however fast they are asked for. */
  private inTurn(work: () => Promise<void>): Promise<void> {
    this.pending = this.pending.then(work, work);
    return this.pending;
  }

  private async begin(): Promise<void> {
    if (this.client) return;
    if (localFolders().length === 0 && (vscode.workspace.workspaceFolders?.length ?? 0) > 0) {
      this.log.info("Every folder of this workspace is virtual, so there is only highlighting: the server needs files on a disk.");
      this.change("idle");
      return;
    }
    this.change("starting");
    try {
      const command = await this.surroundings.command();
      if (!command) {
        this.change("failed");
        return;
      }
      this.log.info(`Starting ${command.description}.`);
      const client = new LanguageClient("specql", "SpecQL", await this.executable(command), this.options());
      client.onDidChangeState(({ newState }) => this.followClient(client, newState));
      client.onNotification("specql/registryStatus", (status: Status) => this.take(status));
      this.client = client;
      await client.start();
    } catch (error) {
      this.log.error(`The server could not be started. ${messageOf(error)}`);
      await this.end();
      this.change("failed");
      this.offerLog("The SpecQL language server could not be started.");
    }
  }

  private async end(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    this.statuses.clear();
    if (client) {
      await client.dispose(5000).catch((error: unknown) => this.log.debug(`Stopping: ${messageOf(error)}`));
    }
    this.change("stopped");
  }

  private async executable(command: ServerCommand): Promise<Executable> {
    const environment: NodeJS.ProcessEnv = { ...process.env, PYTHONUNBUFFERED: "1" };
    const secret = await this.surroundings.databaseUrl();
    // Into the environment and nowhere else: messages can be traced, and arguments be seen by others.
    if (secret) environment["SPECQL_DB_URL"] = secret;
    const trust = vscode.workspace.isTrusted ? [] : ["--untrusted"];
    const args = [...command.args, "serve", "--log-level", serverLogLevel(this.log.logLevel), ...trust];
    return { command: command.command, args, options: { env: environment } };
  }

  private options(): LanguageClientOptions {
    const log = serverChannel(this.log);
    return {
      documentSelector: [
        { scheme: "file", language: "specql" },
        { scheme: "untitled", language: "specql" },
      ],
      outputChannel: log,
      traceOutputChannel: traceChannel(this.log),
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      markdown: { isTrusted: false, supportHtml: false },
      middleware: {
        workspace: {
          configuration: (params) => params.items.map((item) => this.configuration(item.section, item.scopeUri)),
          didChangeConfiguration: async () => {
            await this.client?.sendNotification("workspace/didChangeConfiguration", { settings: null });
          },
        },
      },
      initializationFailedHandler: (error) => {
        this.log.error(`initialize failed: ${messageOf(error)}`);
        return false;
      },
      errorHandler: {
        error: (error) => {
          this.log.error(`The connection has a fault: ${redact(error.message)}`);
          return { action: ErrorAction.Continue };
        },
        closed: () => this.closed(),
      },
    };
  }

  private configuration(section: string | undefined, scope: string | undefined): unknown {
    if (section !== "specql") return null;
    const configuration = vscode.workspace.getConfiguration("specql", scope ? vscode.Uri.parse(scope) : null);
    return serverSettings(this.surroundings.settingKeys, (key) => configuration.inspect(key), vscode.workspace.isTrusted);
  }

  private closed() {
    const now = Date.now();
    this.crashes = [...this.crashes.filter((at) => now - at < CRASH_WINDOW_MS), now];
    if (this.crashes.length <= MOST_CRASHES) {
      this.log.warn("The server has ended unexpectedly and is started again.");
      return { action: CloseAction.Restart, handled: true };
    }
    this.client = undefined;
    this.statuses.clear();
    this.change("failed");
    this.offerLog(`The SpecQL language server has ended ${this.crashes.length} times within three minutes. It stays off until you restart it.`);
    return { action: CloseAction.DoNotRestart, handled: true };
  }

  private offerLog(sentence: string): void {
    void vscode.window.showErrorMessage(sentence, "Restart", "Show Log").then((chosen) => {
      if (chosen === "Show Log") this.log.show();
      else if (chosen === "Restart") void this.restart();
    });
  }

  private followClient(client: LanguageClient, state: State): void {
    if (client !== this.client) return;
    if (state === State.Running) this.change("running");
    else if (state === State.Starting) this.change("starting");
    else if (this.current === "running") this.change("starting");
  }

  private take(status: Status): void {
    this.statuses.set(normalized(status.folder ?? ""), status);
    this.statusEmitter.fire(status);
  }

  private change(state: ConnectionState): void {
    if (state === this.current) return;
    this.current = state;
    this.stateEmitter.fire(state);
  }
}

/** The folders that are on a disk. */
export function localFolders(): readonly vscode.WorkspaceFolder[] {
  return (vscode.workspace.workspaceFolders ?? []).filter((folder) => folder.uri.scheme === "file");
}

/** An explicit setting of the extension itself, unless an untrusted workspace says it. */
export function ownSetting(key: string): unknown {
  if (isServerSetting(key)) throw new Error(`${key} is a setting of the server`);
  return explicitValue(vscode.workspace.getConfiguration("specql").inspect(key), key, vscode.workspace.isTrusted);
}

function refusalOf(error: unknown): Refusal {
  if (error instanceof ResponseError) {
    const data: unknown = error.data;
    const kind = typeof data === "object" && data !== null && "kind" in data ? String(data.kind) : undefined;
    return new Refusal(error.message, kind);
  }
  return new Refusal(messageOf(error), undefined);
}

function messageOf(error: unknown): string {
  return redact(error instanceof Error ? error.message : String(error));
}

/** Folders are written differently by the server and the editor (escapes, a slash at the end). */
function normalized(uri: string): string {
  return uri === "" ? "" : vscode.Uri.parse(uri).toString().replace(/\/$/, "");
}
