import type { Side } from "../api/api";
import type { Discrepancy, Domain, Location, Subdomain } from "../api/types";

/** An item of a quick pick, and what it means. */
export interface Choice<T> {
  readonly label: string;
  readonly description: string;
  readonly detail?: string;
  /** Why it cannot be chosen, as a sentence. */
  readonly fault?: string;
  readonly value: T;
}

/** Which codes an allocation gives: new ones, or, while PostgreSQL is away, those that the folder has leased. */
export type Codes = "new" | "leased";

/** The domains to choose from; the one of `schema` (its name or an alias) first. */
export function domainChoices(domains: readonly Domain[], schema: string | undefined, codes: Codes = "new"): Choice<Domain>[] {
  const wanted = schema?.toLowerCase();
  const own = (domain: Domain) => wanted !== undefined && [domain.name, ...domain.aliases].some((name) => name.toLowerCase() === wanted);
  return [...domains]
    .sort((one, other) => Number(own(other)) - Number(own(one)))
    .map((domain) => {
      const left = domain.subdomains.reduce((sum, each) => sum + leftIn(each, codes).length, 0);
      return {
        label: domain.name,
        description: `${domain.number} · ${left} ${codes === "new" ? "free" : "leased"}${own(domain) ? " · the file's schema" : ""}`,
        ...(domain.description ? { detail: domain.description } : {}),
        ...(codes === "leased" && left === 0 ? { fault: `No code of ${domain.name} is leased: only leased codes can be allocated until PostgreSQL is back.` } : {}),
        value: domain,
      };
    });
}

/** The subdomains to choose from, with how many codes are left and the one that would be given; those without any last. */
export function subdomainChoices(domain: Domain, codes: Codes = "new"): Choice<Subdomain>[] {
  const none = codes === "new" ? "full" : "none leased";
  return domain.subdomains
    .map((subdomain) => ({ subdomain, left: leftIn(subdomain, codes) }))
    .sort((one, other) => Number(one.left.length === 0) - Number(other.left.length === 0))
    .map(({ subdomain, left }) => ({
      label: subdomain.name,
      description: left.next ? `${subdomain.number} · ${left.length} ${codes === "new" ? "left" : "leased"} · gives ${left.next}` : `${subdomain.number} · ${none}`,
      ...(subdomain.description ? { detail: subdomain.description } : {}),
      ...(left.next ? {} : { fault: faultOfSubdomain(subdomain, codes) }),
      value: subdomain,
    }));
}

/** How many codes of a subdomain are left, and the next of them. */
function leftIn(subdomain: Subdomain, codes: Codes): { readonly length: number; readonly next: string | null } {
  const { availableLeases: leased = [] } = subdomain;
  return codes === "new" ? { length: subdomain.free, next: subdomain.nextTableCode } : { length: leased.length, next: leased[0] ?? null };
}

function faultOfSubdomain(subdomain: Subdomain, codes: Codes): string {
  return codes === "new"
    ? `${subdomain.name} is full: choose another subdomain, or register one.`
    : `No code of ${subdomain.name} is leased: only leased codes can be allocated until PostgreSQL is back.`;
}

/** Everything that one can go to. */
export function placeChoices(domains: readonly Domain[]): Choice<Location | null>[] {
  return domains.flatMap((domain) => [
    { label: domain.name, description: `domain ${domain.number}`, value: domain.registryLocation },
    ...domain.subdomains.flatMap((subdomain) => [
      { label: subdomain.name, description: `subdomain ${subdomain.number} of ${domain.name}`, value: subdomain.registryLocation },
      ...subdomain.entities.map((entity) => ({
        label: entity.name,
        description: `${entity.tableCode} · ${domain.name} / ${subdomain.name}`,
        value: entity.fileLocation ?? entity.registryLocation,
      })),
    ]),
  ]);
}

/** The differences to choose from, as their sentences. */
export function differenceChoices(discrepancies: readonly Discrepancy[]): Choice<Discrepancy>[] {
  return discrepancies.map((value) => ({ label: value.message, description: "", value }));
}

/** What can be kept of a difference, in the server's words. */
export function sideChoices(discrepancy: Discrepancy): Choice<Side>[] {
  return [
    { label: "$(database) Keep PostgreSQL", description: "", detail: discrepancy.keepPostgresql, value: "postgresql" },
    { label: "$(file-code) Keep YAML", description: "", detail: discrepancy.keepYaml, value: "yaml" },
  ];
}

/** Entity and schema of an entity file, read from its lines: enough to propose, the server reads it properly. */
export function readEntity(text: string): { readonly entity?: string; readonly schema?: string } {
  const entity = valueOf(text, "entity");
  const schema = valueOf(text, "schema");
  return { ...(entity ? { entity } : {}), ...(schema ? { schema } : {}) };
}

function valueOf(text: string, key: string): string | undefined {
  const found = new RegExp(`^["']?${key}["']?[ \\t]*:[ \\t]*(?:"([^"\\n]*)"|'([^'\\n]*)'|([^\\s#"'{\\[][^\\n#]*))`, "m").exec(text);
  return (found?.[1] ?? found?.[2] ?? found?.[3])?.trim() || undefined;
}

/** What is wrong with the number of a new domain, as a sentence. */
export function faultOfDomainNumber(text: string, domains: readonly Domain[]): string | undefined {
  if (!/^[0-9A-Fa-f]$/.test(text)) return "A domain's number is one hexadecimal digit.";
  const taken = domains.find((each) => each.number.toUpperCase() === text.toUpperCase());
  return taken ? `Domain ${taken.number} is ${taken.name}.` : undefined;
}

/** What is wrong with the number of a new subdomain, as a sentence. */
export function faultOfSubdomainNumber(text: string, domain: Domain): string | undefined {
  const width = widthOf(domain);
  if (!new RegExp(`^[0-9A-Fa-f]{${width}}$`).test(text)) {
    return width === 1
      ? "The subdomains of this domain have one hexadecimal digit."
      : "A subdomain's number is two hexadecimal digits.";
  }
  const taken = domain.subdomains.find((each) => each.number.toUpperCase() === text.toUpperCase());
  return taken ? `Subdomain ${taken.number} is ${taken.name}.` : undefined;
}

/** What is wrong with a new name, as a sentence. */
export function faultOfName(text: string, taken: readonly string[]): string | undefined {
  if (!/^[a-z][a-z0-9_]*$/.test(text)) return "A name begins with a small letter; small letters, digits and _ follow.";
  return taken.includes(text) ? `There is a ${text} already.` : undefined;
}

/** The first number that is free for a new domain; empty where all are taken. */
export function freeDomainNumber(domains: readonly Domain[]): string {
  const taken = new Set(domains.map((each) => each.number.toUpperCase()));
  return Array.from("123456789ABCDEF0").find((digit) => !taken.has(digit)) ?? "";
}

/** The first number that is free for a new subdomain, as wide as its sisters'; empty where all are taken. */
export function freeSubdomainNumber(domain: Domain): string {
  const width = widthOf(domain);
  const taken = new Set(domain.subdomains.map((each) => each.number.toUpperCase()));
  for (let number = 1; number < 16 ** width; number += 1) {
    const text = number.toString(16).toUpperCase().padStart(width, "0");
    if (!taken.has(text)) return text;
  }
  return "";
}

function widthOf(domain: Domain): number {
  return domain.subdomains.length > 0 && domain.subdomains.every((each) => each.number.length === 1) ? 1 : 2;
}
