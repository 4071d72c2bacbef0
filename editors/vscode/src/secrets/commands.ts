import * as vscode from "vscode";
import { logAt } from "../client/channels";
import { localFolders } from "../client/folders";
import type { LanguageServer } from "../client/languageServer";
import { redact } from "../client/redact";
import { overridesKeptUrl } from "../configuration/settings";
import type { ServerCommand } from "../environment/resolve";
import { run } from "../environment/run";
import { folderName } from "../views/registryView";
import { faultOfUrl, lastLineOf, readTest, type TestResult } from "./databaseUrl";
import { type Place, UrlStore } from "./places";
import { ServerUrls } from "./serverUrls";

const TEST_MS = 60_000;
/** Keeps the database URLs in VS Code's secret storage, and gives them to the server. */
export class DatabaseUrl implements vscode.Disposable {
  private readonly store: UrlStore;
  private readonly listener: vscode.Disposable;
  /** What the running server was started with. */
  private taken: ServerUrls | undefined;

  constructor(
    secrets: vscode.SecretStorage,
    private readonly server: LanguageServer,
    private readonly command: () => Promise<ServerCommand | undefined>,
  ) {
    this.store = new UrlStore(secrets, { folders: localFolderUris, workspaceFile });
    // Another window may have changed it.
    this.listener = secrets.onDidChange(() => void this.follow());
  }

  /** The URLs that a server is started with now. */
  async take(): Promise<ServerUrls> {
    this.taken = new ServerUrls(await this.store.kept(), process.env);
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
    const place = await askForPlace("SpecQL: Which Folders Use This Database URL?", this.store.available());
    if (place === undefined) return;
    await this.store.keep(place, url);
    await this.apply();
    const kept = `The database URL is kept in the secret storage (${spoken(place)}).`;
    if (isOverridden(place)) {
      void vscode.window.showWarningMessage(`${kept} It is not used: the setting specql.registry.databaseUrl of this workspace goes before it.`);
    } else {
      void vscode.window.showInformationMessage(result.works ? `${kept} ${result.sentence}` : kept);
    }
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
    void vscode.window.showInformationMessage(`The database URL is forgotten (${spoken(place)}).`);
  }

  /** Restarts a server that was started with other URLs than are kept now for the folders of this window. */
  async follow(): Promise<void> {
    if (this.server.state !== "idle" && !(await this.isServed())) await this.server.restart();
  }

  /** The storage may have reported the change already. */
  private async apply(): Promise<void> {
    if (this.server.state !== "running" || !(await this.isServed())) await this.server.restart();
  }

  private async isServed(): Promise<boolean> {
    return this.taken?.serves(await this.store.kept(), localFolderUris()) ?? false;
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
    prompt: "Kept in VS Code's secret storage, never in settings. The workspace's setting specql.registry.databaseUrl goes before it.",
    placeHolder: "postgresql://user:password@host:5432/database",
    password: true,
    ignoreFocusOut: true,
    validateInput: (text) => (text === "" ? undefined : faultOfUrl(text)),
  });
  if (given === undefined || given.trim() === "") return undefined;
  return given.trim();
}

/** If there is only one place, no question is asked. The folder of the active editor comes first. */
async function askForPlace(title: string, places: readonly Place[]): Promise<Place | undefined> {
  if (places.length <= 1) return places[0];
  const active = vscode.window.activeTextEditor?.document.uri;
  const folder = active && vscode.workspace.getWorkspaceFolder(active)?.uri.toString();
  const isActive = (place: Place) => place.kind === "folder" && place.folder === folder;
  const items = [...places]
    .sort((one, other) => Number(isActive(other)) - Number(isActive(one)))
    .map((place) => ({ ...inWords(place), place }));
  return (await vscode.window.showQuickPick(items, { title, placeHolder: "Which folders is it for?", ignoreFocusOut: true }))?.place;
}

function inWords(place: Place): { readonly label: string; readonly detail: string } {
  switch (place.kind) {
    case "folder":
      return {
        label: `The folder ${folderName(place.folder)}`,
        detail: "Used for this folder only; goes before its specql-lsp.toml",
      };
    case "workspace":
      return { label: "All folders of this workspace", detail: "Used where a folder's specql-lsp.toml names no database" };
    case "everywhere":
      return { label: "All folders", detail: "Used in every window where a folder's specql-lsp.toml names no database" };
  }
}

function spoken(place: Place): string {
  const { label } = inWords(place);
  return label.charAt(0).toLowerCase() + label.slice(1);
}

/** Whether a setting of the workspace or the folder goes before a URL that is kept for the folder. */
function isOverridden(place: Place): boolean {
  if (place.kind !== "folder") return false;
  const settings = vscode.workspace.getConfiguration("specql", vscode.Uri.parse(place.folder));
  return overridesKeptUrl(settings.inspect("registry.databaseUrl"), vscode.workspace.isTrusted);
}

function localFolderUris(): readonly string[] {
  return localFolders().map((folder) => folder.uri.toString());
}

function workspaceFile(): string | undefined {
  const file = vscode.workspace.workspaceFile;
  return file && file.scheme !== "untitled" ? file.toString() : undefined;
}
