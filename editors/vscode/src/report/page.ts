import * as vscode from "vscode";
import type { SpecqlApi } from "../api/api";
import type { PerformanceReport } from "../api/types";
import type { Connection } from "../client/connection";
import { attempt } from "../commands/attempt";
import { folderName } from "../views/registryView";
import { content, page } from "./html";

/** The performance report in an editor tab; one for the window. */
export class ReportPage implements vscode.Disposable {
  private panel: vscode.WebviewPanel | undefined;
  private folder = "";
  private report: PerformanceReport | undefined;

  constructor(
    private readonly api: SpecqlApi,
    private readonly connection: Connection,
  ) {}

  dispose(): void {
    this.panel?.dispose();
  }

  /** Shows the report of a workspace folder as it is now. Throws `Refusal`. */
  async show(folder: string): Promise<void> {
    this.report = await this.api.report(folder);
    this.folder = folder;
    const panel = this.panel ?? this.open();
    const media = vscode.Uri.joinPath(this.media, "report");
    const at = (extension: string) => panel.webview.asWebviewUri(media.with({ path: `${media.path}.${extension}` })).toString();
    panel.webview.html = page(this.report, folderName(folder), { source: panel.webview.cspSource, style: at("css"), script: at("js") });
    panel.reveal();
  }

  private get media(): vscode.Uri {
    const extension = vscode.extensions.getExtension("specql.specql");
    if (!extension) throw new Error("The extension is not installed under its own name.");
    return vscode.Uri.joinPath(extension.extensionUri, "media");
  }

  private open(): vscode.WebviewPanel {
    const panel = vscode.window.createWebviewPanel("specql.report", "SpecQL Performance", vscode.ViewColumn.Active, {
      enableScripts: true,
      localResourceRoots: [this.media],
      retainContextWhenHidden: true,
    });
    panel.webview.onDidReceiveMessage((message: unknown) => void this.receive(message));
    panel.onDidDispose(() => (this.panel = undefined));
    this.panel = panel;
    return panel;
  }

  private async receive(message: unknown): Promise<void> {
    if (message === "copy" && this.report) {
      await vscode.env.clipboard.writeText(`${JSON.stringify(this.report, null, 2)}\n`);
      void vscode.window.setStatusBarMessage("The report is on the clipboard.", 3000);
    }
    if (message !== "refresh" || this.connection.state !== "running") return;
    this.report = await attempt(this.connection, () => this.api.report(this.folder));
    if (this.report) await this.panel?.webview.postMessage({ content: content(this.report) });
  }
}
