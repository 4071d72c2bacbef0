import * as vscode from "vscode";
import type { Side, SpecqlApi } from "../api/api";
import type { Discrepancy } from "../api/types";
import type { Connection } from "../client/connection";
import { removesFromPostgresql } from "../views/differencesModel";
import { attempt } from "./attempt";
import { differenceChoices, sideChoices } from "./choices";
import { folderFor } from "./folder";
import { inSteps, keep } from "./sequence";
import { pick } from "./steps";

/** Asks which difference is to be resolved, and what to keep; does it. */
export async function chooseAndResolve(connection: Connection, api: SpecqlApi): Promise<void> {
  const folder = await folderFor(connection, vscode.window.activeTextEditor?.document.uri);
  const report = folder === undefined ? undefined : await attempt(connection, () => api.consistency(folder, true));
  if (folder === undefined || !report) return;
  if (report.discrepancies.length === 0) {
    void vscode.window.showInformationMessage("There is nothing to resolve: PostgreSQL and the registry YAML agree.");
    return;
  }
  let discrepancy: Discrepancy | undefined;
  let side: Side | undefined;
  const at = (step: number) => ({ title: "SpecQL: Resolve a Difference", step, totalSteps: 2 });
  const done = await inSteps([
    async () => keep(await pick(at(1), "The difference", differenceChoices(report.discrepancies)), (value) => (discrepancy = value)),
    async () => keep(await pick(at(2), "What is right?", discrepancy ? sideChoices(discrepancy) : []), (value) => (side = value)),
  ]);
  if (done && discrepancy && side) await resolve(connection, api, folder, discrepancy, side);
}

/** Resolves a difference; asks first where PostgreSQL would lose something. */
export async function resolve(connection: Connection, api: SpecqlApi, folder: string, discrepancy: Discrepancy, side: Side): Promise<void> {
  if (side === "yaml" && !(await confirmed(discrepancy))) return;
  await attempt(connection, async () => {
    const { resolved } = await api.resolve(folder, discrepancy, side);
    if (!resolved) void vscode.window.showWarningMessage("The registry YAML was not edited: the editor did not take the change.");
    else if (side === "postgresql") await saved(discrepancy);
  });
}

async function confirmed(discrepancy: Discrepancy): Promise<boolean> {
  if (!removesFromPostgresql(discrepancy)) return true;
  const detail = "Everybody who uses this database loses it, and no undo brings it back.";
  const chosen = await vscode.window.showWarningMessage(`${discrepancy.keepYaml}?`, { modal: true, detail }, "Remove");
  return chosen === "Remove";
}

/** The edit is left in the buffer where the file is open; where it was not, it is saved, as nobody would look there. */
async function saved(discrepancy: Discrepancy): Promise<void> {
  const uri = discrepancy.location?.uri;
  if (!uri) return;
  const file = vscode.Uri.parse(uri).toString();
  const document = vscode.workspace.textDocuments.find((each) => each.uri.toString() === file);
  if (document?.isDirty && !isInATab(file)) await document.save();
}

function isInATab(file: string): boolean {
  return vscode.window.tabGroups.all.some((group) =>
    group.tabs.some(({ input }) => {
      if (input instanceof vscode.TabInputText) return input.uri.toString() === file;
      return input instanceof vscode.TabInputTextDiff && input.modified.toString() === file;
    }),
  );
}
