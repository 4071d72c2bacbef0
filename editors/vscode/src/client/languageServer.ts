import { homedir } from "node:os";
import * as vscode from "vscode";
import type { Status } from "../api/types";
import type { ServerCommand } from "../environment/resolve";
import { DEFAULT_VARIABLE, type ServerUrls } from "../secrets/serverUrls";
import { logAt, serverLogLevel } from "./channels";
import { type Connection, type ConnectionState, Refusal } from "./connection";
import { Crashes } from "./crashes";
import { isVirtualWorkspace, localFolders, normalisedFolder } from "./folders";
import { ClientCommands } from "./clientCommands";
import { applyEditsOf } from "./edits";
import { clientOptions, QuietClient } from "./options";
import { messageOf, refusalOf } from "./refusals";
import { ServerProcess } from "./serverProcess";
import { inWordsOfVsCode } from "./statusWords";

const MOST_CRASHES = 4;
const CRASH_WINDOW_MS = 3 * 60 * 1000;
const START_MS = 2 * 60 * 1000;
/** Twice that, at most, a restart waits for a server that hangs. */
const STOP_MS = 3000;

/** What the language server needs of the extension. */
export interface HostServices {
  readonly log: vscode.LogOutputChannel;
  /** Every key of the extension's settings, without `specql.`. */
  readonly settingKeys: readonly string[];
  /** Finds the server, or tells the user why there is none; undefined then. */
  command(): Promise<ServerCommand | undefined>;
  /** The database URLs that the user keeps in the secret storage. */
  databaseUrls(): Promise<ServerUrls>;
  /** Has the codes of diagnostics link to their pages. */
  readonly linkDiagnostics: (diagnostics: readonly vscode.Diagnostic[]) => void;
}

interface Session {
  readonly client: QuietClient;
  readonly process: ServerProcess;
}

/** The one language server of a window: started, kept running, and spoken with. */
export class LanguageServer implements Connection {
  private readonly stateEmitter = new vscode.EventEmitter<ConnectionState>();
  private readonly statusEmitter = new vscode.EventEmitter<Status>();
  private readonly catalogsEmitter = new vscode.EventEmitter<void>();
  private readonly domainsEmitter = new vscode.EventEmitter<void>();
  private readonly statuses = new Map<string, Status>();
  private readonly crashes = new Crashes(MOST_CRASHES, CRASH_WINDOW_MS);
  private session: Session | undefined;
  private current: ConnectionState = "idle";
  private turn: Promise<void> = Promise.resolve();
  private pendingRestart: Promise<void> | undefined;
  private startedAt: vscode.LogLevel | undefined;

  readonly onDidChangeState = this.stateEmitter.event;
  readonly onDidChangeStatus = this.statusEmitter.event;
  readonly onDidChangeCatalogs = this.catalogsEmitter.event;
  readonly onDidChangeDomains = this.domainsEmitter.event;

  constructor(private readonly services: HostServices) {}

  get state(): ConnectionState {
    return this.current;
  }

  get log(): vscode.LogOutputChannel {
    return this.services.log;
  }

  get folders(): readonly string[] {
    return localFolders().map((folder) => folder.uri.toString());
  }

  status(folder: string): Status | undefined {
    return this.statuses.get(normalisedFolder(folder));
  }

  async execute<T>(command: string, argument: object): Promise<T> {
    if (!this.session || this.current !== "running") {
      throw new Refusal("The SpecQL language server is not running.", undefined);
    }
    try {
      return await this.session.client.sendRequest<T>("workspace/executeCommand", { command, arguments: [argument] });
    } catch (error) {
      throw refusalOf(error);
    }
  }

  /** Starts the server, unless it runs already or there is no folder on a disk for it. */
  async start(): Promise<void> {
    await this.inTurn(() => this.begin());
  }

  /** Restarts the server; one that does not answer is ended. Several requests at once lead to one restart. */
  async restart(): Promise<void> {
    this.crashes.forget();
    if (this.current === "starting") this.session?.process.kill();
    this.pendingRestart ??= this.inTurn(async () => {
      this.pendingRestart = undefined;
      this.change("starting");
      await this.end();
      await this.begin();
    });
    await this.pendingRestart;
  }

  /** Restarts the server if it was ever started, so that changed settings take effect. */
  async restartUnlessIdle(): Promise<void> {
    if (this.current !== "idle") await this.restart();
  }

  /** Takes the log's level over to the server. */
  async followLogLevel(): Promise<void> {
    const before = this.startedAt;
    if (before === undefined || serverLogLevel(before) === serverLogLevel(this.log.logLevel)) return;
    await this.restartUnlessIdle();
  }

  /** Ends the server for good. */
  async stop(): Promise<void> {
    if (this.current === "starting") this.session?.process.kill();
    await this.inTurn(() => this.end());
    this.change("stopped");
  }

  /** Starts and ends follow one another, however fast they are asked for. */
  private inTurn(work: () => Promise<void>): Promise<void> {
    this.turn = this.turn.then(work, work);
    return this.turn;
  }

  private async begin(): Promise<void> {
    if (this.session) return;
    if (isVirtualWorkspace()) {
      this.log.info("Every folder of this workspace is virtual: there is highlighting, but the server needs files on a disk.");
      this.change("idle");
      return;
    }
    this.change("starting");
    try {
      const command = await this.services.command();
      if (!command) {
        this.change("failed");
        return;
      }
      this.log.info(`Starting ${command.description}.`);
      const session = await this.launch(command);
      this.session = session;
      await this.initialised(session);
      this.log.info("The server is running.");
      this.change("running");
    } catch (error) {
      const words = this.session?.process.lastWords ?? "";
      const reason = words === "" ? messageOf(error) : words;
      await this.end();
      this.change("failed");
      logAt(this.log, "error", `The server could not be started. ${reason}`);
      this.offerLog(`The SpecQL language server could not be started. ${reason}`);
    }
  }

  private async launch(command: ServerCommand): Promise<Session> {
    const urls = await this.services.databaseUrls();
    const server = await ServerProcess.start({
      command: command.command,
      args: [...command.args, ...this.options()],
      // Into the environment and nowhere else: messages can be traced, and arguments be seen by others.
      environment: { ...process.env, ...urls.environment },
      cwd: homedir(),
    });
    const options = clientOptions({
      log: this.log,
      settingKeys: this.services.settingKeys,
      keptUrl: (scope) => {
        const folder = this.folders.find((each) => normalisedFolder(each) === normalisedFolder(scope));
        return folder === undefined ? undefined : urls.reference(folder);
      },
      onClosed: () => void this.inTurn(() => this.recover(session)),
      linkDiagnostics: this.services.linkDiagnostics,
      onSettings: () => session.client.sendNotification("workspace/didChangeConfiguration", { settings: null }),
    });
    const client = new QuietClient("specql", "SpecQL", () => Promise.resolve(server.child), options);
    client.registerFeature(new ClientCommands());
    applyEditsOf(client);
    const session: Session = { client, process: server };
    client.onNotification("specql/registryStatus", (status: Status) => {
      const shown = inWordsOfVsCode(status, DEFAULT_VARIABLE in urls.environment);
      this.statuses.set(normalisedFolder(shown.folder ?? ""), shown);
      this.statusEmitter.fire(shown);
    });
    client.onNotification("specql/catalogsChanged", () => {
      this.catalogsEmitter.fire();
    });
    client.onNotification("specql/domainsChanged", () => {
      this.domainsEmitter.fire();
    });
    return session;
  }

  private options(): string[] {
    this.startedAt = this.log.logLevel;
    const trust = vscode.workspace.isTrusted ? [] : ["--untrusted"];
    return ["serve", "--log-level", serverLogLevel(this.startedAt), ...trust];
  }

  /** Waits until the server has answered; one that never does is ended. */
  private async initialised({ client, process }: Session): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        reject(new Error(`It has not answered within ${START_MS / 60_000} minutes.`));
        process.kill();
      }, START_MS);
    });
    try {
      await Promise.race([client.start(), late]);
    } finally {
      clearTimeout(timer);
    }
  }

  private async end(): Promise<void> {
    const session = this.session;
    this.session = undefined;
    this.statuses.clear();
    if (session) {
      await session.client.dispose(STOP_MS).catch((error: unknown) => this.log.debug(`Stopping: ${messageOf(error)}`));
      await session.process.end(STOP_MS);
    }
  }

  /** A running server has ended by itself: it is started again, but not for ever. */
  private async recover(session: Session): Promise<void> {
    if (this.session !== session) return;
    this.change("starting");
    const isTooMuch = this.crashes.note(Date.now());
    this.log.warn(`The server has ended unexpectedly (${await this.howEnded(session)}).`);
    await this.end();
    if (!isTooMuch) {
      await this.begin();
      return;
    }
    this.change("failed");
    this.offerLog(
      `The SpecQL language server has ended ${this.crashes.count} times within three minutes. It stays off until you restart it.`,
    );
  }

  /** The connection may be closed by a process that lives on. */
  private async howEnded({ process }: Session): Promise<string> {
    await process.end(STOP_MS);
    return await process.ended;
  }

  private offerLog(sentence: string): void {
    void vscode.window.showErrorMessage(sentence, "Restart", "Show Log").then((chosen) => {
      if (chosen === "Show Log") this.log.show();
      else if (chosen === "Restart") void this.restart();
    });
  }

  private change(state: ConnectionState): void {
    if (state === this.current) return;
    this.current = state;
    this.stateEmitter.fire(state);
  }
}
