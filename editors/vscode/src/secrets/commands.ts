import * as vscode from "vscode";
import type { Connection } from "../client/connection";
import { redact } from "../client/redact";
import type { ServerCommand } from "../environment/resolve";
import { run } from "../environment/run";
import { faultOfUrl, readTest, type TestResult } from "./databaseUrl";

const KEY = "specql.databaseUrl";

/** Keeps the database URL in VS Code's secret storage. */
export class DatabaseUrl {
  constructor(
    private readonly secrets: vscode.SecretStorage,
    private readonly connection: Connection,
    private readonly server: () => Promise<ServerCommand | undefined>,
  ) {}

  async get(): Promise<string | undefined> {
    return await this.secrets.get(KEY);
  }

  /** Asks for a URL, tests it, keeps it, and starts the server with it. */
  async set(): Promise<void> {
    const given = await vscode.window.showInputBox({
      title: "SpecQL: Database URL",
      prompt: "Kept in the secret storage of this VS Code, never in settings. The setting specql.registry.databaseUrl goes before it.",
      placeHolder: "postgresql://user:password@host:5432/database",
      password: true,
      ignoreFocusOut: true,
      validateInput: (text) => (text === "" ? undefined : faultOfUrl(text)),
    });
    if (given === undefined) return;
    const fault = faultOfUrl(given);
    if (fault) {
      void vscode.window.showErrorMessage(fault);
      return;
    }
    const url = given.trim();
    const result = await vscode.window.withProgress(
      { location: vscode.ProgressLocation.Notification, title: "SpecQL: asking the database" },
      () => this.test(url),
    );
    if (!result) return;
    if (!result.works) {
      const chosen = await vscode.window.showWarningMessage(
        `This database does not serve the registry. ${result.sentence}`,
        "Keep It Anyway",
        "Enter Another",
      );
      if (chosen === "Enter Another") await this.set();
      if (chosen !== "Keep It Anyway") return;
    }
    await this.secrets.store(KEY, url);
    await this.connection.restart();
    if (result.works) void vscode.window.showInformationMessage(`The database URL is kept. ${result.sentence}.`);
  }

  async forget(): Promise<void> {
    if ((await this.get()) === undefined) {
      void vscode.window.showInformationMessage("No database URL is kept in the secret storage.");
      return;
    }
    await this.secrets.delete(KEY);
    await this.connection.restart();
    void vscode.window.showInformationMessage("The database URL is forgotten.");
  }

  private async test(url: string): Promise<TestResult | undefined> {
    const server = await this.server();
    if (!server) return undefined;
    const args = [...server.args, "registry", "status", "--json", "--backend", "postgresql"];
    const folder = vscode.workspace.workspaceFolders?.find((each) => each.uri.scheme === "file")?.uri.fsPath;
    // A workspace that nobody trusts may name another database, which is none of this question.
    if (folder && vscode.workspace.isTrusted) args.push("--workspace", folder);
    const outcome = await run(server.command, args, {
      environment: { ...process.env, SPECQL_DB_URL: url },
      timeoutMs: 60_000,
    });
    const complaint = outcome.stderr.trim().split("\n").pop() ?? "";
    this.connection.log.debug(`registry status ended with ${outcome.status ?? "nothing"}. ${redact(complaint)}`);
    return readTest(outcome.stdout, redact(complaint));
  }
}
