import * as vscode from "vscode";
import type { Location } from "../api/types";

/** Shows a place in an editor; nothing happens where there is none. */
export async function openLocation(location: Location | null | undefined): Promise<void> {
  if (!location) return;
  const { start, end } = location.range;
  await vscode.window.showTextDocument(vscode.Uri.parse(location.uri), {
    selection: new vscode.Range(start.line, start.character, end.line, end.character),
  });
}
