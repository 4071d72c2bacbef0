import * as vscode from "vscode";
import type { SpecqlApi } from "../api/api";
import type { MissingCodes } from "../api/types";
import type { Connection } from "../client/connection";
import type { RegistryNode } from "../views/registryModel";
import type { Listings } from "./agreement";
import { folderFor } from "./folder";
import { preview } from "./missingCodesPreview";
import { allocationRefusedBeforehand, withProgress } from "./withErrorMessage";

/** Allocates codes for the files without one: what each would get is listed first, and agreed to. */
export async function allocateMissing(connection: Connection, api: SpecqlApi, listings: Listings, from?: RegistryNode | vscode.Uri, chosen?: readonly vscode.Uri[]): Promise<void> {
  const uris = from instanceof vscode.Uri ? (chosen && chosen.length > 0 ? chosen : [from]) : [];
  const node = from instanceof vscode.Uri ? undefined : from;
  const folder = node?.folder ?? (await folderFor(connection, uris[0] ?? vscode.window.activeTextEditor?.document.uri));
  if (folder === undefined || allocationRefusedBeforehand(connection, folder)) return;
  const scopes = uris.length > 0 ? uris.map((uri) => uri.toString()) : [folder];
  const found = await withProgress(connection, "looking for files without a code", () => api.allocateMissing(scopes, true));
  if (!found) return;
  const { text, detail, yes, whole } = preview(found, (uri) => vscode.workspace.asRelativePath(vscode.Uri.parse(uri)));
  if (yes === undefined) {
    void vscode.window.showInformationMessage(text, { modal: detail !== "", detail });
    return;
  }
  if (!(await listings.agreed({ text, detail, yes, ...(whole ? { whole } : {}) }, vscode.window.showInformationMessage))) return;
  const done = await withProgress(connection, "allocating codes", () => api.allocateMissing(scopes, false));
  if (done) tell(done);
}

function tell(done: MissingCodes): void {
  const count = done.allocated.length;
  const left = done.refused.length > 0 ? `, ${done.refused.length} not` : "";
  const leased = done.allocated.some((each) => each.leased) ? " Leased codes are registered when PostgreSQL is back." : "";
  void vscode.window.showInformationMessage(`${count} ${count === 1 ? "code" : "codes"} allocated${left}.${leased}`);
}
