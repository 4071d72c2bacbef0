import { createHash } from "node:crypto";

/** Where a database URL is kept. */
export type Place =
  /** For one folder, in whatever window it is open. */
  | { readonly kind: "folder"; readonly folder: string }
  /** For the folders of the open workspace file that name no database of their own. */
  | { readonly kind: "workspace" }
  /** For every folder that names no database of its own. */
  | { readonly kind: "everywhere" };

/** The database URLs that concern a window. */
export interface KeptUrls {
  /** By folder (its URI); goes before the folder's own specql-lsp.toml. */
  readonly ofFolders: ReadonlyMap<string, string>;
  /** The URL of the other folders; their specql-lsp.toml goes before it. */
  readonly ofOthers: string | undefined;
}

/** The part of VS Code's secret storage that is needed. */
export interface Secrets {
  get(key: string): Thenable<string | undefined>;
  store(key: string, value: string): Thenable<void>;
  delete(key: string): Thenable<void>;
}

/** What is open in a window. */
export interface Opened {
  /** The URIs of its folders. */
  folders(): readonly string[];
  /** The URI of its workspace file, if it has one. */
  workspaceFile(): string | undefined;
}

const EVERYWHERE = "specql.databaseUrl";

/** The database URLs in the secret storage. */
export class UrlStore {
  constructor(
    private readonly secrets: Secrets,
    private readonly opened: Opened,
  ) {}

  /** Where a URL can be kept now, the narrowest place first. */
  available(): readonly Place[] {
    return [
      ...this.opened.folders().map((folder): Place => ({ kind: "folder", folder })),
      ...(this.opened.workspaceFile() === undefined ? [] : [{ kind: "workspace" } as const]),
      { kind: "everywhere" },
    ];
  }

  /** Where a URL is kept that concerns this window. */
  async places(): Promise<readonly Place[]> {
    const found: Place[] = [];
    for (const place of this.available()) {
      if ((await this.at(place)) !== undefined) found.push(place);
    }
    return found;
  }

  /** Every URL that concerns this window. */
  async kept(): Promise<KeptUrls> {
    const ofFolders = new Map<string, string>();
    for (const folder of this.opened.folders()) {
      const url = await this.at({ kind: "folder", folder });
      if (url !== undefined) ofFolders.set(folder, url);
    }
    return { ofFolders, ofOthers: (await this.at({ kind: "workspace" })) ?? (await this.at({ kind: "everywhere" })) };
  }

  /** @returns false where no workspace file is open to keep it for */
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
    if (place.kind === "everywhere") return EVERYWHERE;
    const uri = place.kind === "folder" ? place.folder : this.opened.workspaceFile();
    return uri && `${EVERYWHERE}.${createHash("sha256").update(uri).digest("hex").slice(0, 20)}`;
  }
}
