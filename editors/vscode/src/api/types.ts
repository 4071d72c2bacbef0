/** What the server's commands and notifications say, as its interface has it (camelCase JSON). */

export interface Position {
  readonly line: number;
  readonly character: number;
}

/** LSP's Location; positions from 0, characters in UTF-16 units. */
export interface Location {
  readonly uri: string;
  readonly range: { readonly start: Position; readonly end: Position };
}

export type Source = "postgresql" | "yaml" | "snapshot" | "in_memory" | "none";

/** Which registry answers, and why. Counts are null where nothing can be read or compared: unavailable is not empty. */
export interface Status {
  readonly source: Source;
  readonly writable: boolean;
  readonly stale: boolean;
  /** A sentence for a person; empty where there is nothing to say. */
  readonly reason: string;
  readonly since: string | null;
  readonly loadedAt: string | null;
  readonly domains: number | null;
  readonly subdomains: number | null;
  readonly entities: number | null;
  readonly discrepancies: number | null;
  /** Host, port and database; never a password. */
  readonly server: string | null;
  readonly listening: boolean;
  /** Where the database's URL was set; null without a database. */
  readonly databaseFrom?: string | null;
  /** Where else another one was set, which it overrides. */
  readonly databaseOverrides?: readonly string[];
  /** Whether the folder's own file names a database that is used once the workspace is trusted. */
  readonly awaitsTrust?: boolean;
  /** How many leased codes can be allocated although PostgreSQL is away. */
  readonly leased?: number;
  /** The workspace folder that a notification is about. */
  readonly folder?: string;
}

export interface Entity {
  readonly name: string;
  readonly tableCode: string;
  readonly sequence: number | null;
  readonly entityCode?: string;
  /** The line of the registry YAML. */
  readonly registryLocation: Location | null;
  /** The file that defines it. */
  readonly fileLocation: Location | null;
}

export interface Subdomain {
  readonly number: string;
  readonly name: string;
  readonly description: string | null;
  readonly nextEntitySequence: number;
  /** How many codes can be given out. */
  readonly free: number;
  /** The code that the next allocation gives; null where none is free. */
  readonly nextTableCode: string | null;
  /** The leased codes that can be allocated now, while PostgreSQL is away. */
  readonly availableLeases?: readonly string[];
  readonly entities: readonly Entity[];
  readonly registryLocation: Location | null;
}

export interface Domain {
  readonly number: string;
  readonly name: string;
  readonly description: string | null;
  readonly multiTenant: boolean;
  readonly aliases: readonly string[];
  readonly subdomains: readonly Subdomain[];
  readonly registryLocation: Location | null;
}

/** A part of an entry: a parameter of a pattern, an operation of a service. */
export interface CatalogItem {
  readonly name: string;
  readonly detail: string;
  readonly description: string;
  readonly location: Location | null;
}

export interface CatalogEntry {
  readonly name: string;
  /** What it is: `action pattern`, `service` …; entries of two kinds may have the same name. */
  readonly kind: string;
  /** The name of the source that it is from. */
  readonly source: string;
  readonly description: string;
  readonly detail: string;
  /** Why it should not be used any more (it may be empty); null for an entry that may be. */
  readonly deprecated: string | null;
  /** What to use instead of a deprecated one. */
  readonly replacement: string | null;
  readonly location: Location | null;
  readonly items: readonly CatalogItem[];
}

export interface CatalogSource {
  readonly name: string;
  readonly title: string;
  /** Unavailable is not empty, and neither is absent. */
  readonly state: "read" | "stale" | "unavailable" | "absent";
  readonly reason: string;
  readonly entries: number;
}

/** A registry beside that of domains, such as the patterns. */
export interface Catalog {
  readonly name: string;
  readonly title: string;
  /** What one of its entries is called. */
  readonly noun: string;
  readonly about: string;
  readonly sources: readonly CatalogSource[];
  readonly entries: readonly CatalogEntry[];
}

export type Value = string | number | boolean | readonly string[] | null;

export interface Discrepancy {
  readonly type: string;
  readonly domain: string;
  readonly subdomain?: string;
  readonly entity?: string;
  readonly attribute?: string;
  readonly postgresqlValue?: Value;
  readonly yamlValue?: Value;
  readonly message: string;
  readonly location: Location | null;
  /** Its line in a list: what it is about, and where that is and how it differs. */
  readonly name: string;
  readonly detail: string;
  /** Where the thing is. */
  readonly side: "postgresql" | "yaml" | "both";
  readonly domainName: string;
  readonly subdomainName: string | null;
  /** What each resolution does, in words. */
  readonly keepPostgresql: string;
  readonly keepYaml: string;
  /** What to ask before the YAML's side is kept: it names what is written; null where the database is only added to. */
  readonly keepYamlQuestion?: string | null;
}

export interface Resolution {
  readonly resolved: number;
  readonly refused: readonly { readonly discrepancy: Discrepancy; readonly kind: string; readonly message: string }[];
  /** Of a preview: what would be done, in words: by itself, and as a line of a list. */
  readonly changes?: readonly { readonly title: string; readonly line?: string }[];
  /** Of a preview: what to ask before the shared database is changed; null where nothing has to be asked. */
  readonly question?: string | null;
}

export interface ConsistencyReport {
  readonly consistent: boolean;
  readonly checkedAt: string;
  readonly source: Source;
  readonly summary: {
    readonly postgresqlDomains: number;
    readonly yamlDomains: number;
    readonly entitiesChecked: number;
    readonly discrepancies: number;
  };
  readonly discrepancies: readonly Discrepancy[];
}

export interface Allocation {
  readonly entity: string;
  readonly tableCode: string;
  readonly entityCode: string;
  readonly domain: { readonly number: string; readonly name: string };
  readonly subdomain: { readonly number: string; readonly name: string };
  readonly sequence: number;
  readonly created: boolean;
  /** Whether it is a leased code that PostgreSQL does not know yet, because it is away. */
  readonly leased?: boolean;
}

/** What files without a code get, and which get none. */
export interface MissingCodes {
  readonly allocated: readonly (Allocation & { readonly uri: string })[];
  readonly refused: readonly { readonly uri: string; readonly entity: string; readonly kind: string; readonly message: string }[];
}

interface Numbered {
  readonly number: string;
  readonly name: string;
}

export interface Moving {
  readonly entity: string;
  readonly tableCode: string;
  readonly previousTableCode: string;
  readonly domain: Numbered;
  readonly subdomain: Numbered;
  readonly moved: boolean;
  /** The entity's own, which get the code. */
  readonly files: readonly string[];
}

export interface Released {
  readonly entity: string;
  readonly tableCode: string;
}

export interface Renaming {
  readonly entity: string;
  readonly previousName: string;
  readonly tableCode: string;
  readonly renamed: boolean;
}

/** How something fared; times in milliseconds, rates from 0 to 1. */
export interface Timing {
  readonly queries: number;
  readonly failed: number;
  readonly successRate: number;
  readonly averageMs: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly maxMs: number;
  readonly slow: number;
}

export interface SlowQuery {
  readonly operation: string;
  readonly statement?: string;
  readonly ms: number;
  readonly at: string;
}

export interface PerformanceReport extends Timing {
  readonly since: string;
  readonly slowQueries: readonly SlowQuery[];
  readonly byOperation: Readonly<Record<string, Timing>>;
  readonly byStatement: Readonly<Record<string, Timing>>;
  readonly cache: { readonly hits: number; readonly misses: number; readonly hitRate: number };
  readonly fallbacks: number;
  readonly fallbackReasons: readonly { readonly reason: string; readonly at: string }[];
}

/** Something that was done to the registry. */
export interface HistoryEvent {
  readonly at: string;
  /** The role of the database. */
  readonly by: string;
  /** What the writing program says of its user. */
  readonly author: string | null;
  readonly application: string | null;
  /** What was done, in words. */
  readonly summary: string;
}

export interface RegistryHistory {
  readonly available: boolean;
  /** Why it is not available. */
  readonly reason: string | null;
  readonly events: readonly HistoryEvent[];
}
