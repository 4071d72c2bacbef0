import type { Domain, Entity, Subdomain } from "../../src/api/types";

/** Parts of a registry for tests: what is not given is empty. */
export function entity(name: string, tableCode: string, given: Partial<Entity> = {}): Entity {
  return { name, tableCode, sequence: 1, registryLocation: null, fileLocation: null, ...given };
}

export function subdomain(number: string, name: string, given: Partial<Subdomain> = {}): Subdomain {
  return { number, name, description: null, nextEntitySequence: 1, free: 15, nextTableCode: `01${number}1`, entities: [], registryLocation: null, ...given };
}

export function domain(number: string, name: string, given: Partial<Domain> = {}): Domain {
  return { number, name, description: null, multiTenant: false, aliases: [], subdomains: [], registryLocation: null, ...given };
}

export function location(line: number): Entity["fileLocation"] {
  return { uri: "file:///w/a.yaml", range: { start: { line, character: 0 }, end: { line, character: 3 } } };
}

export const CRM = domain("2", "crm", {
  aliases: ["sales"],
  subdomains: [
    subdomain("03", "customer", {
      free: 13,
      nextTableCode: "012033",
      entities: [entity("Contact", "012031", { fileLocation: location(0), registryLocation: location(9) }), entity("Company", "012032")],
    }),
    subdomain("04", "support", { free: 0, nextTableCode: null }),
  ],
});
export const CATALOG = domain("3", "catalog", { subdomains: [subdomain("01", "classification")] });
