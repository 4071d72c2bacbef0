import * as vscode from "vscode";
import type { Connection } from "../client/connection";
import { folderName } from "../views/registryView";

/**
 * The workspace folder that a command is about: that of a file, the only one, or one that the user picks.
 *
 * @returns its URI; undefined where there is none, or the user left
 */
export async function folderFor(connection: Connection, uri?: vscode.Uri): Promise<string | undefined> {
  const { folders } = connection;
  const own = uri && vscode.workspace.getWorkspaceFolder(uri)?.uri.toString();
  if (own && folders.includes(own)) return own;
  if (folders.length <= 1) {
    if (folders.length === 0) void vscode.window.showInformationMessage("Open a folder first: its registry answers.");
    return folders[0];
  }
  const items = folders.map((folder) => ({ label: folderName(folder), folder }));
  return (await vscode.window.showQuickPick(items, { title: "SpecQL", placeHolder: "Whose registry?" }))?.folder;
}
