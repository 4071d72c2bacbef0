import * as vscode from "vscode";
import type { Status } from "../api/types";
import type { Connection } from "../client/connection";
import { type Presentation, present } from "./present";

const AGE_MS = 15_000;
const SEVERITIES: Readonly<Record<Presentation["severity"], vscode.LanguageStatusSeverity>> = {
  information: vscode.LanguageStatusSeverity.Information,
  warning: vscode.LanguageStatusSeverity.Warning,
  error: vscode.LanguageStatusSeverity.Error,
};
const ACTIONS = { command: "specql.showActions", title: "Actions" };

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
  bar.command = ACTIONS.command;
  const item = vscode.languages.createLanguageStatusItem("specql.registry", { language: "specql" });
  item.name = "SpecQL Registry";
  item.command = ACTIONS;

  const show = () => {
    const shown = present(connection.state, activeStatus(connection), Date.now(), activeFolderName(connection));
    showInBar(bar, shown);
    item.text = `Registry: ${shown.detail}`;
    item.detail = shown.age;
    item.severity = SEVERITIES[shown.severity];
    item.busy = shown.busy;
    // A workspace without anything of SpecQL's shows no status.
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
    vscode.workspace.onDidChangeWorkspaceFolders(show),
    new vscode.Disposable(() => {
      clearInterval(timer);
    }),
  );
  show();
}

function showInBar(bar: vscode.StatusBarItem, shown: Presentation): void {
  bar.text = shown.text;
  bar.tooltip = new vscode.MarkdownString(shown.tooltip);
  bar.backgroundColor =
    shown.severity === "information"
      ? undefined
      : new vscode.ThemeColor(shown.severity === "error" ? "statusBarItem.errorBackground" : "statusBarItem.warningBackground");
  const label = [`SpecQL registry: ${shown.detail}`, shown.age].filter(Boolean).join(". ");
  bar.accessibilityInformation = { label, role: "button" };
}

/** The name of the folder that is shown, where a window has several. */
function activeFolderName(connection: Connection): string {
  if (connection.folders.length < 2) return "";
  const folder = activeFolder(connection);
  return vscode.workspace.workspaceFolders?.find((each) => each.uri.toString() === folder)?.name ?? "";
}
