import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { eventually, repeat } from "../harness/waiting";
import { Workbench } from "../harness/workbench";

let workbench: Workbench;
const files = { "values.yaml": "services:\n  web:\n    entity: none\n" };
// Whoever begins sees the Welcome page, which every user has until he says otherwise.
const settings = { "workbench.startupEditor": "welcomePage" };
before(async () => (workbench = await Workbench.open({ ownEnvironment: true, files, settings })));
after(async () => workbench?.close());

// drives: install
test("the first use makes an environment, starts the server and says what answers", async () => {
  await workbench.traced("first use", async () => {
    await workbench.openFile("contact.yaml");
    await workbench.statusSays(/SpecQL: YAML/);
    await workbench.logHolds((log) => { assert.match(log, /specql_lsp-[\d.]+-py3-none-any\.whl in an environment of its own/); });
  });
});

// drives: attach
test("entity files and the registry are SpecQL's, other YAML is not", async () => {
  await workbench.traced("languages", async () => {
    assert.equal(await workbench.languageOf("contact.yaml"), "SpecQL");
    assert.equal(await workbench.languageOf("domain_registry.yaml"), "SpecQL");
    assert.equal(await workbench.languageOf("values.yaml"), "YAML");
  });
});

test("the walkthrough has four steps, and ticks the one that is done", async () => {
  await workbench.traced("walkthrough", async () => {
    const first = workbench.page.locator(".gettingStartedContainer .getting-started-step").first();
    await repeat("the walkthrough", async () => {
      await workbench.command("Welcome: Open Walkthrough...", workbench.choice("Get started with SpecQL"));
      await workbench.choose("Get started with SpecQL");
    }, first);
    const steps = workbench.page.locator(".gettingStartedContainer .getting-started-step");
    const step = (title: string) => steps.filter({ has: workbench.page.locator("h3.step-title", { hasText: title }) });
    for (const title of ["Start the language server", "Connect the registry", "Allocate a code", "See what differs"]) await step(title).waitFor();
    await eventually(() => steps.count(), (found) => { assert.equal(found, 4); });
    await step("Start the language server").locator(".codicon-getting-started-step-checked").waitFor();
    const button = workbench.page.locator(".gettingStartedContainer").getByRole("button", { name: "Set Database URL" });
    await workbench.click(step("Connect the registry"), button);
    await workbench.click(button, workbench.question("secret storage"));
    await workbench.leave();
  });
});
