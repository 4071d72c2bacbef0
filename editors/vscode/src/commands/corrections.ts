import * as vscode from "vscode";
import type { Registration, SpecqlApi } from "../api/api";
import type { Subdomain } from "../api/types";
import type { Connection } from "../client/connection";
import type { EntityNode, RegistryNode } from "../views/registryModel";
import { subdomainChoices } from "./choices";
import { pick, type } from "./quickInputSteps";
import { refusedBeforehand, withErrorMessage } from "./withErrorMessage";

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** What a correction says before it is done. */
interface Question {
  readonly text: string;
  readonly detail: string;
  readonly yes: string;
}

/** Moves a registered entity to another subdomain, where it gets another code; its files follow. */
export async function moveRegistration(connection: Connection, api: SpecqlApi, node?: RegistryNode): Promise<void> {
  const entity = correctable(connection, node, "No entity can be moved");
  if (!entity) return;
  const others = entity.domain.subdomains.filter((each) => each.number !== entity.subdomain.number);
  const step = { title: `SpecQL: Move ${entity.entity.name}`, step: 1, totalSteps: 1 };
  const placeholder = others.length > 0 ? `The subdomain of ${entity.domain.name}` : `${entity.domain.name} has no other subdomain: register one first.`;
  const answer = await pick<Subdomain>(step, placeholder, subdomainChoices({ ...entity.domain, subdomains: others }));
  if (typeof answer !== "object") return;
  const move = (dryRun: boolean) => api.move(entity.folder, registration(entity), answer.value.number, dryRun);
  const files = (uris: readonly string[]) => uris.map((uri) => vscode.workspace.asRelativePath(vscode.Uri.parse(uri))).join(", ");
  await afterAsking(
    connection,
    move,
    (moving) => ({
      text: `Move ${moving.entity} to ${moving.subdomain.name}: ${moving.tableCode} instead of ${moving.previousTableCode}?`,
      detail: moving.files.length > 0 ? `The code is written into ${files(moving.files)}, too.` : "No file of the workspace has the code.",
      yes: "Move",
    }),
    (moving) => `${moving.entity} is in ${moving.subdomain.name} now, with the code ${moving.tableCode}.`,
  );
}

/** Takes a registration back, so that its code is free again; refused while a file uses the code. */
export async function releaseCode(connection: Connection, api: SpecqlApi, node?: RegistryNode): Promise<void> {
  const entity = correctable(connection, node, "No code can be released");
  if (!entity) return;
  await afterAsking(
    connection,
    (dryRun) => api.release(entity.folder, registration(entity), entity.subdomain.number, dryRun),
    (released) => ({
      text: `Take the registration of ${released.entity} back?`,
      detail: `${released.tableCode} is free again then, and may be given to another entity.`,
      yes: "Release",
    }),
    (released) => `${released.tableCode} is free again.`,
  );
}

/** Gives a registered entity another name; its code and its files stay. */
export async function renameRegistration(connection: Connection, api: SpecqlApi, node?: RegistryNode): Promise<void> {
  const entity = correctable(connection, node, "No entity can be renamed");
  if (!entity) return;
  const step = { title: `SpecQL: Rename ${entity.entity.name} in the Registry`, step: 1, totalSteps: 1 };
  const fault = (text: string) => (NAME.test(text) ? undefined : "A name begins with a letter; letters, digits and _ follow.");
  const answer = await type(step, "The name to register instead", entity.entity.name, fault);
  if (typeof answer !== "object" || answer.value === entity.entity.name) return;
  await afterAsking(
    connection,
    (dryRun) => api.rename(entity.folder, registration(entity), entity.subdomain.number, answer.value, dryRun),
    (renaming) => ({
      text: `Rename ${renaming.previousName} to ${renaming.entity} in the registry?`,
      detail: `It keeps ${renaming.tableCode}. Files stay as they are.`,
      yes: "Rename",
    }),
    (renaming) => `${renaming.previousName} is ${renaming.entity} now.`,
  );
}

/** The entity that was chosen in the view, unless nothing can be written. */
function correctable(connection: Connection, node: RegistryNode | undefined, what: string): EntityNode | undefined {
  if (node?.kind !== "entity") {
    void vscode.window.showInformationMessage("Choose an entity in the registry view first.");
    return undefined;
  }
  return refusedBeforehand(connection, node.folder, what) ? undefined : node;
}

function registration({ domain, entity }: EntityNode): Registration {
  return { domain: domain.number, entity: entity.name, tableCode: entity.tableCode };
}

async function afterAsking<T>(
  connection: Connection,
  run: (dryRun: boolean) => Promise<T>,
  question: (preview: T) => Question,
  said: (result: T) => string,
): Promise<void> {
  const preview = await withErrorMessage(connection, () => run(true));
  if (preview === undefined) return;
  const { text, detail, yes } = question(preview);
  if ((await vscode.window.showWarningMessage(text, { modal: true, detail }, yes)) !== yes) return;
  const result = await withErrorMessage(connection, () => run(false));
  if (result !== undefined) void vscode.window.showInformationMessage(said(result));
}
