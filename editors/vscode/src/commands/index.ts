import * as vscode from "vscode";
import { type AllocationRequest, SpecqlApi } from "../api/api";
import type { Status } from "../api/types";
import { CHOOSE_SUBDOMAIN, SHOW_REFERENCES } from "../client/clientCommands";
import type { Connection } from "../client/connection";
import { ReportPage } from "../report/page";
import { activeFolder, activeStatus } from "../status/items";
import { age, present } from "../status/present";
import type { RegistryNode } from "../views/registryModel";
import type { Listings } from "./agreement";
import { allocate, chooseSubdomain } from "./allocate";
import { withErrorMessage, withProgress } from "./withErrorMessage";
import { placeChoices } from "./choices";
import { folderFor } from "./folder";
import { showHistory } from "./history";
import { isAllocatable, TRUST } from "./obstacles";
import { allocateMissing } from "./missingCodes";
import { onRows } from "./onRows";
import { openLocation } from "./open";
import { registerDomain, registerSubdomain } from "./register";
import { chooseAndResolve } from "./resolve";
import { showReferences } from "./showReferences";

/** Registers the commands of the palette. Their ids differ from the server's own, which the client registers itself. */
export function registerCommands(context: vscode.ExtensionContext, connection: Connection, listings: Listings): void {
  const api = new SpecqlApi(connection);
  const report = new ReportPage(api);
  const on = (command: string, run: (node?: RegistryNode) => unknown) => vscode.commands.registerCommand(command, run);
  context.subscriptions.push(
    report,
    onRows<RegistryNode>("specql.allocate", (node) => allocate(connection, api, node)),
    on("specql.newDomain", (node) => registerDomain(connection, api, node)),
    on("specql.newSubdomain", (node) => registerSubdomain(connection, api, node)),
    on("specql.refresh", () => refresh(connection, api)),
    on("specql.check", () => check(connection, api)),
    on("specql.resolve", () => chooseAndResolve(connection, api)),
    on("specql.goToDomain", () => goTo(connection, api)),
    on("specql.showStatus", () => showStatus(connection)),
    onRows<RegistryNode>("specql.showHistory", (node) => showHistory(connection, api, node)),
    on("specql.showReport", async () => {
      const folder = await folderFor(connection, vscode.window.activeTextEditor?.document.uri);
      if (folder !== undefined) await withErrorMessage(connection, () => report.show(folder));
    }),
    vscode.commands.registerCommand(SHOW_REFERENCES, showReferences),
    vscode.commands.registerCommand(CHOOSE_SUBDOMAIN, (given: AllocationRequest) => chooseSubdomain(connection, api, given)),
    vscode.commands.registerCommand("specql.allocateMissing", (from?: RegistryNode | vscode.Uri, chosen?: vscode.Uri[]) => allocateMissing(connection, api, listings, from, chosen)),
    on("specql.showActions", () => showActions(connection)),
    on("specql.openSettings", () => vscode.commands.executeCommand("workbench.action.openSettings", "@ext:specql.specql")),
  );
}

async function refresh(connection: Connection, api: SpecqlApi): Promise<void> {
  await vscode.window.withProgress({ location: { viewId: "specql.registry" } }, () =>
    withErrorMessage(connection, async () => {
      const statuses = await Promise.all(connection.folders.map((folder) => api.refresh(folder)));
      const away = statuses.find((status) => status.source !== "postgresql" && status.reason);
      if (away) void vscode.window.showWarningMessage(away.reason);
    }),
  );
}

async function check(connection: Connection, api: SpecqlApi): Promise<void> {
  const folder = await folderFor(connection, vscode.window.activeTextEditor?.document.uri);
  if (folder === undefined) return;
  const answer = await withProgress(connection, "comparing the registries", () => api.consistency(folder, true));
  if (!answer) return;
  if (answer.consistent) {
    void vscode.window.showInformationMessage(`PostgreSQL and the registry YAML agree; ${answer.summary.entitiesChecked} entities were compared.`);
  } else {
    await vscode.commands.executeCommand("specql.showDifferences");
  }
}

async function goTo(connection: Connection, api: SpecqlApi): Promise<void> {
  const folder = await folderFor(connection, vscode.window.activeTextEditor?.document.uri);
  const domains = folder === undefined ? undefined : await withErrorMessage(connection, () => api.domains(folder));
  if (!domains) return;
  const options = { title: "SpecQL: Go to a Domain or an Entity", placeHolder: "A name, a number or a code", matchOnDescription: true };
  const chosen = await vscode.window.showQuickPick(placeChoices(domains), options);
  if (chosen && chosen.value === null) {
    void vscode.window.showInformationMessage(`${chosen.label} is in PostgreSQL only: neither the registry YAML nor a file has it.`);
  }
  await openLocation(chosen?.value);
}

async function showStatus(connection: Connection): Promise<void> {
  const status = activeStatus(connection);
  const sentence = status ? sentenceOf(status) : present(connection.state, status, Date.now()).tooltip;
  const trust = status?.awaitsTrust ? [TRUST.title] : [];
  const chosen = await vscode.window.showInformationMessage(sentence, ...trust, "Refresh", "Set Database URL…", "Show Log");
  if (chosen === TRUST.title) await vscode.commands.executeCommand(TRUST.command);
  else if (chosen === "Refresh") await vscode.commands.executeCommand("specql.refresh");
  else if (chosen === "Show Log") await vscode.commands.executeCommand("specql.showLog");
  else if (chosen) await vscode.commands.executeCommand("specql.setDatabaseUrl");
}

function sentenceOf(status: Status): string {
  const shown = present("running", status, Date.now());
  const where = status.server ? ` of ${status.server}` : "";
  const read = age(status.loadedAt, Date.now());
  return `The registry${where} is answered from ${shown.detail}. ${status.reason}${read ? ` Read ${read}.` : ""}`.replace(/\s+/g, " ");
}

async function showActions(connection: Connection): Promise<void> {
  const status = activeStatus(connection);
  const running = connection.state === "running";
  const folder = activeFolder(connection);
  const items = [
    running && { label: "$(refresh) Read the registry now", command: "specql.refresh", ...(status?.reason ? { description: status.reason } : {}) },
    running && status?.awaitsTrust && { label: "$(workspace-untrusted) Trust this workspace…", command: TRUST.command },
    running && status && isAllocatable(status) && { label: "$(add) Allocate a code…", command: "specql.allocate" },
    running && status && isAllocatable(status) && { label: "$(files) Allocate missing codes…", command: "specql.allocateMissing" },
    running && status?.discrepancies && { label: `$(diff) Show the differences (${status.discrepancies})`, command: "specql.showDifferences" },
    running && folder && { label: "$(list-tree) Show the registry", command: "specql.registry.focus" },
    running && { label: "$(graph) Performance report", command: "specql.showReport" },
    { label: "$(key) Set the database URL…", command: "specql.setDatabaseUrl" },
    { label: "$(gear) Settings", command: "specql.openSettings" },
    { label: "$(output) Show the log", command: "specql.showLog" },
    { label: "$(debug-restart) Restart the server", command: "specql.restartServer" },
  ].filter((item): item is { label: string; command: string; description?: string } => typeof item === "object");
  const title = `SpecQL registry: ${present(connection.state, status, Date.now()).detail}`;
  const chosen = await vscode.window.showQuickPick(items, { title, placeHolder: "What do you want to do?" });
  if (chosen) await vscode.commands.executeCommand(chosen.command);
}
