import * as vscode from "vscode";
import type { Status } from "../api/types";
import type { Connection } from "../client/connection";
import { present } from "./present";

const AGE_MS = 15_000;
const SEVERITIES = {
  information: vscode.LanguageStatusSeverity.Information,
  warning: vscode.LanguageStatusSeverity.Warning,
  error: vscode.LanguageStatusSeverity.Error,
} as const;

/** The folder that the user is at: the active editor's, else the first. */
export function activeFolder(connection: Connection): string {
  const uri = vscode.window.activeTextEditor?.document.uri;
  const folder = uri && vscode.workspace.getWorkspaceFolder(uri)?.uri.toString();
  return folder && connection.folders.includes(folder) ? folder : (connection.folders[0] ?? "");
}

/** What the active folder's registry last said of itself. */
export function activeStatus(connection: Connection): Status | undefined {
  return connection.status(activeFolder(connection));
}

/** Shows the registry's state in the status bar, and in the language status of SpecQL files. */
export function registerStatusItems(context: vscode.ExtensionContext, connection: Connection): void {
  const bar = vscode.window.createStatusBarItem("specql.registry", vscode.StatusBarAlignment.Right, 90);
  bar.name = "SpecQL Registry";
  bar.command = "specql.showActions";
  const item = vscode.languages.createLanguageStatusItem("specql.registry", { language: "specql" });
  item.name = "SpecQL Registry";
  item.command = { command: "specql.showActions", title: "Actions" };

  const show = () => {
    const shown = present(connection.state, activeStatus(connection), Date.now());
    bar.text = shown.text;
    bar.tooltip = new vscode.MarkdownString(shown.tooltip);
    bar.backgroundColor =
      shown.severity === "error"
        ? new vscode.ThemeColor("statusBarItem.errorBackground")
        : shown.severity === "warning"
          ? new vscode.ThemeColor("statusBarItem.warningBackground")
          : undefined;
    bar.accessibilityInformation = { label: `SpecQL registry: ${shown.detail}`, role: "button" };
    item.text = `Registry: ${shown.detail}`;
    item.severity = SEVERITIES[shown.severity];
    item.busy = shown.busy;
    if (connection.state === "idle") bar.hide();
    else bar.show();
  };
  // How old an answer is goes on without any event.
  const timer = setInterval(show, AGE_MS);
  context.subscriptions.push(
    bar,
    item,
    connection.onDidChangeState(show),
    connection.onDidChangeStatus(show),
    vscode.window.onDidChangeActiveTextEditor(show),
    { dispose: () => clearInterval(timer) },
  );
  show();
}
