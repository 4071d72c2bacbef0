import { createHash } from "node:crypto";

/** Where a database URL is kept: for one workspace, or for every one that has none of its own. */
export type Place = "workspace" | "everywhere";

/** The part of VS Code's secret storage that is needed. */
export interface Secrets {
  get(key: string): Thenable<string | undefined>;
  store(key: string, value: string): Thenable<void>;
  delete(key: string): Thenable<void>;
}

const EVERYWHERE = "specql.databaseUrl";

/** The database URLs in the secret storage. */
export class UrlStore {
  /**
   * @param secrets the secret storage
   * @param workspace what the open workspace is known by (a URI); undefined where none is open
   */
  constructor(
    private readonly secrets: Secrets,
    private readonly workspace: () => string | undefined,
  ) {}

  /** The URL for the open workspace: its own, else the one for every workspace. */
  async get(): Promise<string | undefined> {
    return (await this.at("workspace")) ?? (await this.at("everywhere"));
  }

  /** Where there is a URL that concerns the open workspace, the one that counts first. */
  async places(): Promise<readonly Place[]> {
    const found: Place[] = [];
    for (const place of ["workspace", "everywhere"] as const) {
      if ((await this.at(place)) !== undefined) found.push(place);
    }
    return found;
  }

  /** @returns false where no workspace is open to keep it for */
  async keep(place: Place, url: string): Promise<boolean> {
    const key = this.key(place);
    if (key === undefined) return false;
    await this.secrets.store(key, url);
    return true;
  }

  async forget(place: Place): Promise<void> {
    const key = this.key(place);
    if (key !== undefined) await this.secrets.delete(key);
  }

  private async at(place: Place): Promise<string | undefined> {
    const key = this.key(place);
    return key === undefined ? undefined : await this.secrets.get(key);
  }

  private key(place: Place): string | undefined {
    if (place === "everywhere") return EVERYWHERE;
    const workspace = this.workspace();
    if (workspace === undefined) return undefined;
    return `${EVERYWHERE}.${createHash("sha256").update(workspace).digest("hex").slice(0, 20)}`;
  }
}
