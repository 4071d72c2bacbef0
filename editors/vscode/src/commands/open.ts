import * as vscode from "vscode";
import type { Location } from "../api/types";

/** Shows a place in an editor; nothing happens where there is none. */
export async function openLocation(location: Location | null | undefined): Promise<void> {
  if (location) await vscode.window.showTextDocument(vscode.Uri.parse(location.uri), { selection: rangeOf(location) });
}

/**
 * What a row of a tree does that stands for a place: VS Code's own command, which keeps the keyboard in the tree at a click,
 * and takes it to the editor at a double click or Enter.
 */
export function openOnClick(location: Location): vscode.Command {
  return { command: "vscode.open", title: "Open", arguments: [vscode.Uri.parse(location.uri), { selection: rangeOf(location) }] };
}

function rangeOf({ range: { start, end } }: Location): vscode.Range {
  return new vscode.Range(start.line, start.character, end.line, end.character);
}
