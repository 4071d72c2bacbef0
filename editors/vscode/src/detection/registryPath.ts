/** The value of `yamlPath` in the table `[registry]` (or `[specql.registry]`) of a specql-lsp.toml; undefined where it has none. */
export function yamlPathIn(toml: string): string | undefined {
  let inTable = false;
  for (const line of toml.split(/\r?\n/)) {
    const table = /^\s*\[([^\]]*)\]/.exec(line);
    if (table) inTable = /^\s*(?:specql\s*\.\s*)?registry\s*$/.test(table[1] ?? "");
    const value = /^\s*(registry\s*\.\s*)?yamlPath\s*=\s*(?:"([^"\\]*)"|'([^']*)')\s*(?:#.*)?$/.exec(line);
    if (value && inTable === (value[1] === undefined)) return value[2] ?? value[3];
  }
  return undefined;
}

/** Whether a path in a workspace folder and a registry's path in the settings are the same file's: both relative, with `/` or `\`. */
export function isSamePath(relative: string, configured: string): boolean {
  return parts(relative).join("/") === parts(configured).join("/");
}

function parts(path: string): string[] {
  return path.split(/[/\\]/).filter((part) => part !== "" && part !== ".");
}
