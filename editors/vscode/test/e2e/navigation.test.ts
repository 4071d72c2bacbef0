import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { eventually, gone } from "../harness/waiting";
import { Workbench } from "../harness/workbench";

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
  const peek = workbench.page.locator(".reference-zone-widget");
  await workbench.click(workbench.page.locator(".codelens-decoration a", { hasText: /\d references?/ }).first(), peek);
  await peek.locator(".monaco-list-row", { hasText: "ticket.yaml" }).first().waitFor();
  await workbench.leave(peek);
});

// drives: outline
check("the outline and the breadcrumbs name the fields", async () => {
  await workbench.command("Explorer: Focus on Outline View", workbench.page.locator(".outline-pane .monaco-list-row", { hasText: "Contact" }).first());
  await workbench.openFile("contact.yaml");
  await workbench.goToEndOfLine(14);
  await workbench.page.locator(".breadcrumbs-control .monaco-icon-label", { hasText: "status" }).first().waitFor();
});

// drives: definition
check("F12 leads to the entity that a field refers to", async () => {
  await workbench.openFile("contact.yaml");
  await workbench.clickOn("company: ref", "Company");
  await workbench.press("F12", workbench.tab("company.yaml"));
});

check("F2 renames a field with its uses", async () => {
  await workbench.openFile("contact.yaml");
  await workbench.clickOn("first_name: text", "first_name");
  const input = workbench.page.locator(".rename-box .rename-input").first();
  await workbench.press("F2", input);
  await eventually(() => input.inputValue(), (value) => { assert.equal(value, "first_name"); });
  await input.fill("given_name");
  await input.press("Enter");
  await workbench.textIsShown("given_name: text");
  await workbench.page.keyboard.press("Control+Z");
  await workbench.lineIsShown("first_name: text");
});

// drives: rename, rename-preview
check("F2 renames an entity through its files, after a look at the preview", async () => {
  await workbench.openFile("contact.yaml");
  await workbench.clickOn("entity: Contact", "Contact");
  const input = workbench.page.locator(".rename-box .rename-input").first();
  await workbench.press("F2", input);
  await eventually(() => input.inputValue(), (value) => { assert.equal(value, "Contact"); });
  await input.fill("Person");
  await input.press("Control+Enter");
  const panel = workbench.page.locator(".part.panel, .part.auxiliarybar", { hasText: /refactor preview/i }).first();
  await panel.waitFor();
  await panel.locator(".monaco-list-row", { hasText: "ticket.yaml" }).first().waitFor();
  await workbench.picture("vscode-rename");
  const apply = panel.locator(".monaco-button", { hasText: "Apply" }).first();
  await workbench.click(apply, gone(apply));
  await workbench.fileHolds("entities/crm/ticket.yaml", (text) => { assert.ok(text.includes("ref(Person)")); });
});

// drives: format-on-save
check("a file is formatted when it is saved", async () => {
  await workbench.openFile("untidy.yaml");
  await workbench.mode.filter({ hasText: "SpecQL" }).waitFor();
  await workbench.goToEndOfLine(5);
  await workbench.page.keyboard.type("  ");
  await workbench.save();
  await workbench.fileHolds("untidy.yaml", (text) => {
    assert.ok(text.includes("    name: text\n"));
    assert.ok(text.endsWith("email: email!\n"));
  });
});

// drives: workspace-symbols
check("every symbol of the workspace is found by its name", async () => {
  await workbench.press("Control+T", workbench.quickInput);
  await workbench.quickInput.fill("#Ticket");
  await workbench.choice("Ticket").waitFor();
  await workbench.leave();
});
