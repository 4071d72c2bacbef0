/**
 * Whether a YAML text is a SpecQL entity file: its first document is a block mapping with `entity` among its own keys.
 *
 * Source: SpecQL reads any YAML file whose top level has the key `entity` as an entity.
 */
export function isEntityText(text: string): boolean {
  return topLevelKeys(text).has("entity");
}

/** Whether a YAML text is a registry of domains: `domains`, and a key that only registries have. */
export function isRegistryText(text: string): boolean {
  const keys = topLevelKeys(text);
  return keys.has("domains") && !keys.has("entity") && ["schema_layers", "reserved_codes", "subdomain_inference"].some((key) => keys.has(key));
}

/**
 * Whether a file is an action pattern (under `stdlib/actions`) or the service registry, by its path and its text.
 *
 * An empty file in such a place is to become one.
 */
export function isLibraryFile(path: string, text: string): boolean {
  if (path.endsWith("/registry/service_registry.yaml")) return true;
  if (!path.includes("/stdlib/actions/")) return false;
  const keys = topLevelKeys(text);
  return text.trim() === "" || (!keys.has("entity") && ["pattern", "parameters", "template"].some((key) => keys.has(key)));
}

const KEY = /^( *)(?:"([^"]+)"|'([^']+)'|([A-Za-z_][\w.-]*))[ \t]*:(?=[ \t]|$)/;
const DOCUMENT_MARK = /^(?:---|\.\.\.)(?:[ \t]+(.*))?$/;
const NOTHING = /^\s*(?:#.*)?$/;
const MOST_LINES = 50_000;

/**
 * The keys of the first document's block mapping; none where its root is anything else.
 *
 * The first line with content sets the mapping's indentation: what is deeper belongs to one of its keys, a block
 * scalar's lines included.
 */
function topLevelKeys(text: string): Set<string> {
  const keys = new Set<string>();
  let indentation: string | undefined;
  for (const line of text.replace(/^\uFEFF/, "").split(/\r\n|\n|\r/, MOST_LINES)) {
    if (NOTHING.test(line) || (indentation === undefined && line.startsWith("%"))) continue;
    const mark = DOCUMENT_MARK.exec(line);
    if (mark) {
      if (indentation !== undefined) break;
      // A root that begins on the marker's line is a scalar or a flow collection, unless it is only an anchor or a tag.
      if (mark[1] !== undefined && !/^(?:[&!]\S*[ \t]*)*(?:#.*)?$/.test(mark[1])) break;
      continue;
    }
    const found = KEY.exec(line);
    if (indentation === undefined) {
      if (!found) break;
      indentation = found[1] ?? "";
    }
    if (found?.[1] === indentation) keys.add(found[2] ?? found[3] ?? found[4] ?? "");
  }
  return keys;
}
