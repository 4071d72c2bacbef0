import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";
import { isEntityText, isLibraryFile, isRegistryText } from "../../src/detection/content";
import { isSamePath, yamlPathIn } from "../../src/detection/registryPath";
import { PROJECT, WORKSPACE } from "../harness/paths";

const CORPUS = path.join(PROJECT, "..", "shared", "corpus");

/** Every YAML file beneath a folder, with its text. */
function yamlBeneath(folder: string): [string, string][] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.ya?ml$/.test(name))
    .map((name) => [path.relative(folder, path.join(folder, name)), readFileSync(path.join(folder, name), "utf8")]);
}

describe("an entity file is known by its top level", () => {
  const entities: Record<string, string> = {
    "the plain form": "entity: Contact\nschema: crm\n",
    "nothing typed after the key yet": "entity:",
    "a mapping": "entity:\n  name: Contact\n  fields: {}\n",
    "another key first": "schema: crm\ndescription: x\nentity: Contact\n",
    "comments and blank lines first": "# A comment\n\n   # another\nentity: Contact\n",
    "a document marker first": "---\nentity: Contact\n",
    "a directive and a marker first": "%YAML 1.1\n---\nentity: Contact\n",
    "a marker with a comment": "--- # the entity\nentity: Contact\n",
    "a tag on the root": "--- !specql\nentity: Contact\n",
    "a byte order mark": "\uFEFFentity: Contact\n",
    "CRLF": "# x\r\nschema: crm\r\nentity: Contact\r\n",
    "double quotes": '"entity": Contact\n',
    "single quotes and a space before the colon": "'entity' : Contact\n",
    "a block scalar before it": "description: |\n  domains:\n    name: x\nentity: Contact\n",
    "an indented root": "  schema: crm\n  entity: Contact\n",
  };
  for (const [name, text] of Object.entries(entities)) {
    test(name, () => {
      assert.equal(isEntityText(text), true);
      assert.equal(isRegistryText(text), false);
    });
  }

  const others: Record<string, string> = {
    "nothing": "",
    "only comments": "# entity: Contact\n",
    "a workflow that has the key deeper": "on: push\njobs:\n  build:\n    steps:\n      - uses: x\n        with:\n          entity: Contact\n",
    "a compose file with a service of that name": "services:\n  entity:\n    image: postgres:15\n",
    "a Kubernetes manifest": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: entity\ndata:\n  entity: Contact\n",
    "a list of entities": "- entity: Contact\n- entity: Company\n",
    "a flow mapping that names one": "values: {entity: Contact}\n",
    "a longer key": "entity_code: CNT\nentities:\n  - Contact\n",
    "a value that looks like the key": "kind: entity\nname: 'entity: Contact'\n",
    "no space after the colon": "entity:Contact\n",
    "text of a block scalar": "readme: |\n  entity: Contact\n",
    "a root that is a block scalar": "--- |\nentity: Contact\n",
    "a second document": "name: x\n---\nentity: Contact\n",
    "OpenAPI": "openapi: 3.0.0\ncomponents:\n  schemas:\n    entity:\n      type: object\n",
  };
  for (const [name, text] of Object.entries(others)) {
    test(`not ${name}`, () => {
      assert.equal(isEntityText(text), false);
      assert.equal(isRegistryText(text), false);
    });
  }
});

describe("a registry is known by keys that only registries have", () => {
  test("domains with schema layers, reserved codes or inference", () => {
    assert.equal(isRegistryText("version: 1.0.0\nschema_layers:\n  '01': write_side\ndomains: {}\n"), true);
    assert.equal(isRegistryText("domains:\n  '1': {}\nreserved_codes: []\n"), true);
    assert.equal(isRegistryText("subdomain_inference: {}\ndomains: {}\n"), true);
  });
  test("not domains alone: other tools have that key", () => {
    assert.equal(isRegistryText("domains:\n  - example.org\n"), false);
    assert.equal(isRegistryText("service:\n  domains: {}\n  schema_layers: {}\n"), false);
  });
});

describe("the files of a workspace", () => {
  test("fixtures/workspace: entities, the registry, and a workflow that is neither", () => {
    const found = yamlBeneath(WORKSPACE).map(([name, text]) => [name, isEntityText(text), isRegistryText(text)] as const);
    assert.ok(found.length >= 8);
    for (const [name, entity, registry] of found) {
      assert.equal(entity, name.startsWith(`entities${path.sep}`), name);
      assert.equal(registry, name.startsWith(`registry${path.sep}`), name);
    }
  });
  test("real entity files and registries", { skip: !existsSync(CORPUS) && "the corpus is not here" }, () => {
    for (const [name, text] of yamlBeneath(path.join(CORPUS, "entities"))) assert.ok(isEntityText(text), name);
    for (const [name, text] of yamlBeneath(path.join(CORPUS, "registry"))) {
      assert.ok(isRegistryText(text), name);
      assert.ok(!isEntityText(text), name);
    }
  });
  test("fifty thousand lines are looked at in a moment", () => {
    const text = `${"# line\n".repeat(10)}${"other:\n  deep: value\n".repeat(100_000)}`;
    const begun = process.cpuUsage().user;
    assert.equal(isEntityText(text), false);
    assert.ok(process.cpuUsage(undefined).user - begun < 2_000_000);
  });
});

describe("where specql-lsp.toml says the registry is", () => {
  test("in its table, with either quotes", () => {
    assert.equal(yamlPathIn('[registry]\nyamlPath = "numbers/registry.yaml" # here\n'), "numbers/registry.yaml");
    assert.equal(yamlPathIn("[files]\ninclude = ['a']\n\n[specql.registry]\r\nyamlPath = 'r.yaml'\r\n"), "r.yaml");
    assert.equal(yamlPathIn('registry.yamlPath = "r.yaml"\n'), "r.yaml");
  });
  test("nowhere else", () => {
    assert.equal(yamlPathIn('[other]\nyamlPath = "x.yaml"\n'), undefined);
    assert.equal(yamlPathIn('# [registry]\nyamlPath = "x.yaml"\n'), undefined);
    assert.equal(yamlPathIn('[registry]\n# yamlPath = "x.yaml"\n'), undefined);
    assert.equal(yamlPathIn(""), undefined);
  });
  test("paths are the same however they are written", () => {
    assert.ok(isSamePath("registry/domain_registry.yaml", "./registry/domain_registry.yaml"));
    assert.ok(isSamePath("registry/domain_registry.yaml", "registry\\domain_registry.yaml"));
    assert.ok(!isSamePath("a/registry/domain_registry.yaml", "registry/domain_registry.yaml"));
  });
});

describe("a pattern and the service registry are known by their place", () => {
  const cases: [string, string, boolean][] = [
    ["/w/stdlib/actions/crm/close.yaml", "pattern: crm/close\n", true],
    ["/w/stdlib/actions/crm/close.yaml", "# x\nparameters: []\n", true],
    ["/w/stdlib/actions/crm/close.yaml", "", true],
    ["/w/stdlib/actions/crm/close.yaml", "key: value\n", false],
    ["/w/stdlib/actions/crm/close.yaml", "entity: X\npattern: y\n", false],
    ["/w/elsewhere/close.yaml", "pattern: crm/close\n", false],
    ["/w/registry/service_registry.yaml", "", true],
    ["/w/registry/service_registry.yaml", "services: []\n", true],
    ["/w/registry/other.yaml", "services: []\n", false],
  ];
  for (const [path, text, expected] of cases) {
    test(`${path}: ${JSON.stringify(text)}`, () => {
      assert.equal(isLibraryFile(path, text), expected);
    });
  }
});
