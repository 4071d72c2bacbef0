import { after, before, test } from "node:test";
import { ACT_MS, gone, repeat } from "../harness/waiting";
import { Workbench } from "../harness/workbench";

let workbench: Workbench;

/** An entity with a comment of several lines, an anchor, expressions, a call, and links to a file and to a page. */
const ORDER = `\
# What a customer buys.
# See https://example.org/orders
entity: Order
schema: crm
fields:
  total: integer
  state: &state enum(open, closed)
  before: *state
  buyer: ref(Contact)
actions:
  - name: close
    steps:
      - validate: total > 0 and state = 'open'
  - name: close_all
    steps:
      - call: close()
import: entities/crm/contact.yaml
`;
const UNTIDY = "entity: Untidy\nschema: crm\nfields:\n    name:   text\n    size:   integer\n";

before(async () => {
  workbench = await Workbench.open({
    files: { "order.yaml": ORDER, "untidy.yaml": UNTIDY },
    settings: { "editor.formatOnType": true, "editor.autoIndent": "keep" },
  });
  await workbench.openFile("order.yaml");
  await workbench.statusSays(/SpecQL: YAML/);
});
after(() => workbench?.close());

function check(name: string, body: () => Promise<void>): void {
  test(name, () => workbench.traced(name, body));
}

/** Waits until a part of the workbench has the keyboard, which a tree takes some time after it is shown. */
async function keyboardIn(part: string): Promise<void> {
  await workbench.page.locator(`${part} :focus`).first().waitFor();
}

// drives: colours
check("names have the colours of what they mean", async () => {
  await workbench.clickOn("before: *state", "before");
  const token = workbench.page.locator(".token-inspect-widget", { hasText: /semantic token typeproperty/ });
  await workbench.command("Developer: Inspect Editor Tokens and Scopes", token);
  await workbench.leave(token);
});

// drives: highlights
check("the uses of a name are highlighted, what is written apart from what is read", async () => {
  await workbench.clickOn("state: &state", "state");
  await workbench.editor.locator(".wordHighlightStrong").first().waitFor();
  await workbench.editor.locator(".wordHighlight").first().waitFor();
});

// drives: definition
check("a click with the control key leads to the definition", async () => {
  await workbench.click(workbench.word("buyer: ref", "Contact"), workbench.tab("contact.yaml"), { modifiers: ["Control"] });
});

// drives: references
check("Shift+F12 shows the references in the text", async () => {
  await workbench.clickOn("entity: Contact", "Contact");
  const peek = workbench.page.locator(".reference-zone-widget");
  await workbench.press("Shift+F12", peek);
  for (const file of ["order.yaml", "ticket.yaml"]) await peek.locator(".monaco-list-row", { hasText: file }).first().waitFor();
  await workbench.leave(peek);
});

// drives: type-definition
check("the entity of a field's value is gone to as its type", async () => {
  await workbench.openFile("order.yaml");
  await workbench.clickOn("buyer: ref", "buyer");
  await workbench.command("Go to Type Definition", workbench.tab("contact.yaml"));
});

// drives: links
check("links lead to files", async () => {
  await workbench.openFile("order.yaml");
  const link = workbench.editor.locator(".detected-link", { hasText: "contact.yaml" }).first();
  await workbench.click(link, workbench.tab("contact.yaml"), { modifiers: ["Control"] });
});

// drives: call-hierarchy
check("who calls an action is shown as a tree", async () => {
  await workbench.openFile("order.yaml");
  await workbench.clickOn("- name: close", "close");
  const tree = workbench.page.locator(".pane-body", { hasText: "close" });
  await workbench.command("Calls: Show Call Hierarchy", tree.locator(".monaco-list-row", { hasText: "close_all" }).first());
  await keyboardIn(".sidebar");
});

// drives: type-hierarchy
check("which entities refer to one is shown as a tree", async () => {
  await workbench.openFile("contact.yaml");
  await workbench.clickOn("entity: Contact", "Contact");
  await workbench.command("Types: Show Type Hierarchy", workbench.row("Order"));
  await keyboardIn(".sidebar");
});

// drives: folding
check("a comment of several lines and a list of fields are folded", async () => {
  await workbench.openFile("order.yaml");
  const line = (text: string) => workbench.editor.locator(".view-line", { hasText: text }).first();
  await workbench.command("Fold All Block Comments", gone(line("example.org")));
  await workbench.command("Unfold All", line("example.org"));
  await workbench.clickOn("fields:", "fields");
  await workbench.press("Control+Shift+BracketLeft", gone(line("total: integer")));
  await workbench.command("Unfold All", line("total: integer"));
});

// drives: selection
check("the selection grows from a name to its condition", async () => {
  await workbench.clickOn("- validate: total", "total");
  const selected = workbench.page.locator("[id='status.editor.selection']");
  for (const length of ["total", "total > 0", "total > 0 and state = 'open'"].map((text) => text.length)) {
    await workbench.page.keyboard.press("Shift+Alt+ArrowRight");
    await selected.filter({ hasText: `(${length} selected)` }).waitFor();
  }
  await workbench.page.keyboard.press("ArrowLeft");
});

// drives: linked-editing
check("an anchor and its alias are changed together", async () => {
  await workbench.clickOn("before: *state", "state");
  await workbench.editor.locator(".linked-editing-decoration").first().waitFor();
  await workbench.page.keyboard.press("End");
  await workbench.page.keyboard.type("s");
  await workbench.lineIsShown("before: *states");
  await workbench.lineIsShown("state: &states enum");
  await workbench.page.keyboard.press("Control+Z");
  await workbench.lineIsShown("state: &state enum");
});

// drives: format-on-type
check("Enter indents as the text around does", async () => {
  await workbench.clickOn("- validate: total", "validate");
  await workbench.page.keyboard.press("End");
  await workbench.page.keyboard.press("Enter");
  await workbench.page.keyboard.type("x");
  await workbench.lineIsShown("        x");
  await workbench.page.keyboard.press("Control+Z");
});

// drives: format, format-selection
check("a selection is formatted, and nothing else", async () => {
  await workbench.openFile("untidy.yaml");
  await workbench.clickOn("name:", "name");
  await workbench.page.keyboard.press("Home");
  await workbench.page.keyboard.press("Shift+End");
  const line = (text: string) => workbench.editor.locator(".view-line", { hasText: text }).first();
  await workbench.command("Format Selection", line("name: text"));
  await workbench.lineIsShown("size:   integer");
  await workbench.command("Format Document", line("size: integer"));
});

// drives: rename-file
check("a file that is renamed in the explorer renames its entity, if that is wanted", async () => {
  await workbench.openFile("contact.yaml");
  const row = workbench.explorerRow("contact.yaml");
  await workbench.command("File: Reveal Active File in Explorer View", row);
  const input = workbench.page.locator(".explorer-item-edited input").first();
  await repeat("the row's new name", async () => {
    await row.click({ timeout: ACT_MS });
    await workbench.page.keyboard.press("F2");
  }, input);
  await input.fill("person.yaml");
  await input.press("Enter");
  await workbench.agree("wants to make refactoring changes", "OK");
  await workbench.lineIsShown("entity: Person");
  await workbench.openFile("ticket.yaml");
  await workbench.lineIsShown("reporter: ref(Person)");
});
