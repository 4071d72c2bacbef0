import * as vscode from "vscode";
import { ofRows, ROW_GONE } from "../views/rows";

/** Registers a command that rows of the views have in their menus. */
export function onRows<Node>(command: string, run: (node?: Node, nodes?: readonly Node[]) => unknown): vscode.Disposable {
  return vscode.commands.registerCommand(command, ofRows(run, () => vscode.window.showInformationMessage(ROW_GONE)));
}
