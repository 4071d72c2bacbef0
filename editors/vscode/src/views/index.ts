import * as vscode from "vscode";
import { type Side, SpecqlApi } from "../api/api";
import type { Entity } from "../api/types";
import type { Connection } from "../client/connection";
import type { Listings } from "../commands/agreement";
import { moveRegistration, releaseCode, renameRegistration } from "../commands/corrections";
import { withErrorMessage } from "../commands/withErrorMessage";
import { folderFor } from "../commands/folder";
import { onRows } from "../commands/onRows";
import { openLocation } from "../commands/open";
import { resolve, resolveAll } from "../commands/resolve";
import { entryChoices } from "./catalogsModel";
import { CatalogsView } from "./catalogsView";
import { type DifferenceNode, discrepanciesOf } from "./differencesModel";
import { DifferencesView } from "./differencesView";
import { DiffDocuments } from "./diffDocuments";
import type { RegistryNode } from "./registryModel";
import { RegistryView } from "./registryView";

const COPIED_MS = 3000;

/** Registers the registry view, the differences view, the diff editor, and what their menus do. */
export function registerViews(context: vscode.ExtensionContext, connection: Connection, listings: Listings): void {
  const api = new SpecqlApi(connection);
  const registry = new RegistryView(connection, api);
  const differences = new DifferencesView(connection, api);
  const documents = new DiffDocuments(connection, api);
  const catalogs = new CatalogsView(connection, api);
  const resolveNodes = async (node: DifferenceNode | undefined, nodes: readonly DifferenceNode[] | undefined, side: Side) => {
    const chosen = nodes ?? (node ? [node] : differences.selected);
    const found = discrepanciesOf(chosen);
    const [only] = found;
    if (!only) void vscode.window.showInformationMessage("Choose a difference in the Differences view first.");
    else if (found.length === 1) await resolve(connection, api, only.folder, only.discrepancy, side);
    else {
      for (const folder of new Set(found.map((each) => each.folder))) {
        const own = found.filter((each) => each.folder === folder).map((each) => each.discrepancy);
        await resolveAll(connection, api, listings, folder, own, side);
      }
    }
  };
  const on = (command: string, run: (node?: never) => unknown) => vscode.commands.registerCommand(command, run);

  context.subscriptions.push(
    registry,
    differences,
    documents,
    catalogs,
    on("specql.findCatalogEntry", () => findCatalogEntry(connection, api)),
    onRows("specql.openEntity", (node?: RegistryNode) => openNode(node ?? registry.selected, "file")),
    onRows("specql.openInRegistry", (node?: RegistryNode) => openNode(node ?? registry.selected, "registry")),
    onRows("specql.moveEntity", (node?: RegistryNode) => moveRegistration(connection, api, node ?? registry.selected)),
    onRows("specql.releaseEntityCode", (node?: RegistryNode) => releaseCode(connection, api, node ?? registry.selected)),
    onRows("specql.renameEntity", (node?: RegistryNode) => renameRegistration(connection, api, node ?? registry.selected)),
    onRows("specql.copyCode", async (node?: RegistryNode) => {
      const chosen = node ?? registry.selected;
      const code = chosen?.kind === "entity" ? chosen.entity.tableCode : chosen?.kind === "subdomain" ? chosen.subdomain.nextTableCode : undefined;
      if (!code) return;
      await vscode.env.clipboard.writeText(code);
      void vscode.window.setStatusBarMessage(`${code} is on the clipboard.`, COPIED_MS);
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
    onRows("specql.openDifference", (node?: DifferenceNode) => (node?.kind === "discrepancy" ? openLocation(node.discrepancy.location) : undefined)),
    onRows("specql.keepPostgresql", (node?: DifferenceNode, nodes?: readonly DifferenceNode[]) => resolveNodes(node, nodes, "postgresql")),
    onRows("specql.keepYaml", (node?: DifferenceNode, nodes?: readonly DifferenceNode[]) => resolveNodes(node, nodes, "yaml")),
    onRows("specql.keepAllOfPostgresql", (node?: DifferenceNode, nodes?: readonly DifferenceNode[]) => resolveNodes(node, nodes ?? (node ? [node] : differences.all), "postgresql")),
    onRows("specql.keepAllOfYaml", (node?: DifferenceNode, nodes?: readonly DifferenceNode[]) => resolveNodes(node, nodes ?? (node ? [node] : differences.all), "yaml")),
    on("specql.showDifferences", () => differences.reveal()),
    on("specql.openDiff", async (from?: DifferenceNode | vscode.Uri) => {
      const node = from instanceof vscode.Uri ? undefined : from;
      const file = from instanceof vscode.Uri ? from : vscode.window.activeTextEditor?.document.uri;
      const folder = node?.kind === "discrepancy" ? node.folder : await folderFor(connection, file);
      if (folder !== undefined) await withErrorMessage(connection, () => documents.open(folder));
    }),
  );
}

async function findCatalogEntry(connection: Connection, api: SpecqlApi): Promise<void> {
  const folder = await folderFor(connection, vscode.window.activeTextEditor?.document.uri);
  const catalogs = folder === undefined ? undefined : await withErrorMessage(connection, () => api.catalogs(folder));
  if (!catalogs) return;
  const options = { title: "SpecQL: Find a Pattern or a Service", placeHolder: "A part of its name, description or parameters", matchOnDescription: true, matchOnDetail: true };
  const chosen = await vscode.window.showQuickPick(entryChoices(catalogs), options);
  if (chosen?.entry.location) await openLocation(chosen.entry.location);
  else if (chosen) void vscode.window.showInformationMessage(`No file of the workspace defines ${chosen.label} (${chosen.description}).`);
}

async function openNode(node: RegistryNode | undefined, what: "file" | "registry"): Promise<void> {
  if (!node) return;
  switch (node.kind) {
    case "entity":
      await openEntity(node.entity, what);
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

async function openEntity(entity: Entity, what: "file" | "registry"): Promise<void> {
  const location = (what === "file" ? entity.fileLocation : null) ?? entity.registryLocation;
  if (location) await openLocation(location);
  else void vscode.window.showInformationMessage(`${entity.name} is in PostgreSQL only: neither the registry YAML nor a file has it.`);
}
