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

const KEY = /^(?:"([^"]+)"|'([^']+)'|([A-Za-z_][A-Za-z0-9_-]*))[ \t]*:(?=[ \t]|$)/;
const MOST_LINES = 50_000;

/** The keys that stand at the beginning of a line in the first document. Lines of a block scalar are always indented. */
function topLevelKeys(text: string): Set<string> {
  const keys = new Set<string>();
  let begun = false;
  for (const line of text.replace(/^\uFEFF/, "").split(/\r\n|\n|\r/, MOST_LINES)) {
    if (/^(---|\.\.\.)(?=[ \t]|$)/.test(line)) {
      if (begun) break;
      continue;
    }
    const found = KEY.exec(line);
    if (found) {
      begun = true;
      keys.add(found[1] ?? found[2] ?? found[3] ?? "");
    }
  }
  return keys;
}
