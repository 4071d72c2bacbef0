import type { Connection } from "../client/connection";
import type { Allocation, Catalog, ConsistencyReport, Discrepancy, Domain, MissingCodes, Moving, PerformanceReport, RegistryHistory, Released, Renaming, Resolution, Status, Subdomain } from "./types";

export interface AllocationRequest {
  /** The entity file; what is missing else is read from it, and the code is written into it. */
  readonly uri?: string;
  readonly folder?: string;
  readonly entity?: string;
  readonly domain?: string;
  readonly subdomain?: string;
}

export interface NewDomain {
  readonly number: string;
  readonly name: string;
  readonly description?: string;
  readonly multiTenant?: boolean;
  readonly aliases?: readonly string[];
}

export interface NewSubdomain {
  readonly domain: string;
  readonly number: string;
  readonly name: string;
  readonly description?: string;
}

/** A registered entity as it was shown: it is refused where it has another code by now. */
export interface Registration {
  readonly domain: string;
  readonly entity: string;
  readonly tableCode: string;
}

export type Side = "postgresql" | "yaml";

/** The server's commands, typed. `folder` is the URI of a workspace folder. Each throws `Refusal`. */
export class SpecqlApi {
  constructor(private readonly connection: Connection) {}

  /** The domains to choose from, once every file has been read: a code that only a file has is not free. */
  domains(folder: string): Promise<readonly Domain[]> {
    return this.connection.execute("specql.listDomains", { folder });
  }

  /** The domains to show, at once; what files say of them may still change (`onDidChangeDomains`). */
  domainsSoFar(folder: string): Promise<readonly Domain[]> {
    return this.connection.execute("specql.listDomains", { folder, atOnce: true });
  }

  /** Patterns, services, and whatever the server has beside them. */
  catalogs(folder: string): Promise<readonly Catalog[]> {
    return this.connection.execute("specql.listCatalogs", { folder });
  }

  allocate(request: AllocationRequest): Promise<Allocation> {
    return this.connection.execute("specql.allocateEntityCode", request);
  }

  /** Codes for every file of a folder, or for the files and folders named, that has none; a preview changes nothing. */
  allocateMissing(scopes: readonly string[], dryRun: boolean): Promise<MissingCodes> {
    return this.connection.execute("specql.allocateMissingCodes", { uris: scopes, dryRun });
  }

  move(folder: string, registration: Registration, subdomain: string, dryRun: boolean): Promise<Moving> {
    return this.connection.execute("specql.moveRegistration", { folder, ...registration, subdomain, dryRun });
  }

  release(folder: string, registration: Registration, subdomain: string, dryRun: boolean): Promise<Released> {
    return this.connection.execute("specql.releaseCode", { folder, ...registration, subdomain, dryRun });
  }

  rename(folder: string, registration: Registration, subdomain: string, newName: string, dryRun: boolean): Promise<Renaming> {
    return this.connection.execute("specql.renameRegistration", { folder, ...registration, subdomain, newName, dryRun });
  }

  /** The two sides compared: as they are now, or (`refresh` false) as they were last read. */
  consistency(folder: string, refresh: boolean): Promise<ConsistencyReport> {
    return this.connection.execute("specql.checkConsistency", { folder, refresh });
  }

  /** `confirmed`: the user has agreed to the discrepancy's `keepYamlQuestion`; otherwise the server asks where it has to. */
  resolve(folder: string, discrepancy: Discrepancy, keep: Side, confirmed: boolean): Promise<{ readonly resolved: boolean }> {
    const agreed = confirmed ? { confirmed } : {};
    return this.connection.execute("specql.resolveDiscrepancy", { folder, discrepancy, keep, ...agreed });
  }

  /** What keeping one side of several differences would do. */
  preview(folder: string, discrepancies: readonly Discrepancy[], keep: Side): Promise<Resolution> {
    return this.connection.execute("specql.resolveDiscrepancies", { folder, discrepancies, keep, dryRun: true });
  }

  /** Keeps one side of several differences, by one edit or in one transaction; the user has agreed to it. */
  resolveAll(folder: string, discrepancies: readonly Discrepancy[], keep: Side): Promise<Resolution> {
    return this.connection.execute("specql.resolveDiscrepancies", { folder, discrepancies, keep, confirmed: true });
  }

  registryAsYaml(folder: string): Promise<{ readonly uri: string; readonly text: string }> {
    return this.connection.execute("specql.registryAsYaml", { folder });
  }

  refresh(folder: string): Promise<Status> {
    return this.connection.execute("specql.refreshRegistry", { folder });
  }

  /** What was done to the registry, newest first; `of` names an entity's file or a code. */
  history(folder: string, of: { readonly uri?: string; readonly tableCode?: string }): Promise<RegistryHistory> {
    return this.connection.execute("specql.history", { folder, ...of });
  }

  report(folder: string): Promise<PerformanceReport> {
    return this.connection.execute("specql.performanceReport", { folder });
  }

  registerDomain(folder: string, domain: NewDomain): Promise<Domain> {
    return this.connection.execute("specql.registerDomain", { folder, ...domain });
  }

  registerSubdomain(folder: string, subdomain: NewSubdomain): Promise<Subdomain> {
    return this.connection.execute("specql.registerSubdomain", { folder, ...subdomain });
  }
}
