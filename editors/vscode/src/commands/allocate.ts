import * as vscode from "vscode";
import type { AllocationRequest, SpecqlApi } from "../api/api";
import type { Allocation, Domain, Subdomain } from "../api/types";
import type { Connection } from "../client/connection";
import type { RegistryNode } from "../views/registryModel";
import { allocationRefusedBeforehand, withErrorMessage } from "./withErrorMessage";
import { type Codes, domainChoices, readEntity, subdomainChoices } from "./choices";
import { folderFor } from "./folder";
import { isAllocatable } from "./obstacles";
import { openLocation } from "./open";
import { inSteps, keep } from "./sequence";
import { pick, type } from "./quickInputSteps";

const NAME = /^[A-Za-z][A-Za-z0-9_]*$/;

/** What is to get a code: the entity of the active file, or one that the user names. */
interface Target {
  readonly uri?: vscode.Uri;
  entity: string;
  readonly schema?: string;
}

/** Allocates a code: for the active file's entity, in a subdomain that the user picks (or has picked in the tree). */
export async function allocate(connection: Connection, api: SpecqlApi, node?: RegistryNode): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  const target = targetOf(editor?.document);
  const folder = node?.folder ?? (await folderFor(connection, target.uri));
  if (folder === undefined || allocationRefusedBeforehand(connection, folder)) return;
  const codes = codesOf(connection, folder);
  const given = node?.kind === "subdomain" ? node : undefined;
  const domains = given ? [given.domain] : await withErrorMessage(connection, () => api.domains(folder));
  if (!domains) return;

  let domain: Domain | undefined = given?.domain;
  let subdomain: Subdomain | undefined = given?.subdomain;
  const asksName = target.entity === "" || given !== undefined;
  const total = Number(asksName) + (given ? 0 : 2);
  const title = () => `SpecQL: Allocate a Code${target.entity ? ` for ${target.entity}` : ""}`;
  const at = (step: number) => ({ title: title(), step, totalSteps: total });
  const name = async () =>
    keep(
      await type(at(1), "The entity's name", target.entity, (text) => (NAME.test(text) ? undefined : "A name begins with a letter; letters, digits and _ follow.")),
      (value) => (target.entity = value),
    );
  const domainStep = async () =>
    keep(await pick(at(total - 1), "The domain", domainChoices(domains, target.schema, codes)), (value) => (domain = value));
  const subdomainStep = async () =>
    keep(await pick(at(total), subdomainPrompt(domain), domain ? subdomainChoices(domain, codes) : []), (value) => (subdomain = value));
  const steps = [...(asksName ? [name] : []), ...(given ? [] : [domainStep, subdomainStep])];
  if (!(await inSteps(steps)) || !domain || !subdomain) return;

  const isOfFile = target.uri !== undefined && target.entity === targetOf(editor?.document).entity;
  const request: AllocationRequest = {
    ...(isOfFile ? { uri: target.uri.toString() } : { folder }),
    entity: target.entity,
    domain: domain.number,
    subdomain: subdomain.number,
  };
  const allocation = await withErrorMessage(connection, () => api.allocate(request));
  if (allocation) await tell(api, folder, allocation);
}

/** The action "Another subdomain…": asks for the subdomain, then allocates. */
export async function chooseSubdomain(connection: Connection, api: SpecqlApi, given: AllocationRequest): Promise<void> {
  const folder = await folderFor(connection, given.uri === undefined ? undefined : vscode.Uri.parse(given.uri));
  const domains = folder === undefined ? undefined : await withErrorMessage(connection, () => api.domains(folder));
  const domain = domains?.find((each) => each.number === given.domain);
  if (folder === undefined || !domain) return;
  const step = { title: `SpecQL: Allocate a Code for ${given.entity ?? "the entity"}`, step: 1, totalSteps: 1 };
  const answer = await pick(step, subdomainPrompt(domain), subdomainChoices(domain, codesOf(connection, folder)));
  if (typeof answer !== "object") return;
  const allocation = await withErrorMessage(connection, () => api.allocate({ ...given, subdomain: answer.value.number }));
  if (allocation) await tell(api, folder, allocation);
}

/** While a registry cannot be written, allocation gives leased codes. */
function codesOf(connection: Connection, folder: string): Codes {
  const status = connection.status(folder);
  return status && !status.writable && isAllocatable(status) ? "leased" : "new";
}

function subdomainPrompt(domain: Domain | undefined): string {
  if (!domain) return "";
  return domain.subdomains.length > 0 ? `The subdomain of ${domain.name}` : `${domain.name} has no subdomain yet: register one first.`;
}

function targetOf(document: vscode.TextDocument | undefined): Target {
  if (document?.languageId !== "specql") return { entity: "" };
  const { entity, schema } = readEntity(document.getText());
  return entity === undefined ? { entity: "" } : { uri: document.uri, entity, ...(schema ? { schema } : {}) };
}

async function tell(api: SpecqlApi, folder: string, allocation: Allocation): Promise<void> {
  const where = `${allocation.domain.name} / ${allocation.subdomain.name}`;
  const sentence = allocation.created
    ? `Allocated ${allocation.tableCode} to ${allocation.entity} in ${where}.${allocation.leased ? " It is a leased code, and is registered when PostgreSQL is back." : ""}`
    : `${allocation.entity} has the code ${allocation.tableCode} in ${where} already.`;
  const chosen = await vscode.window.showInformationMessage(sentence, "Copy Code", "Open");
  if (chosen === "Copy Code") await vscode.env.clipboard.writeText(allocation.tableCode);
  if (chosen !== "Open") return;
  const entities = (await api.domains(folder)).flatMap((domain) => domain.subdomains).flatMap((each) => each.entities);
  const entity = entities.find((each) => each.tableCode === allocation.tableCode);
  await openLocation(entity?.fileLocation ?? entity?.registryLocation);
}
