import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Workbench } from "../harness/workbench";

let workbench: Workbench;
const files = { "compose.yaml": "services:\n  web:\n    entity: none\n" };
before(async () => (workbench = await Workbench.open({ ownEnvironment: true, files })));
after(async () => workbench?.close());

test("the first use makes an environment, starts the server and says what answers", async () => {
  await workbench.traced("first use", async () => {
    await workbench.openFile("contact.yaml");
    await workbench.statusSays(/SpecQL: YAML/);
    assert.match(await workbench.log(), /specql_lsp-[\d.]+-py3-none-any\.whl in an environment of its own/);
  });
});

test("entity files and the registry are SpecQL's, other YAML is not", async () => {
  await workbench.traced("languages", async () => {
    assert.equal(await workbench.languageOf("contact.yaml"), "SpecQL");
    assert.equal(await workbench.languageOf("domain_registry.yaml"), "SpecQL");
    assert.equal(await workbench.languageOf("compose.yaml"), "YAML");
  });
});
