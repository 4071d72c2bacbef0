import * as vscode from "vscode";
import type { SpecqlApi } from "../api/api";
import type { Connection } from "../client/connection";

export const SCHEME = "specql-registry";

/** The registry YAML as PostgreSQL would have it, as read-only documents: one for each workspace folder. */
export class DiffDocuments implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  private readonly shown = new Map<string, vscode.Uri>();
  private readonly subscriptions: vscode.Disposable[];

  readonly onDidChange = this.changed.event;

  constructor(
    connection: Connection,
    private readonly api: SpecqlApi,
  ) {
    this.subscriptions = [
      this.changed,
      vscode.workspace.registerTextDocumentContentProvider(SCHEME, this),
      vscode.workspace.onDidCloseTextDocument((document) => this.shown.delete(document.uri.toString())),
      connection.onDidChangeStatus(() => this.again()),
      vscode.workspace.onDidSaveTextDocument(() => this.again()),
    ];
  }

  dispose(): void {
    for (const each of this.subscriptions) each.dispose();
  }

  /** Opens the diff editor: what PostgreSQL holds is on the right, so that what it adds shows as added. */
  async open(folder: string): Promise<void> {
    const { uri } = await this.api.registryAsYaml(folder);
    const file = vscode.Uri.parse(uri);
    const name = file.path.split("/").pop() ?? "registry.yaml";
    const virtual = vscode.Uri.from({ scheme: SCHEME, path: file.path, query: folder });
    await vscode.commands.executeCommand("vscode.diff", file, virtual, `${name} ↔ PostgreSQL`);
  }

  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    this.shown.set(uri.toString(), uri);
    try {
      return (await this.api.registryAsYaml(uri.query)).text;
    } catch (error) {
      return `# ${error instanceof Error ? error.message : String(error)}\n`;
    }
  }

  private again(): void {
    for (const uri of this.shown.values()) this.changed.fire(uri);
  }
}
