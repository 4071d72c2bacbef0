import * as vscode from "vscode";
import type { SpecqlApi } from "../api/api";
import type { Domain } from "../api/types";
import type { Connection } from "../client/connection";
import type { RegistryNode } from "../views/registryModel";
import { withErrorMessage, refusedBeforehand } from "./withErrorMessage";
import { domainChoices, faultOfDomainNumber, faultOfName, faultOfSubdomainNumber, freeDomainNumber, freeSubdomainNumber } from "./choices";
import { folderFor } from "./folder";
import { inSteps, keep } from "./sequence";
import { pick, type } from "./quickInputSteps";

/** Asks for a new domain, and registers it. */
export async function registerDomain(connection: Connection, api: SpecqlApi, node?: RegistryNode): Promise<void> {
  const folder = node?.folder ?? (await folderFor(connection));
  if (folder === undefined || refusedBeforehand(connection, folder, "No domain can be registered")) return;
  const domains = await withErrorMessage(connection, () => api.domains(folder));
  if (!domains) return;
  let [number, name, description, aliases, multiTenant] = [freeDomainNumber(domains), "", "", "", false];
  const names = domains.flatMap((each) => [each.name, ...each.aliases]);
  const at = (step: number) => ({ title: "SpecQL: Register a Domain", step, totalSteps: 5 });
  const tenants = [
    { label: "No", description: "one set of data for everybody", value: false },
    { label: "Yes", description: "each tenant has data of its own", value: true },
  ];
  const done = await inSteps([
    async () => keep(await type(at(1), "Number: one hexadecimal digit", number, (text) => faultOfDomainNumber(text, domains)), (value) => (number = value)),
    async () => keep(await type(at(2), "Name", name, (text) => faultOfName(text, names)), (value) => (name = value)),
    async () => keep(await type(at(3), "Description (may be empty)", description, () => undefined), (value) => (description = value)),
    async () => keep(await type(at(4), "Aliases, separated by commas (may be empty)", aliases, (text) => listed(text).map((each) => faultOfName(each, names)).find(Boolean)), (value) => (aliases = value)),
    async () => keep(await pick(at(5), "Multi-tenant?", tenants), (value) => (multiTenant = value)),
  ]);
  if (!done) return;
  const added = await withErrorMessage(connection, () =>
    api.registerDomain(folder, { number: number.toUpperCase(), name, description, multiTenant, aliases: listed(aliases) }),
  );
  if (added) void vscode.window.showInformationMessage(`Registered domain ${added.number} (${added.name}).`);
}

/** Asks for a new subdomain, and registers it. */
export async function registerSubdomain(connection: Connection, api: SpecqlApi, node?: RegistryNode): Promise<void> {
  const folder = node?.folder ?? (await folderFor(connection));
  if (folder === undefined || refusedBeforehand(connection, folder, "No subdomain can be registered")) return;
  const domains = await withErrorMessage(connection, () => api.domains(folder));
  if (!domains) return;
  const given = node?.kind === "domain" ? domains.find((each) => each.number === node.domain.number) : undefined;
  let domain: Domain | undefined = given;
  let [number, name, description] = ["", "", ""];
  const first = given ? 0 : 1;
  const at = (step: number) => ({ title: `SpecQL: Register a Subdomain${domain ? ` of ${domain.name}` : ""}`, step: step + first, totalSteps: 3 + first });
  const choose = async () => keep(await pick({ ...at(0) }, "The domain", domainChoices(domains, undefined)), (value) => {
      if (value !== domain) number = "";
      domain = value;
    });
  const done = await inSteps([
    ...(given ? [] : [choose]),
    async () => {
      const parent = domain;
      if (!parent) return "leave";
      const proposed = number || freeSubdomainNumber(parent);
      return keep(await type(at(1), "Number", proposed, (text) => faultOfSubdomainNumber(text, parent)), (value) => (number = value));
    },
    async () => keep(await type(at(2), "Name", name, (text) => faultOfName(text, domain?.subdomains.map((each) => each.name) ?? [])), (value) => (name = value)),
    async () => keep(await type(at(3), "Description (may be empty)", description, () => undefined), (value) => (description = value)),
  ]);
  if (!done || !domain) return;
  const parent = domain;
  const added = await withErrorMessage(connection, () =>
    api.registerSubdomain(folder, { domain: parent.number, number: number.toUpperCase(), name, description }),
  );
  if (added) void vscode.window.showInformationMessage(`Registered subdomain ${added.number} (${added.name}) of ${parent.name}.`);
}

function listed(text: string): string[] {
  return text.split(",").map((each) => each.trim()).filter(Boolean);
}
