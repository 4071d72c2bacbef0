import * as vscode from "vscode";
import type { SpecqlApi } from "../api/api";
import type { PerformanceReport } from "../api/types";
import { messageOf } from "../client/refusals";
import { folderName } from "../views/registryView";
import { content, page } from "./html";

/** The performance report in an editor tab; one for the window. */
export class ReportPage implements vscode.Disposable {
  private panel: vscode.WebviewPanel | undefined;
  private folder = "";
  private report: PerformanceReport | undefined;

  constructor(private readonly api: SpecqlApi) {}

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
      await vscode.env.clipboard.writeText(asJson(this.report));
      await this.say("The report is on the clipboard.");
    }
    if (message === "save" && this.report) await this.save(this.report);
    // A page in the background is not looked at.
    if (message === "refresh" && this.panel?.visible) await this.refresh();
  }

  private async refresh(): Promise<void> {
    try {
      this.report = await this.api.report(this.folder);
    } catch (error) {
      await this.say(messageOf(error));
      return;
    }
    await this.panel?.webview.postMessage({ content: content(this.report) });
  }

  private async save(report: PerformanceReport): Promise<void> {
    const defaultUri = vscode.Uri.joinPath(vscode.Uri.parse(this.folder), "specql-performance.json");
    const file = await vscode.window.showSaveDialog({ defaultUri, filters: { JSON: ["json"] }, title: "Save the Performance Report" });
    if (!file) return;
    try {
      await vscode.workspace.fs.writeFile(file, new TextEncoder().encode(asJson(report)));
      await this.say(`The report is saved in ${vscode.workspace.asRelativePath(file)}.`);
    } catch (error) {
      void vscode.window.showErrorMessage(`The report could not be saved. ${messageOf(error)}`);
    }
  }

  /** Shows a sentence beside the page's buttons. */
  private async say(sentence: string): Promise<void> {
    await this.panel?.webview.postMessage({ said: sentence });
  }
}

function asJson(report: PerformanceReport): string {
  return `${JSON.stringify(report, null, 2)}\n`;
}
