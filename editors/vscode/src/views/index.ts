import * as vscode from "vscode";
import { SpecqlApi } from "../api/api";
import type { Connection } from "../client/connection";
import { attempt } from "../commands/attempt";
import { openLocation } from "../commands/open";
import { activeFolder } from "../status/items";
import { type DifferenceNode, type DiscrepancyNode, removesFromPostgresql } from "./differencesModel";
import { DifferencesView } from "./differencesView";
import { DiffDocuments } from "./diffDocuments";
import type { RegistryNode } from "./registryModel";
import { RegistryView } from "./registryView";

/** Registers the registry view, the differences view, the diff editor, and what their menus do. */
export function registerViews(context: vscode.ExtensionContext, connection: Connection): void {
  const api = new SpecqlApi(connection);
  const registry = new RegistryView(connection, api);
  const differences = new DifferencesView(connection, api);
  const documents = new DiffDocuments(connection, api);
  const on = (command: string, run: (node?: never) => unknown) => vscode.commands.registerCommand(command, run);

  context.subscriptions.push(
    registry,
    differences,
    documents,
    on("specql.openEntity", (node?: RegistryNode) => openNode(node ?? registry.selected, "file")),
    on("specql.openInRegistry", (node?: RegistryNode) => openNode(node ?? registry.selected, "registry")),
    on("specql.copyCode", async (node?: RegistryNode) => {
      const chosen = node ?? registry.selected;
      const code = chosen?.kind === "entity" ? chosen.entity.tableCode : chosen?.kind === "subdomain" ? chosen.subdomain.nextTableCode : undefined;
      if (code) await vscode.env.clipboard.writeText(code);
    }),
    on("specql.filterRegistry", async () => {
      const text = await vscode.window.showInputBox({
        title: "SpecQL: Filter the Registry",
        prompt: "Names, numbers and codes that hold this text; empty shows everything.",
        value: registry.filter,
      });
      if (text !== undefined) registry.filter = text;
    }),
    on("specql.clearRegistryFilter", () => (registry.filter = "")),
    on("specql.openDifference", (node?: DifferenceNode) => (node?.kind === "discrepancy" ? openLocation(node.discrepancy.location) : undefined)),
    on("specql.keepPostgresql", (node?: DifferenceNode) => resolve(connection, api, node, "postgresql")),
    on("specql.keepYaml", (node?: DifferenceNode) => resolve(connection, api, node, "yaml")),
    on("specql.showDifferences", () => differences.reveal()),
    on("specql.openDiff", (node?: DifferenceNode) =>
      attempt(connection, () => documents.open(node?.kind === "discrepancy" ? node.folder : activeFolder(connection))),
    ),
  );
}

async function openNode(node: RegistryNode | undefined, what: "file" | "registry"): Promise<void> {
  if (!node) return;
  switch (node.kind) {
    case "entity":
      await openLocation((what === "file" ? node.entity.fileLocation : null) ?? node.entity.registryLocation);
      return;
    case "subdomain":
      await openLocation(node.subdomain.registryLocation);
      return;
    case "domain":
      await openLocation(node.domain.registryLocation);
      return;
    case "folder":
      return;
  }
}

async function resolve(connection: Connection, api: SpecqlApi, node: DifferenceNode | undefined, keep: "postgresql" | "yaml"): Promise<void> {
  if (node?.kind !== "discrepancy") return;
  if (keep === "yaml" && !(await confirmed(node))) return;
  await attempt(connection, async () => {
    const { resolved } = await api.resolve(node.folder, node.discrepancy, keep);
    if (!resolved) void vscode.window.showWarningMessage("The registry YAML was not edited: the editor did not take the change.");
    else if (keep === "postgresql") await saved(node);
  });
}

async function confirmed(node: DiscrepancyNode): Promise<boolean> {
  if (!removesFromPostgresql(node.discrepancy)) return true;
  const detail = "Everybody who uses this database loses it, and no undo brings it back.";
  const chosen = await vscode.window.showWarningMessage(`${node.discrepancy.keepYaml}?`, { modal: true, detail }, "Remove");
  return chosen === "Remove";
}

/** The edit is left in the buffer where the file is open; where it was not, it is saved, as nobody would look there. */
async function saved(node: DiscrepancyNode): Promise<void> {
  const uri = node.discrepancy.location?.uri;
  if (!uri) return;
  const file = vscode.Uri.parse(uri).toString();
  const visible = vscode.window.tabGroups.all.some((group) =>
    group.tabs.some((tab) => {
      const input = tab.input;
      if (input instanceof vscode.TabInputText) return input.uri.toString() === file;
      return input instanceof vscode.TabInputTextDiff && input.modified.toString() === file;
    }),
  );
  const document = vscode.workspace.textDocuments.find((each) => each.uri.toString() === file);
  if (document?.isDirty && !visible) await document.save();
}
