import * as vscode from "vscode";
import { localFolders } from "./folders";

/**
 * Calls back once, when the window first has a SpecQL document or a folder with a registry.
 *
 * A window on other YAML starts no server.
 */
export function onActivationTrigger(onTrigger: () => void): vscode.Disposable {
  let isOver = false;
  const listeners: vscode.Disposable[] = [];
  const end = () => {
    isOver = true;
    for (const listener of listeners.splice(0)) listener.dispose();
  };
  const trigger = () => {
    if (isOver) return;
    end();
    onTrigger();
  };
  const lookAtDocument = (document: vscode.TextDocument) => {
    if (document.languageId === "specql" && ["file", "untitled"].includes(document.uri.scheme)) trigger();
  };
  const lookAtFolders = async () => {
    for (const folder of localFolders()) {
      if (await hasRegistry(folder)) trigger();
    }
  };
  listeners.push(
    vscode.workspace.onDidOpenTextDocument(lookAtDocument),
    vscode.workspace.onDidChangeWorkspaceFolders(() => void lookAtFolders()),
    ...watchers(() => void lookAtFolders()),
  );
  vscode.workspace.textDocuments.forEach(lookAtDocument);
  void lookAtFolders();
  return new vscode.Disposable(end);
}

async function hasRegistry(folder: vscode.WorkspaceFolder): Promise<boolean> {
  const registry = vscode.workspace.getConfiguration("specql", folder.uri).get("registry.yamlPath", "");
  for (const name of ["specql-lsp.toml", registry]) {
    if (name !== "" && (await exists(vscode.Uri.joinPath(folder.uri, name)))) return true;
  }
  return false;
}

async function exists(uri: vscode.Uri): Promise<boolean> {
  try {
    return ((await vscode.workspace.fs.stat(uri)).type & vscode.FileType.File) !== 0;
  } catch {
    return false;
  }
}

/** Files that make a folder SpecQL's when they come. */
function watchers(onCreate: () => void): vscode.Disposable[] {
  const watcher = vscode.workspace.createFileSystemWatcher("**/{specql-lsp.toml,domain_registry.yaml}", false, true, true);
  return [watcher, watcher.onDidCreate(onCreate)];
}
