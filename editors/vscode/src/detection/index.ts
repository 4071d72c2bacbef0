import * as vscode from "vscode";
import { explicitValue } from "../configuration/settings";
import { isEntityText, isLibraryFile, isRegistryText } from "./content";
import { isSamePath, yamlPathIn } from "./registryPath";

const DELAY_MS = 300;
const DEFAULT_REGISTRY = "registry/domain_registry.yaml";

/**
 * Gives YAML that is SpecQL's the language `specql`, so that no other YAML extension answers for it.
 *
 * A document is looked at when it is opened, and while it is typed until it is SpecQL's. A user who sets its language back to
 * YAML, or says so in `files.associations`, is left alone, and no document is taken away from `specql`.
 */
export function registerDetection(context: vscode.ExtensionContext): void {
  const left = new Set<string>();
  const closing = new Set<string>();
  const timers = new Map<string, NodeJS.Timeout>();

  const look = async (document: vscode.TextDocument) => {
    const mayBeGiven = () => document.languageId === "yaml" && !document.isClosed && !left.has(document.uri.toString());
    if (!mayBeGiven() || isAssociated(document) || !(await isOurs(document)) || !mayBeGiven()) return;
    await vscode.languages.setTextDocumentLanguage(document, "specql");
  };
  const lookSafely = (document: vscode.TextDocument) => {
    look(document).catch((error: unknown) => console.error("SpecQL: the language of a document could not be set.", error));
  };
  context.subscriptions.push(
    vscode.workspace.onDidOpenTextDocument((document) => {
      // A change of the language is a close and an open at once: back to YAML is what its user wants.
      if (document.languageId === "yaml" && closing.has(document.uri.toString())) left.add(document.uri.toString());
      lookSafely(document);
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
      timers.set(
        key,
        setTimeout(() => {
          timers.delete(key);
          lookSafely(document);
        }, DELAY_MS),
      );
    }),
    { dispose: () => timers.forEach((timer) => clearTimeout(timer)) },
  );
  vscode.workspace.textDocuments.forEach(lookSafely);
}

/** Whether `files.associations` says that a document is YAML. */
function isAssociated(document: vscode.TextDocument): boolean {
  const associations = vscode.workspace.getConfiguration("files", document.uri).get<Record<string, string>>("associations") ?? {};
  return Object.entries(associations).some(
    ([pattern, language]) => language === "yaml" && vscode.languages.match({ pattern: pattern.includes("/") ? pattern : `**/${pattern}` }, document) > 0,
  );
}

async function isOurs(document: vscode.TextDocument): Promise<boolean> {
  const text = document.getText();
  return isEntityText(text) || isRegistryText(text) || isLibraryFile(document.uri.path, text) || (await isRegistryFile(document.uri));
}

/** Whether a file is its folder's registry YAML, by the settings, by specql-lsp.toml, or by default. */
async function isRegistryFile(uri: vscode.Uri): Promise<boolean> {
  const folder = vscode.workspace.getWorkspaceFolder(uri);
  if (!folder || !uri.path.startsWith(`${folder.uri.path}/`)) return false;
  const relative = uri.path.slice(folder.uri.path.length + 1);
  const inspected = vscode.workspace.getConfiguration("specql", uri).inspect("registry.yamlPath");
  const configured = explicitValue(inspected, "registry.yamlPath", vscode.workspace.isTrusted) ?? (await pathInFile(folder.uri)) ?? DEFAULT_REGISTRY;
  return typeof configured === "string" && isSamePath(relative, configured);
}

async function pathInFile(folder: vscode.Uri): Promise<string | undefined> {
  try {
    return yamlPathIn(new TextDecoder().decode(await vscode.workspace.fs.readFile(vscode.Uri.joinPath(folder, "specql-lsp.toml"))));
  } catch {
    return undefined; // There is no such file.
  }
}
