import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";

interface Contribution {
  readonly command?: string;
  readonly view?: string;
  readonly contents?: string;
  readonly when?: string;
  readonly id?: string;
}

const { contributes } = JSON.parse(readFileSync("package.json", "utf8")) as {
  contributes: {
    readonly commands: readonly { readonly command: string; readonly title: string }[];
    readonly keybindings: readonly Contribution[];
    readonly menus: Readonly<Record<string, readonly Contribution[]>>;
    readonly views: Readonly<Record<string, readonly { readonly id: string }[]>>;
    readonly viewsWelcome: readonly Contribution[];
  };
};
const sources = (readdirSync("src", { recursive: true }) as string[])
  .filter((name) => name.endsWith(".ts"))
  .map((name) => readFileSync(path.join("src", name), "utf8"))
  .join("\n");
const commands = contributes.commands.map((each) => each.command);
const views = Object.values(contributes.views).flat().map((each) => each.id);
const shown = [...Object.values(contributes.menus).flat(), ...contributes.keybindings, ...contributes.viewsWelcome];

function matches(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map((found) => found[1] ?? "");
}

test("every command is registered, and none has an id of the server's, which the client registers itself", () => {
  const registered = matches(sources, /(?:registerCommand|\bon(?:Rows(?:<\w+>)?)?)\(\s*"(specql\.\w+)"/g);
  assert.deepEqual([...commands].sort(), [...registered].sort());
  const server = matches(sources, /execute\("(specql\.\w+)"/g);
  assert.ok(server.length >= 9);
  assert.deepEqual(commands.filter((each) => server.includes(each)), []);
});

test("commands of rows, which VS Code may call without the row's node, are registered as such", () => {
  const { "view/item/context": items = [], "view/title": titles = [] } = contributes.menus;
  const ofTitles = titles.map((each) => each.command);
  const ofRowsAlone = [...new Set(items.map((each) => each.command))].filter((each) => !ofTitles.includes(each));
  assert.deepEqual(ofRowsAlone.sort(), matches(sources, /\bonRows(?:<\w+>)?\(\s*"(specql\.\w+)"/g).sort());
});

test("menus, keys, welcome texts and code name only commands and views that there are", () => {
  const named = [
    ...shown.flatMap((each) => (each.command ? [each.command] : [])),
    ...contributes.viewsWelcome.flatMap((each) => matches(each.contents ?? "", /\(command:(specql\.\w+)\)/g)),
    ...matches(sources, /command: "(specql\.\w+)"/g),
  ];
  assert.ok(named.length > 50);
  assert.deepEqual(named.filter((each) => !commands.includes(each) && !views.includes(each)), []);
  const places = [
    ...contributes.viewsWelcome.map((each) => each.view ?? ""),
    ...shown.flatMap((each) => matches(each.when ?? "", /(?:view|focusedView) == (specql\.\w+)/g)),
    ...matches(sources, /"(specql\.\w+)\.focus"/g),
  ];
  assert.deepEqual(places.filter((each) => !views.includes(each)), []);
});

test("what menus depend on is set by the code", () => {
  const set = [...matches(sources, /"setContext", "(specql\.\w+)"/g), ...matches(sources, /setContext\("(\w+)"/g).map((name) => `specql.${name}`)];
  const asked = shown.flatMap((each) => matches((each.when ?? "").replace(/(?:view|focusedView) == specql\.\w+/g, ""), /(specql\.\w+)/g));
  assert.ok(asked.length > 10);
  assert.deepEqual([...new Set(asked)].filter((each) => !set.includes(each)), []);
});

test("what needs a row of a view is not in the palette", () => {
  const hidden = (contributes.menus["commandPalette"] ?? []).filter((each) => each.when === "false").map((each) => each.command);
  for (const each of ["openEntity", "openInRegistry", "copyCode", "openDifference", "keepPostgresql", "keepYaml"]) assert.ok(hidden.includes(`specql.${each}`), each);
});
