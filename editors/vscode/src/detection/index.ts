import * as vscode from "vscode";
import { isEntityText, isRegistryText } from "./content";

const DELAY_MS = 300;

/**
 * Gives YAML that is SpecQL's the language `specql`, so that no other YAML extension answers for it.
 *
 * A document is looked at when it is opened, and while it is typed until it is SpecQL's. A user who sets the language
 * back to YAML is left alone, and no document is taken away from `specql`.
 */
export function registerDetection(context: vscode.ExtensionContext): void {
  const left = new Set<string>();
  const closing = new Set<string>();
  const timers = new Map<string, NodeJS.Timeout>();

  const look = async (document: vscode.TextDocument) => {
    const key = document.uri.toString();
    if (document.isClosed || document.languageId !== "yaml" || left.has(key) || !isOurs(document)) return;
    await vscode.languages.setTextDocumentLanguage(document, "specql");
  };
  context.subscriptions.push(
    vscode.workspace.onDidOpenTextDocument((document) => {
      // A change of the language is a close and an open at once: back to YAML is what its user wants.
      if (document.languageId === "yaml" && closing.has(document.uri.toString())) left.add(document.uri.toString());
      void look(document);
    }),
    vscode.workspace.onDidCloseTextDocument((document) => {
      const key = document.uri.toString();
      clearTimeout(timers.get(key));
      timers.delete(key);
      if (document.languageId === "specql") {
        closing.add(key);
        setTimeout(() => closing.delete(key), 0);
      }
    }),
    vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
      const key = document.uri.toString();
      if (document.languageId !== "yaml" || contentChanges.length === 0 || left.has(key)) return;
      clearTimeout(timers.get(key));
      timers.set(key, setTimeout(() => void look(document), DELAY_MS));
    }),
    { dispose: () => timers.forEach((timer) => clearTimeout(timer)) },
  );
  for (const document of vscode.workspace.textDocuments) void look(document);
}

function isOurs(document: vscode.TextDocument): boolean {
  const text = document.getText();
  if (isEntityText(text)) return true;
  const folder = vscode.workspace.getWorkspaceFolder(document.uri);
  const registry = vscode.workspace.getConfiguration("specql", document.uri).get<string>("registry.yamlPath");
  if (folder && registry && vscode.Uri.joinPath(folder.uri, registry).toString() === document.uri.toString()) return true;
  return isRegistryText(text);
}
