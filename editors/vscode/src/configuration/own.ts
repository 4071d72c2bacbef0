import * as vscode from "vscode";
import { explicitValue } from "./settings";

/** A text among the extension's own settings, as the user has set it; empty where nobody has. */
export function ownText(key: "server.path" | "server.interpreter"): string {
  const value = explicitValue(vscode.workspace.getConfiguration("specql").inspect(key), key, vscode.workspace.isTrusted);
  return typeof value === "string" ? value.trim() : "";
}
