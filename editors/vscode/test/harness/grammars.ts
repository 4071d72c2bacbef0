import { existsSync, readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { OnigScanner, OnigString, loadWASM } from "vscode-oniguruma";
import { INITIAL, Registry, parseRawGrammar, type IGrammar } from "vscode-textmate";
import { CODE_SERVER, EXTENSION } from "./paths";

/** A piece of a line, with the scopes that a theme sees, without the grammar's own. */
export interface Token {
  readonly text: string;
  readonly scopes: readonly string[];
}

const SPECQL = path.join(EXTENSION, "syntaxes", "specql.tmLanguage.json");
const OLDER_YAML = path.join(EXTENSION, "node_modules", "tm-grammars", "grammars", "yaml.json");
const VSCODE_YAML = path.resolve(CODE_SERVER, "../../../lib/vscode/extensions/yaml/syntaxes");

/** The grammars for YAML that are here: the one of VS Code until 2024, and the one of the workbench that the tests install. */
export function yamlGrammars(): Record<string, string[]> {
  const present = existsSync(VSCODE_YAML) ? readdirSync(VSCODE_YAML).map((name) => path.join(VSCODE_YAML, name)) : [];
  return { "the older grammar for YAML": [OLDER_YAML], ...(present.length > 0 ? { "the workbench's grammar for YAML": present } : {}) };
}

let wasm: Promise<void> | undefined;

/**
 * SpecQL's grammar on top of grammars for YAML.
 *
 * @param yaml the files of the grammars that `source.yaml` needs
 * @param others more grammars by their scope, such as one that embeds SpecQL
 * @param scope the grammar to give
 * @param injections the scopes of grammars that are injected into it
 */
export async function loadGrammar(yaml: readonly string[], others: Record<string, string> = {}, scope = "source.specql", injections: string[] = []): Promise<IGrammar> {
  await (wasm ??= loadWASM(readFileSync(require.resolve("vscode-oniguruma/release/onig.wasm"))));
  const texts = new Map(Object.entries(others));
  for (const file of [SPECQL, ...yaml]) {
    const text = readFileSync(file, "utf8");
    texts.set((JSON.parse(text) as { scopeName: string }).scopeName, text);
  }
  const registry = new Registry({
    onigLib: Promise.resolve({ createOnigScanner: (patterns) => new OnigScanner(patterns), createOnigString: (text) => new OnigString(text) }),
    getInjections: (name) => (name === scope ? injections : []),
    loadGrammar: (name) => {
      const text = texts.get(name);
      return Promise.resolve(text === undefined ? null : parseRawGrammar(text, `${name}.json`));
    },
  });
  const grammar = await registry.loadGrammar(scope);
  if (!grammar) throw new Error(`There is no grammar for ${scope}.`);
  return grammar;
}

/** The tokens of each line of a text: neighbours with the same scopes are one, as an editor shows them, and blank ones are left out. */
export function tokenize(grammar: IGrammar, text: string): Token[][] {
  let stack = INITIAL;
  return text.split("\n").map((line) => {
    const result = grammar.tokenizeLine(line, stack);
    stack = result.ruleStack;
    const tokens: Token[] = [];
    for (const { startIndex, endIndex, scopes } of result.tokens) {
      const piece = line.slice(startIndex, endIndex);
      const last = tokens.at(-1);
      if (last?.scopes.join(" ") === scopes.slice(1).join(" ")) tokens[tokens.length - 1] = { ...last, text: last.text + piece };
      else tokens.push({ text: piece, scopes: scopes.slice(1) });
    }
    return tokens.map((token) => ({ ...token, text: token.text.trim() })).filter((token) => token.text !== "");
  });
}
