import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { until, Workbench } from "../harness/workbench";

let workbench: Workbench;

/** An entity that Contact refers to, in a file named after it. */
const UNTIDY = "entity: Untidy\nschema: crm\nfields:\n    name:   text\n    email: email!   \n";

before(async () => {
  workbench = await Workbench.open({
    files: { "untidy.yaml": UNTIDY },
    settings: { "specql.codeLens.references": true, "editor.formatOnSave": true, "editor.inlayHints.enabled": "on", "editor.codeLens": true },
  });
});
after(() => workbench?.close());

function check(name: string, body: () => Promise<void>): void {
  test(name, () => workbench.traced(name, body));
}

// drives: hints
check("hints, lenses and semantic colours are in the text", async () => {
  await workbench.openFile("contact.yaml");
  await workbench.statusSays(/SpecQL: YAML/);
  await workbench.lineIsShown("crm · customer");
  await workbench.lineIsShown("INTEGER");
  await workbench.page.locator(".codelens-decoration", { hasText: "012031 · crm · customer" }).first().waitFor();
  await workbench.page.locator(".codelens-decoration", { hasText: /\d references?/ }).first().waitFor();
  await workbench.picture("vscode-hints");
});

// drives: lenses
check("a lens shows the references", async () => {
  await workbench.page.locator(".codelens-decoration a", { hasText: /\d references?/ }).first().click();
  const peek = workbench.page.locator(".reference-zone-widget");
  await peek.waitFor();
  await peek.locator(".monaco-list-row", { hasText: "ticket.yaml" }).first().waitFor();
  await workbench.page.keyboard.press("Escape");
  await peek.waitFor({ state: "detached" });
});

// drives: outline
check("the outline and the breadcrumbs name the fields", async () => {
  await workbench.command("Explorer: Focus on Outline View");
  await workbench.page.locator(".outline-pane .monaco-list-row", { hasText: "Contact" }).first().waitFor();
  await workbench.editor.click();
  await workbench.goToEndOfLine(14);
  await workbench.page.locator(".breadcrumbs-control .monaco-icon-label", { hasText: "status" }).first().waitFor();
});

// drives: definition
check("F12 leads to the entity that a field refers to", async () => {
  await workbench.openFile("contact.yaml");
  await workbench.clickOn("company: ref", "Company");
  await workbench.page.keyboard.press("F12");
  await workbench.page.locator(".tab.active", { hasText: "company.yaml" }).waitFor();
});

check("F2 renames a field with its uses", async () => {
  await workbench.openFile("contact.yaml");
  await workbench.clickOn("first_name: text", "first_name");
  await workbench.page.keyboard.press("F2");
  const input = workbench.page.locator(".rename-box input.rename-input, .rename-box .rename-input").first();
  await input.waitFor();
  assert.equal(await input.inputValue(), "first_name");
  await input.fill("given_name");
  await workbench.page.keyboard.press("Enter");
  await until("the field's new name", async () => (await workbench.shownText()).includes("given_name: text"));
  await workbench.page.keyboard.press("Control+Z");
  await workbench.lineIsShown("first_name: text");
});

// drives: rename, rename-preview
check("F2 renames an entity through its files, after a look at the preview", async () => {
  await workbench.openFile("contact.yaml");
  await workbench.clickOn("entity: Contact", "Contact");
  await workbench.page.keyboard.press("F2");
  const input = workbench.page.locator(".rename-box .rename-input").first();
  await input.waitFor();
  await input.fill("Person");
  await workbench.page.keyboard.press("Control+Enter");
  const panel = workbench.page.locator(".part.panel, .part.auxiliarybar", { hasText: /refactor preview/i }).first();
  await panel.waitFor();
  await panel.locator(".monaco-list-row", { hasText: "ticket.yaml" }).first().waitFor();
  await workbench.picture("vscode-rename");
  await panel.locator(".monaco-button", { hasText: "Apply" }).first().click();
  await until("the entity's new name in the file that refers to it", async () => (await workbench.read("entities/crm/ticket.yaml").catch(() => "")).includes("ref(Person)"));
});

// drives: format-on-save
check("a file is formatted when it is saved", async () => {
  await workbench.openFile("untidy.yaml");
  await until("the file is SpecQL's", async () => (await workbench.page.locator("[id='status.editor.mode']").textContent())?.includes("SpecQL"));
  await workbench.goToEndOfLine(5);
  await workbench.page.keyboard.type("  ");
  await workbench.save();
  await until("the formatted file", async () => (await workbench.read("untidy.yaml")).includes("    name: text\n"));
  assert.ok((await workbench.read("untidy.yaml")).endsWith("email: email!\n"));
});

// drives: workspace-symbols
check("every symbol of the workspace is found by its name", async () => {
  await workbench.page.keyboard.press("Control+T");
  await workbench.quickInput.fill("#Ticket");
  await workbench.page.locator(".quick-input-list .monaco-list-row", { hasText: "Ticket" }).first().waitFor();
  await workbench.page.keyboard.press("Escape");
});
