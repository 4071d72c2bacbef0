import * as vscode from "vscode";
import type { Side, SpecqlApi } from "../api/api";
import type { Discrepancy } from "../api/types";
import type { Connection } from "../client/connection";
import { type Question, questionOf } from "../views/differencesModel";
import type { Listings } from "./agreement";
import { counted, listed } from "./resolutionPreview";
import { refusedBeforehand, withErrorMessage, withProgress } from "./withErrorMessage";
import { differenceChoices, sideChoices } from "./choices";
import { folderFor } from "./folder";
import { inSteps, keep } from "./sequence";
import { pick } from "./quickInputSteps";

/** Asks which difference is to be resolved, and what to keep; does it. */
export async function chooseAndResolve(connection: Connection, api: SpecqlApi): Promise<void> {
  const folder = await folderFor(connection, vscode.window.activeTextEditor?.document.uri);
  const report = folder === undefined ? undefined : await withProgress(connection, "comparing the registries", () => api.consistency(folder, true));
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

/** Resolves a difference; asks first what is to be changed or removed in PostgreSQL. */
export async function resolve(connection: Connection, api: SpecqlApi, folder: string, discrepancy: Discrepancy, side: Side): Promise<void> {
  const question = side === "yaml" ? questionOf(discrepancy) : undefined;
  if (side === "yaml" && refusedBeforehand(connection, folder, "PostgreSQL cannot be changed")) return;
  if (question && !(await agreed(question))) return;
  await withErrorMessage(connection, async () => {
    const { resolved } = await api.resolve(folder, discrepancy, side, question !== undefined);
    if (!resolved && side === "postgresql") {
      void vscode.window.showWarningMessage("The registry YAML was not edited: the editor did not take the change.");
    }
  });
}

/** Keeps one side of several differences of a folder: what is done is listed before, what is refused is said after. */
export async function resolveAll(connection: Connection, api: SpecqlApi, listings: Listings, folder: string, discrepancies: readonly Discrepancy[], side: Side): Promise<void> {
  if (side === "yaml" && refusedBeforehand(connection, folder, "PostgreSQL cannot be changed")) return;
  const preview = await withProgress(connection, "comparing the registries", () => api.preview(folder, discrepancies, side));
  if (!preview) return;
  const question = listed(preview, side);
  if (preview.resolved === 0) {
    void vscode.window.showWarningMessage(question.text, { modal: true, detail: question.detail });
    return;
  }
  if (!(await listings.agreed(question))) return;
  await withProgress(connection, `writing ${side === "yaml" ? "PostgreSQL" : "the registry YAML"}`, async () => {
    const { resolved, refused } = await api.resolveAll(folder, discrepancies, side);
    const [reason] = refused;
    if (reason) void vscode.window.showWarningMessage(`${counted(resolved)} resolved, ${refused.length} refused: ${reason.message}`);
  });
}

async function agreed(question: Question): Promise<boolean> {
  const detail = "Everybody who uses this database sees the change, and no undo brings back what it held.";
  return (await vscode.window.showWarningMessage(question.text, { modal: true, detail }, question.yes)) === question.yes;
}
