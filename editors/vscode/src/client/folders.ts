import * as vscode from "vscode";

/** The workspace folders that are on a disk: what a server can read. */
export function localFolders(): readonly vscode.WorkspaceFolder[] {
  return (vscode.workspace.workspaceFolders ?? []).filter((folder) => folder.uri.scheme === "file");
}

/** Whether there are folders, and none of them is on a disk. */
export function isVirtualWorkspace(): boolean {
  return localFolders().length === 0 && (vscode.workspace.workspaceFolders?.length ?? 0) > 0;
}

/** A folder's URI in one form: servers and editors write them differently (escapes, a slash at the end). */
export function normalisedFolder(uri: string): string {
  return uri === "" ? "" : vscode.Uri.parse(uri).toString().replace(/\/$/, "");
}
