import type { Domain, Entity, Location, Status, Subdomain } from "../api/types";
import { count, sourceName } from "../status/present";

/** A node of the registry view. */
export type RegistryNode = FolderNode | DomainNode | SubdomainNode | EntityNode;

interface Base {
  /** The same for the same thing in every reading, so that what is expanded stays so. */
  readonly id: string;
  readonly folder: string;
  readonly label: string;
  /** What is shown dimmed beside the label. */
  readonly description: string;
  /** Markdown. */
  readonly tooltip: string;
  readonly children: readonly RegistryNode[];
}

export interface FolderNode extends Base {
  readonly kind: "folder";
}

export interface DomainNode extends Base {
  readonly kind: "domain";
  readonly domain: Domain;
}

export interface SubdomainNode extends Base {
  readonly kind: "subdomain";
  readonly domain: Domain;
  readonly subdomain: Subdomain;
}

export interface EntityNode extends Base {
  readonly kind: "entity";
  readonly domain: Domain;
  readonly subdomain: Subdomain;
  readonly entity: Entity;
}

/**
 * The nodes of a folder's domains.
 *
 * @param filter only what holds this text in its name, number or code (or what holds such a thing); empty: everything
 */
export function domainNodes(folder: string, domains: readonly Domain[], filter = ""): DomainNode[] {
  const wanted = filter.trim().toLowerCase();
  return domains.flatMap((domain) => {
    const whole = matches(wanted, domain.number, domain.name, ...domain.aliases);
    const children = subdomainNodes(folder, domain, whole ? "" : wanted);
    return whole || children.length > 0 ? [domainNode(folder, domain, children)] : [];
  });
}

function domainNode(folder: string, domain: Domain, children: readonly SubdomainNode[]): DomainNode {
  const used = domain.subdomains.reduce((sum, each) => sum + each.entities.length, 0);
  const free = domain.subdomains.reduce((sum, each) => sum + each.free, 0);
  return {
    kind: "domain",
    id: `${folder}#${domain.number}`,
    folder,
    domain,
    label: domain.name,
    description: `${domain.number} · ${used} used, ${free} free`,
    tooltip: [
      `**${text(domain.name)}** · domain ${text(domain.number)}`,
      text(domain.description ?? ""),
      domain.aliases.length > 0 ? `Aliases: ${domain.aliases.map(text).join(", ")}` : "",
      domain.multiTenant ? "Multi-tenant" : "",
    ].filter(Boolean).join("\n\n"),
    children,
  };
}

function subdomainNodes(folder: string, domain: Domain, wanted: string): SubdomainNode[] {
  return domain.subdomains.flatMap((subdomain) => {
    const whole = matches(wanted, subdomain.number, subdomain.name);
    const entities = subdomain.entities.filter((each) => whole || matches(wanted, each.name, each.tableCode));
    if (!whole && entities.length === 0) return [];
    const id = `${folder}#${domain.number}/${subdomain.number}`;
    const node: SubdomainNode = {
      kind: "subdomain",
      id,
      folder,
      domain,
      subdomain,
      label: subdomain.name,
      description: `${subdomain.number} · ${subdomain.entities.length} used, ${subdomain.free > 0 ? `${subdomain.free} free` : "full"}${subdomain.availableLeases?.length ? `, ${subdomain.availableLeases.length} leased` : ""}`,
      tooltip: [
        `**${text(subdomain.name)}** · subdomain ${text(subdomain.number)} of ${text(domain.name)}`,
        text(subdomain.description ?? ""),
        codesLeft(subdomain),
      ].filter(Boolean).join("\n\n"),
      children: entities.map((entity) => entityNode(id, folder, domain, subdomain, entity)),
    };
    return [node];
  });
}

function codesLeft(subdomain: Subdomain): string {
  const leased = subdomain.availableLeases ?? [];
  if (leased.length > 0) return `Leased, until PostgreSQL is back: ${leased.map((code) => `\`${code}\``).join(", ")}.`;
  return subdomain.nextTableCode ? `The next code is \`${subdomain.nextTableCode}\`.` : "No code is free.";
}

function entityNode(parent: string, folder: string, domain: Domain, subdomain: Subdomain, entity: Entity): EntityNode {
  const file = entity.fileLocation ? "" : "No file of the workspace defines it.";
  return {
    kind: "entity",
    id: `${parent}/${entity.name}/${entity.tableCode}`,
    folder,
    domain,
    subdomain,
    entity,
    label: entity.name,
    description: entity.tableCode,
    tooltip: [`**${text(entity.name)}** · \`${text(entity.tableCode)}\``, entity.entityCode ? `Short code ${text(entity.entityCode)}` : "", file]
      .filter(Boolean).join("\n\n"),
    children: [],
  };
}

/** What the menus of a node depend on (`viewItem`). */
export function contextValue(node: RegistryNode): string {
  switch (node.kind) {
    case "folder":
      return "folder";
    case "domain":
      return join("domain", node.domain.registryLocation, null);
    case "subdomain":
      return [
        join("subdomain", node.subdomain.registryLocation, null),
        ...(node.subdomain.free > 0 ? ["free"] : []),
        ...(node.subdomain.availableLeases?.length ? ["leased"] : []),
      ].join(",");
    case "entity":
      return join("entity", node.entity.registryLocation, node.entity.fileLocation);
  }
}

function join(kind: string, registry: Location | null, file: Location | null): string {
  return [kind, registry ? "registry" : "", file ? "file" : ""].filter(Boolean).join(",");
}

/** The sentence above the tree: where it is from, when that is not a writable PostgreSQL, and what is filtered. */
export function message(status: Status | undefined, filter: string, matched = true): string | undefined {
  const parts: string[] = [];
  if (filter) parts.push(matched ? `Filtered by “${filter}”.` : `Nothing in the registry holds “${filter}”.`);
  if (status && (!status.writable || status.stale)) {
    parts.push(`${sourceName(status)}, read-only.`, status.reason);
  }
  return parts.filter(Boolean).join(" ") || undefined;
}

/** What a folder's node says beside its name. */
export function folderDescription(status: Status | undefined): string {
  return status ? [sourceName(status), count(status.entities, "entity")].filter(Boolean).join(" · ") : "";
}

function matches(wanted: string, ...texts: readonly string[]): boolean {
  return wanted === "" || texts.some((each) => each.toLowerCase().includes(wanted));
}

/** A text as Markdown shows it literally. */
export function text(raw: string): string {
  return raw.replace(/[\\`*_{}[\]()#+\-.!|<>~$&]/g, "\\$&");
}
