import type { KeptUrls } from "./places";

/** The URL of folders that name no database of their own; the server ranks it below their specql-lsp.toml. */
export const DEFAULT_VARIABLE = "SPECQL_DB_URL_DEFAULT";

/**
 * Kept URLs as a server gets them: each in a variable of its environment. A folder's settings only name the variable, so
 * that no URL is in a message, which can be traced.
 */
export class ServerUrls {
  /** What is added to the environment that the server is started with. */
  readonly environment: Readonly<Record<string, string>>;
  private readonly variables = new Map<string, string>();

  /**
   * @param kept the URLs, by folder
   * @param environment what the server inherits; its variables keep their values
   */
  constructor(
    readonly kept: KeptUrls,
    environment: NodeJS.ProcessEnv,
  ) {
    const added: Record<string, string> = {};
    let number = 0;
    for (const [folder, url] of kept.ofFolders) {
      do number += 1;
      while (environment[`SPECQL_DB_URL_${number}`] !== undefined);
      added[`SPECQL_DB_URL_${number}`] = url;
      this.variables.set(folder, `SPECQL_DB_URL_${number}`);
    }
    if (kept.ofOthers !== undefined) added[DEFAULT_VARIABLE] = kept.ofOthers;
    this.environment = added;
  }

  /** What a folder's setting `registry.databaseUrl` says of the URL that is kept for it; undefined where none is. */
  reference(folder: string): string | undefined {
    const variable = this.variables.get(folder);
    return variable && `\${env:${variable}}`;
  }

  /** Whether a server that was started with these has the right URL for every folder of `now`. */
  serves(now: KeptUrls, folders: readonly string[]): boolean {
    return now.ofOthers === this.kept.ofOthers && folders.every((each) => now.ofFolders.get(each) === this.kept.ofFolders.get(each));
  }
}
