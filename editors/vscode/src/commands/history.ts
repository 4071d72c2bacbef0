import * as vscode from "vscode";
import type { SpecqlApi } from "../api/api";
import type { Connection } from "../client/connection";
import type { RegistryNode } from "../views/registryModel";
import { readEntity } from "./choices";
import { folderFor } from "./folder";
import { historyItems, historyText } from "./historyItems";
import { withProgress } from "./withErrorMessage";

const COPY: vscode.QuickInputButton = { iconPath: new vscode.ThemeIcon("copy"), tooltip: "Copy" };

/** Shows what was done to an entity: that of the tree's node, else that of the active file, else to the whole registry. */
export async function showHistory(connection: Connection, api: SpecqlApi, node?: RegistryNode): Promise<void> {
  const document = vscode.window.activeTextEditor?.document;
  const folder = node?.folder ?? (await folderFor(connection, document?.uri));
  if (folder === undefined) return;
  const entity = node?.kind === "entity" ? node.entity : undefined;
  const name = entity?.name ?? (node === undefined && document ? readEntity(document.getText()).entity : undefined);
  const of = entity ? { tableCode: entity.tableCode } : name !== undefined && document ? { uri: document.uri.toString() } : {};
  const history = await withProgress(connection, "reading the history", () => api.history(folder, of));
  if (!history) return;
  if (!history.available) {
    void vscode.window.showInformationMessage(`There is no history. ${history.reason ?? ""}`);
  } else if (history.events.length === 0) {
    void vscode.window.showInformationMessage(`Nothing is recorded of ${name ?? "the registry"} yet.`);
  } else {
    const pick = vscode.window.createQuickPick();
    pick.title = `SpecQL: History of ${name ?? "the Registry"}`;
    pick.placeholder = "Newest first: search for what was done, by whom, or from which program";
    pick.matchOnDescription = pick.matchOnDetail = true;
    pick.items = historyItems(history.events, Date.now());
    pick.buttons = [COPY];
    pick.onDidTriggerButton(() => vscode.env.clipboard.writeText(historyText(history.events)));
    pick.onDidAccept(() => { pick.hide(); });
    pick.onDidHide(() => { pick.dispose(); });
    pick.show();
  }
}
