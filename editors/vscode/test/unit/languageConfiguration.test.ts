import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { EXTENSION } from "../harness/paths";

interface Configuration {
  readonly wordPattern: { readonly pattern: string; readonly flags: string };
  readonly indentationRules: { readonly increaseIndentPattern: string; readonly decreaseIndentPattern: string };
  readonly onEnterRules: readonly { readonly beforeText: string; readonly afterText?: string; readonly action: { readonly indent: string; readonly appendText?: string } }[];
}

interface Manifest {
  readonly icon: string;
  readonly contributes: {
    readonly languages: readonly { readonly id: string; readonly configuration: string; readonly firstLine: string; readonly icon: { readonly light: string; readonly dark: string } }[];
    readonly grammars: readonly { readonly path: string; readonly scopeName: string }[];
    readonly commands: readonly { readonly command: string }[];
    readonly walkthroughs: readonly {
      readonly icon: string;
      readonly steps: readonly { readonly description: string; readonly media: { readonly markdown: string }; readonly completionEvents: readonly string[] }[];
    }[];
    readonly views: Readonly<Record<string, readonly { readonly id: string }[]>>;
  };
}

const read = (name: string) => readFileSync(path.join(EXTENSION, name), "utf8");
const configuration = JSON.parse(read("language-configuration.json")) as Configuration;
const manifest = JSON.parse(read("package.json")) as Manifest;

/** What Enter does at the end of a line: the indentation it adds, and the text after it. */
function enter(before: string): string {
  const rule = configuration.onEnterRules.find((each) => new RegExp(each.beforeText).test(before) && (each.afterText === undefined || new RegExp(each.afterText).test("")));
  const added = rule ? rule.action.indent === "indent" : new RegExp(configuration.indentationRules.increaseIndentPattern).test(before);
  return (/^ */.exec(before)?.[0] ?? "") + (added ? "  " : "") + (rule?.action.appendText ?? "");
}

test("words are what one completes and looks up: codes, names, parameters", () => {
  const words = (text: string) => text.match(new RegExp(configuration.wordPattern.pattern, `g${configuration.wordPattern.flags}`));
  assert.deepEqual(words("table_code: '01203F'"), ["table_code", "01203F"]);
  assert.deepEqual(words("ref(crm.Contact|Gästebuch)!"), ["ref", "crm", "Contact", "Gästebuch"]);
  assert.deepEqual(words("age >= $min"), ["age", "$min"]);
});

describe("Enter", () => {
  const cases: [string, string][] = [
    ["fields:", "  "],
    ["  kind:  # a field", "    "],
    ["'02':", "  "],
    ["description: |", "  "],
    ["x: &anchor", "  "],
    ["entity: Contact", ""],
    ["  name: text!", "  "],
    ["  url: https://example.org", "  "],
    ["- contact", "- "],
    ["  - 'quoted'  # why", "  - "],
    ["  - name: close", "    "],
    ["    - validate: status = 'open'", "      "],
    ["    - if: total > 1", "      "],
    ["  - Contact:", "      "],
    ["# a comment: fields:", ""],
    ["", ""],
  ];
  for (const [before, after] of cases) {
    test(`after ${JSON.stringify(before)}`, () => assert.equal(enter(before), after));
  }
});

describe("what the manifest names is there", () => {
  test("files", () => {
    const { languages, grammars, walkthroughs } = manifest.contributes;
    const files = [
      manifest.icon,
      ...languages.flatMap((each) => [each.configuration, each.icon.light, each.icon.dark]),
      ...grammars.map((each) => each.path),
      ...walkthroughs.flatMap((each) => [each.icon, ...each.steps.map((step) => step.media.markdown)]),
    ];
    for (const file of files) assert.ok(statSync(path.join(EXTENSION, file)).size > 0, file);
    for (const { path: file, scopeName } of grammars) assert.equal((JSON.parse(read(file)) as { scopeName: string }).scopeName, scopeName);
  });

  test("the walkthrough's commands, views and pictures", () => {
    const commands = new Set(manifest.contributes.commands.map(({ command }) => command));
    const views = new Set(Object.values(manifest.contributes.views).flatMap((each) => each.map(({ id }) => id)));
    for (const { steps } of manifest.contributes.walkthroughs) {
      assert.equal(steps.length, 4);
      for (const step of steps) {
        const page = read(step.media.markdown);
        for (const [, command = ""] of `${step.description}\n${page}`.matchAll(/\(command:(specql\.[\w.]+)/g)) assert.ok(commands.has(command), command);
        for (const [, picture = ""] of page.matchAll(/!\[[^\]]+\]\(([^)]+)\)/g)) {
          assert.ok(statSync(path.join(EXTENSION, path.dirname(step.media.markdown), picture)).size > 0, picture);
        }
        assert.ok(step.completionEvents.length > 0);
        for (const event of step.completionEvents) {
          const [kind = "", what = ""] = event.split(":", 2);
          if (kind === "onCommand") assert.ok(commands.has(what) || what === "specql.allocateEntityCode", event);
          else if (kind === "onView") assert.ok(views.has(what), event);
          else assert.match(event, /^onContext:specql\.(state|source) == \w+$/);
        }
      }
    }
  });

  test("the first line of a file without a name", () => {
    const first = new RegExp(manifest.contributes.languages[0]?.firstLine ?? "");
    for (const line of ["entity: Contact", "'entity': x", '"entity" :']) assert.match(line, first);
    for (const line of ["entity_code: x", "  entity: x", "- entity: x"]) assert.doesNotMatch(line, first);
  });

  test("the icon is the drawing's, at least 128 pixels wide", async () => {
    const script = (await import(pathToFileURL(path.join(EXTENSION, "scripts", "icon.mjs")).href)) as { drawIcon: () => Promise<Uint8Array> };
    const png = readFileSync(path.join(EXTENSION, manifest.icon));
    assert.ok(png.readUInt32BE(16) >= 128);
    assert.deepEqual(new Uint8Array(png), new Uint8Array(await script.drawIcon()));
  });
});
