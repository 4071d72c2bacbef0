import * as vscode from "vscode";
import { logAt } from "../client/channels";
import { localFolders } from "../client/folders";
import type { LanguageServer } from "../client/languageServer";
import { redact } from "../client/redact";
import type { ServerCommand } from "../environment/resolve";
import { run } from "../environment/run";
import { faultOfUrl, lastLineOf, readTest, type TestResult } from "./databaseUrl";
import { type Place, UrlStore } from "./places";

const TEST_MS = 60_000;
const PLACES: Readonly<Record<Place, string>> = { workspace: "This workspace", everywhere: "Every workspace" };
const DETAILS: Readonly<Record<Place, string>> = {
  workspace: "Used for this workspace only",
  everywhere: "Used for each workspace that has no URL of its own",
};

/** Keeps the database URL in VS Code's secret storage, and gives it to the server. */
export class DatabaseUrl implements vscode.Disposable {
  private readonly store: UrlStore;
  private readonly listener: vscode.Disposable;
  /** What the running server was started with. */
  private taken: string | undefined;

  constructor(
    secrets: vscode.SecretStorage,
    private readonly server: LanguageServer,
    private readonly command: () => Promise<ServerCommand | undefined>,
  ) {
    this.store = new UrlStore(secrets, workspaceName);
    // Another window may have changed it.
    this.listener = secrets.onDidChange(() => void this.follow());
  }

  /** The URL that a server is started with now. */
  async take(): Promise<string | undefined> {
    this.taken = await this.store.get();
    return this.taken;
  }

  dispose(): void {
    this.listener.dispose();
  }

  /** Asks for a URL, tests it, keeps it, and starts the server with it. */
  async set(): Promise<void> {
    const url = await askForUrl();
    if (url === undefined) return;
    const result = await this.tested(url);
    if (!result) return;
    if (!result.works) {
      const sentence = `This database does not serve the registry. ${result.sentence}`;
      const chosen = await vscode.window.showWarningMessage(sentence, "Enter Another", "Keep It Anyway");
      if (chosen === "Enter Another") {
        await this.set();
        return;
      }
      if (chosen === undefined) return;
    }
    const place = await askForPlace("SpecQL: Where Is This Database URL Used?", placesNow());
    if (place === undefined) return;
    await this.store.keep(place, url);
    await this.apply();
    const kept = `The database URL is kept in the secret storage (${PLACES[place].toLowerCase()}).`;
    void vscode.window.showInformationMessage(result.works ? `${kept} ${result.sentence}` : kept);
  }

  /** Forgets a URL that is kept, and starts the server without it. */
  async forget(): Promise<void> {
    const places = await this.store.places();
    if (places.length === 0) {
      void vscode.window.showInformationMessage("No database URL is kept in the secret storage.");
      return;
    }
    const place = await askForPlace("SpecQL: Which Database URL Is to Be Forgotten?", places);
    if (place === undefined) return;
    await this.store.forget(place);
    await this.apply();
    void vscode.window.showInformationMessage("The database URL is forgotten.");
  }

  /** A window whose server runs with another URL than is kept now starts it anew. */
  private async follow(): Promise<void> {
    if (this.server.state !== "idle" && (await this.store.get()) !== this.taken) await this.server.restart();
  }

  /** The storage may have told of the change already. */
  private async apply(): Promise<void> {
    if (this.server.state !== "running" || (await this.store.get()) !== this.taken) await this.server.restart();
  }

  private async tested(url: string): Promise<TestResult | undefined> {
    const options = { location: vscode.ProgressLocation.Notification, title: "SpecQL: asking the database", cancellable: false };
    return await vscode.window.withProgress(options, () => this.test(url));
  }

  /** Asks the server's command line about a URL, which is in its environment and nowhere else. */
  private async test(url: string): Promise<TestResult | undefined> {
    const server = await this.command();
    if (!server) return undefined;
    const args = [...server.args, "registry", "status", "--json", "--backend", "postgresql"];
    const environment = { ...process.env, SPECQL_DB_URL: url };
    const outcome = await run(server.command, args, { environment, timeoutMs: TEST_MS });
    const complaint = redact(lastLineOf(outcome.stderr));
    logAt(this.server.log, "debug", `registry status ended with ${outcome.status ?? "nothing"}. ${complaint}`);
    return readTest(outcome.stdout, complaint);
  }
}

async function askForUrl(): Promise<string | undefined> {
  const given = await vscode.window.showInputBox({
    title: "SpecQL: Database URL",
    prompt: "Kept in VS Code's secret storage, never in settings. The setting specql.registry.databaseUrl goes before it.",
    placeHolder: "postgresql://user:password@host:5432/database",
    password: true,
    ignoreFocusOut: true,
    validateInput: (text) => (text === "" ? undefined : faultOfUrl(text)),
  });
  if (given === undefined || given.trim() === "") return undefined;
  return given.trim();
}

/** Where there is only one place, nobody is asked. */
async function askForPlace(title: string, places: readonly Place[]): Promise<Place | undefined> {
  if (places.length <= 1) return places[0];
  const items = places.map((place) => ({ label: PLACES[place], detail: DETAILS[place], place }));
  return (await vscode.window.showQuickPick(items, { title, ignoreFocusOut: true }))?.place;
}

function placesNow(): readonly Place[] {
  return workspaceName() === undefined ? ["everywhere"] : ["workspace", "everywhere"];
}

/** What a workspace is known by: its file, or its first folder. */
function workspaceName(): string | undefined {
  const file = vscode.workspace.workspaceFile;
  if (file && file.scheme !== "untitled") return file.toString();
  return localFolders()[0]?.uri.toString();
}
