import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { before, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import type { IGrammar } from "vscode-textmate";
import { loadGrammar, tokenize, yamlGrammars, type Token } from "../harness/grammars";
import { EXTENSION, PROJECT, WORKSPACE } from "../harness/paths";

/** The scopes of the pieces of one line that are `piece`, joined; the line is the first that contains `line`. */
function scopesIn(lines: readonly Token[][], texts: readonly string[], line: string, piece: string): string[] {
  const index = texts.findIndex((text) => text.includes(line));
  assert.notEqual(index, -1, `no line contains ${line}`);
  const found = (lines[index] ?? []).filter((token) => token.text === piece).map((token) => token.scopes.join(" "));
  assert.notEqual(found.length, 0, `${line}: no token is ${piece}: ${JSON.stringify(lines[index])}`);
  return found;
}

/** Asserts that `piece` in `line` of a text has a scope that begins with `scope`. */
function has(grammar: IGrammar, text: string, expected: readonly [line: string, piece: string, scope: string][]): void {
  const lines = tokenize(grammar, text);
  for (const [line, piece, scope] of expected) {
    const found = scopesIn(lines, text.split("\n"), line, piece);
    assert.ok(
      found.some((scopes) => scopes.split(" ").some((each) => each === scope || each.startsWith(`${scope}.`))),
      `${line}: ${piece} should be ${scope}, is ${found.join(" or ")}`,
    );
  }
}

const ENTITY = `
# What we sell: fields
entity: "Order"   # its name
schema: 'crm'
description: |
  fields:
    not_a_field: text
organization:
  table_code: '012A3F'
  domain_name: crm
fields:
  <<: *audit
  id: uuid
  fk_company: ref(crm.Company)
  owner: ref(crm.Person|Organization)!
  # between fields
  tags: list(text)!
  code: text(100)
  price: decimal(10, 2) = 0.05
  active: boolean = true
  at: timestamptz = now()
  level: enum(low, high) = low   # note
  quoted: "text! = 'a b'"
  site: url?
  address: SimpleAddress
  mystery: sometype
  type: text
  kind:
    type: enum(gold, silver)
    nullable: false
    description: "a text of type text"
  flow: {type: ref(crm.Contact), nullable: false, default: abc}
  after_flow: email!
actions:
- name: close_order
  params:
    amount: money!
  steps:
  - validate: "email IS NOT NULL AND input.age >= $min"
    error: too_young
  - validate: 'status IN (''a'', ''b'')'
  - validate: |
      lower(name) LIKE 'x%'
      OR company.owner = 'a#b'
    message: plain words
  - if: total > 10.5
      AND NOT closed
    then:
      - insert: Log
      - notify: owner(email, "Hello there")
    else:
      - reject: too_small
  - update: crm.Contact SET n = n + 1 WHERE id = $id  # why
  - call: compute(a = v)
    store: outcome
table_views:
  mode: auto
`;

const REGISTRY = `
version: 1.0.0
schema_layers:
  "00": common
  '01': write_side
domains:
  '2':
    name: crm
    description: name of things
    subdomains:
      '03':
        name: customer
        next_entity_sequence: 426
        entities:
          # Filed by hand
          Contact:
            table_code: '012031'
            entity_code: CNT
            assigned_at: '2026-01-20'
          Flow: {table_code: '012032', entity_code: FLW}
          Manufacturer: '013211'
          Careless: 012033
  4:
    name: projects
reserved_codes:
- '01201F'  # kept
validation:
  enforce_uniqueness: true
`;

for (const [name, files] of Object.entries(yamlGrammars())) {
  describe(`on ${name}`, () => {
    let grammar: IGrammar;
    before(async () => {
      grammar = await loadGrammar(files);
    });

    test("names, schemas and the keys of the language", () => {
      has(grammar, ENTITY, [
        ["entity:", "entity", "keyword.other.key"],
        ["entity:", "Order", "entity.name.type.class"],
        ["entity:", "its name", "comment.line"],
        ["schema:", "crm", "entity.name.namespace"],
        ["domain_name:", "crm", "entity.name.namespace"],
        ["# What we sell", "What we sell: fields", "comment.line"],
        ["not_a_field", "not_a_field: text", "string.unquoted.block"],
        ["table_views:", "table_views", "keyword.other.key"],
      ]);
    });

    test("a code digit by digit", () => {
      has(grammar, ENTITY, [
        ["table_code:", "01", "constant.numeric.table-code.layer"],
        ["table_code:", "2", "entity.name.namespace.table-code.domain"],
        ["table_code:", "A3", "variable.other.constant.table-code.subdomain"],
        ["table_code:", "F", "constant.numeric.table-code.sequence"],
      ]);
      const flow = "organization: {table_code: '012031', domain_name: crm}\nfields:\n  a: text";
      has(grammar, flow, [["table_code", "03", "variable.other.constant.table-code.subdomain"], ["a: text", "text", "support.type.basic"]]);
    });

    test("a code without quotes is wrong, one of another length is a string", () => {
      has(grammar, "organization:\n  table_code: 012031", [["table_code", "012031", "invalid.illegal.unquoted-table-code"]]);
      has(grammar, "organization:\n  table_code: '0120311'", [["table_code", "0120311", "string.quoted.single"]]);
    });

    test("types", () => {
      has(grammar, ENTITY, [
        ["  owner:", "owner", "variable.other.member"],
        ["  owner:", "ref", "storage.type.reference"],
        ["  owner:", "crm", "entity.name.namespace"],
        ["  owner:", "Person", "entity.name.type.class"],
        ["  owner:", "|", "keyword.operator.or"],
        ["  owner:", "Organization", "entity.name.type.class"],
        ["  owner:", "!", "keyword.operator.not-null"],
        ["  tags:", "list", "storage.type.list"],
        ["  tags:", "text", "support.type.basic"],
        ["  code:", "100", "constant.numeric"],
        ["  active:", "boolean", "support.type.basic"],
        ["  price:", "0.05", "constant.numeric"],
        ["  active:", "true", "constant.language.boolean"],
        ["  at:", "now", "entity.name.function"],
        ["  level:", "enum", "storage.type.enum"],
        ["  level:", "high", "variable.other.enummember"],
        ["  level:", "low", "constant.other.default"],
        ["  level:", "note", "comment.line"],
        ["  quoted:", "text", "support.type.basic"],
        ["  quoted:", "'a b'", "string.quoted"],
        ["  site:", "url", "support.type.scalar"],
        ["  site:", "?", "keyword.operator.nullable"],
        ["  address:", "SimpleAddress", "support.class.composite"],
        ["  mystery:", "sometype", "string.unquoted"],
        ["  type: text", "type", "variable.other.member"],
        ["  after_flow:", "email", "support.type.scalar"],
      ]);
    });

    test("names that no field may have", () => {
      has(grammar, ENTITY, [
        ["  id:", "id", "invalid.illegal.reserved-field-name"],
        ["  fk_company:", "fk_company", "invalid.illegal.reserved-field-name"],
      ]);
    });

    test("a field as a mapping: only its type is a type", () => {
      has(grammar, ENTITY, [
        ["type: enum(gold", "type", "keyword.other.key"],
        ["type: enum(gold", "gold", "variable.other.enummember"],
        ["nullable: false", "false", "constant.language.boolean"],
        ["a text of type text", "a text of type text", "string.quoted.double"],
        ["  flow:", "ref", "storage.type.reference"],
        ["  flow:", "Contact", "entity.name.type.class"],
        ["  flow:", "}", "punctuation.definition.mapping.end"],
      ]);
    });

    test("steps and their expressions", () => {
      has(grammar, ENTITY, [
        ["name: close_order", "close_order", "entity.name.function"],
        ["amount:", "money", "support.type.scalar"],
        ["email IS NOT", "validate", "keyword.control.step"],
        ["email IS NOT", "IS", "keyword.other.sql"],
        ["email IS NOT", "NULL", "constant.language.null"],
        ["email IS NOT", "input", "variable.language.input"],
        ["email IS NOT", "min", "variable.parameter"],
        ["email IS NOT", ">=", "keyword.operator"],
        ["error:", "too_young", "constant.other.error-code"],
        ["status IN", "''a''", "string.quoted.single.sql"],
        ["status IN", "IN", "keyword.other.sql"],
        ["lower(name)", "lower", "entity.name.function"],
        ["lower(name)", "'x%'", "string.quoted.single.sql"],
        ["company.owner", "'a#b'", "string.quoted.single.sql"],
        ["company.owner", "owner", "variable.other.member"],
        ["message:", "plain words", "string.unquoted.plain"],
        ["if: total", "if", "keyword.control.step"],
        ["if: total", "10.5", "constant.numeric"],
        ["AND NOT closed", "NOT", "keyword.other.sql"],
        ["then:", "then", "keyword.control.flow"],
        ["insert: Log", "Log", "entity.name.type.class"],
        ["notify:", "owner", "entity.name.function"],
        ["notify:", '"Hello there"', "string.quoted.double.sql"],
        ["reject:", "too_small", "constant.other.error-code"],
        ["update:", "crm", "entity.name.namespace"],
        ["update:", "Contact", "entity.name.type.class"],
        ["update:", "SET", "keyword.other.sql"],
        ["update:", "id", "variable.parameter"],
        ["update:", "why", "comment.line"],
        ["call:", "compute", "entity.name.function"],
        ["store:", "outcome", "string.unquoted.plain"],
      ]);
    });

    test("the registry: numbers have the scopes of the digits they stand for", () => {
      has(grammar, REGISTRY, [
        ['"00": common', "00", "constant.numeric.table-code.layer"],
        ["'01': write_side", "write_side", "entity.name.namespace.layer"],
        ["'2':", "2", "entity.name.namespace.table-code.domain"],
        ["name: crm", "crm", "entity.name.namespace"],
        ["description:", "name of things", "string.unquoted.plain"],
        ["'03':", "03", "variable.other.constant.table-code.subdomain"],
        ["name: customer", "customer", "entity.name.section"],
        ["next_entity_sequence:", "426", "constant.numeric"],
        ["Filed by hand", "Filed by hand", "comment.line"],
        ["Contact:", "Contact", "entity.name.type.class"],
        ["'012031'", "1", "constant.numeric.table-code.sequence"],
        ["entity_code: CNT", "CNT", "constant.other.short-code"],
        ["assigned_at:", "2026-01-20", "string.quoted.single"],
        ["Flow:", "2", "constant.numeric.table-code.sequence"],
        ["Flow:", "FLW", "constant.other.short-code"],
        ["Manufacturer:", "21", "variable.other.constant.table-code.subdomain"],
        ["Careless:", "012033", "invalid.illegal.unquoted-table-code"],
        ["4:", "4", "entity.name.namespace.table-code.domain"],
        ["01201F", "F", "constant.numeric.table-code.sequence"],
        ["01201F", "kept", "comment.line"],
        ["validation:", "validation", "keyword.other.key"],
        ["enforce_uniqueness:", "true", "constant.language.boolean"],
      ]);
    });

    test("what is half typed colours nothing below it", () => {
      for (const broken of ["fields:\n  a: ref(crm.\n  b: text", "fields:\n  a: enum(x\n  b: text", "fields:\n  a: {type: text\n  b: text", "fields:\n  a: \"text\n  b: text"]) {
        has(grammar, broken, [["b: text", "b", "variable.other.member"], ["b: text", "text", "support.type.basic"]]);
      }
      has(grammar, "actions:\n  - name: x\n    steps:\n      - validate: (a = 'b\n      - reject: no\nnotes: x", [
        ["reject:", "no", "constant.other.error-code"],
        ["notes:", "notes", "keyword.other.key"],
      ]);
    });

    test("it may be embedded in another grammar", async () => {
      const host = JSON.stringify({
        scopeName: "text.host",
        patterns: [{ begin: "^```specql$", end: "^```$", contentName: "meta.embedded.block.specql", patterns: [{ include: "source.specql" }] }],
      });
      const embedding = await loadGrammar(files, { "text.host": host }, "text.host");
      has(embedding, "words\n```specql\nentity: Order\nfields:\n  a: ref(crm.B)\n```\nwords entity: Order", [
        ["entity: Order", "Order", "entity.name.type.class"],
        ["a: ref", "B", "entity.name.type.class"],
      ]);
    });

    test("every file of the workspace keeps its comments, and its last line is still understood", () => {
      for (const folder of ["entities", "registry"]) {
        for (const file of readdirSync(path.join(WORKSPACE, folder), { recursive: true, encoding: "utf8" }).filter((each) => each.endsWith(".yaml"))) {
          const text = `${readFileSync(path.join(WORKSPACE, folder, file), "utf8").trimEnd()}\nnotes: the end`;
          has(grammar, text, [["notes: the end", "notes", "keyword.other.key"]]);
          for (const comment of text.split("\n").filter((line) => /^\s*#/.test(line))) has(grammar, text, [[comment, "#", "comment.line"]]);
        }
      }
    });
  });
}

test("fences of Markdown that say specql are SpecQL's, others are not", async () => {
  const [older = []] = Object.values(yamlGrammars());
  const read = (...names: string[]) => readFileSync(path.join(EXTENSION, ...names), "utf8");
  const injection = read("syntaxes", "markdown.tmLanguage.json");
  const markdown = await loadGrammar(older, { "text.html.markdown": read("node_modules", "tm-grammars", "grammars", "markdown.json"), "markdown.specql.codeblock": injection }, "text.html.markdown", ["markdown.specql.codeblock"]);
  const text = "# Orders\n\n```specql\nentity: Order\nfields:\n  a: ref(crm.B)\n```\n\nentity: Words\n\n~~~specql title\nschema: crm\n~~~\n\n```text\nentity: Text\n```\n";
  has(markdown, text, [
    ["entity: Order", "Order", "entity.name.type.class"],
    ["a: ref", "B", "entity.name.type.class"],
    ["schema: crm", "crm", "entity.name.namespace"],
    ["entity: Words", "entity: Words", "meta.paragraph"],
    ["entity: Text", "entity: Text", "markup.fenced_code"],
  ]);
});

test("the grammars' files are what their script writes", async () => {
  const script = (await import(pathToFileURL(path.join(EXTENSION, "scripts", "grammar.mjs")).href)) as { grammarTexts: () => Record<string, string> };
  const texts = script.grammarTexts();
  assert.deepEqual(Object.keys(texts).sort(), readdirSync(path.join(EXTENSION, "syntaxes")).sort());
  for (const [name, text] of Object.entries(texts)) assert.equal(readFileSync(path.join(EXTENSION, "syntaxes", name), "utf8"), text);
});

test("the types are those of the server's table", async () => {
  type Vocabulary = Record<"BASIC_TYPES" | "SCALAR_TYPES" | "COMPOSITE_TYPES", string[]>;
  const words = (await import(pathToFileURL(path.join(EXTENSION, "scripts", "vocabulary.mjs")).href)) as Vocabulary;
  const facts = JSON.parse(readFileSync(path.join(PROJECT, "specql_lsp", "language", "data", "types.json"), "utf8")) as Record<string, object>;
  const names = (part: string) => Object.keys(facts[part] ?? {});
  assert.deepEqual([...words.BASIC_TYPES].sort(), names("basic").sort());
  assert.deepEqual([...words.SCALAR_TYPES].sort(), [...names("scalars"), ...names("aliases")].sort());
  assert.deepEqual([...words.COMPOSITE_TYPES].sort(), names("composites").sort());
});
