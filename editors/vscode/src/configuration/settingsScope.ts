import * as vscode from "vscode";
import { explicitValue } from "./settings";

/** The text of a setting of the extension itself, as the user has set it; empty if it is not set. */
export function extensionSetting(key: "server.path" | "server.interpreter"): string {
  const value = explicitValue(vscode.workspace.getConfiguration("specql").inspect(key), key, vscode.workspace.isTrusted);
  return typeof value === "string" ? value.trim() : "";
}
