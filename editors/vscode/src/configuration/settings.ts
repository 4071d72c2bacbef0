/** What is known of one setting: its default, and what was set in each scope. */
export interface Inspected {
  readonly defaultValue?: unknown;
  readonly globalValue?: unknown;
  readonly workspaceValue?: unknown;
  readonly workspaceFolderValue?: unknown;
}

/** Settings that an untrusted workspace must not set: they name programs to run or servers to connect to. */
export const RESTRICTED: ReadonlySet<string> = new Set(["server.path", "server.interpreter", "registry.databaseUrl"]);

/** The sections of the extension's own settings; all others are the server's. */
const OWN_SECTIONS: ReadonlySet<string> = new Set(["server", "trace"]);

/** Whether a key (without `specql.`) is a setting of the server, and not of the extension alone. */
export function isServerSetting(key: string): boolean {
  return !OWN_SECTIONS.has(key.split(".")[0] ?? "");
}

/**
 * The explicit value of a setting; undefined where it is not set, so that the environment and specql-lsp.toml count.
 * Objects are merged, the narrower scope winning, as VS Code does.
 */
export function explicitValue(inspected: Inspected | undefined, key: string, trusted: boolean): unknown {
  if (!inspected) return undefined;
  const values =
    !trusted && RESTRICTED.has(key)
      ? [inspected.globalValue]
      : [inspected.globalValue, inspected.workspaceValue, inspected.workspaceFolderValue];
  const given = values.filter((value) => value !== undefined);
  if (given.length === 0) return undefined;
  return given.every(isTable) ? Object.assign({}, ...given) : given[given.length - 1];
}

/**
 * The explicit settings as the server takes them: `{registry: {databaseUrl: …}, …}`.
 *
 * @param keys the keys without `specql.`
 * @param inspect what is known of one
 * @param trusted whether the workspace is
 * @param keptUrl the database URL that is kept for the folder alone: it goes before the user's setting, which is for every
 *   folder, and after what the workspace or the folder sets
 */
export function serverSettings(
  keys: readonly string[],
  inspect: (key: string) => Inspected | undefined,
  trusted: boolean,
  keptUrl?: string,
): Record<string, Record<string, unknown>> {
  const settings: Record<string, Record<string, unknown>> = {};
  for (const key of keys.filter(isServerSetting)) {
    const inspected = inspect(key);
    const known = key === "registry.databaseUrl" && keptUrl !== undefined ? { ...inspected, globalValue: keptUrl } : inspected;
    const value = explicitValue(known, key, trusted);
    if (value === undefined) continue;
    const [section = "", name = ""] = key.split(".");
    (settings[section] ??= {})[name] = value;
  }
  return settings;
}

/** Whether a setting of the workspace or the folder goes before a URL that is kept for the folder. */
export function overridesKeptUrl(inspected: Inspected | undefined, trusted: boolean): boolean {
  return trusted && (inspected?.workspaceFolderValue ?? inspected?.workspaceValue) !== undefined;
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
