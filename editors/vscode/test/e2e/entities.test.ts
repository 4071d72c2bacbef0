import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ACT_MS, eventually, gone, repeat } from "../harness/waiting";
import { Workbench } from "../harness/workbench";

/** An entity with a type that SpecQL has not, and a key that it does not read. */
const VOUCHER = `\
entity: Voucher
schema: crm
fields:
  email: email!
  seen: timestamp
  company: ref(Company)
  state:
    type: enum(open, closed)
    required: true
actions:
  - name: close
    steps:
      - validate: state = 'open'
        error: not_open
`;

/** What pictures show: the lines of the file. */
const PICTURE_HEIGHT = 400;

let workbench: Workbench;

before(async () => {
  const settings = { "editor.codeActionsOnSave": { "source.fixAll.specql": "explicit" } };
  workbench = await Workbench.open({ files: { "entities/crm/voucher.yaml": VOUCHER }, settings });
  await workbench.hideSideBar();
  await workbench.openFile("voucher.yaml");
  await workbench.statusSays(/SpecQL: /);
});
after(() => workbench?.close());

function check(name: string, body: () => Promise<void>): void {
  test(name, () => workbench.traced(name, body));
}

/** Puts the cursor at the end of the line with a text, into the editor. */
async function goBehind(text: string): Promise<void> {
  const lines = (await workbench.read("entities/crm/voucher.yaml")).split("\n");
  await workbench.goToEndOfLine(lines.findIndex((line) => line.includes(text)) + 1);
}

/** Puts the mouse over a piece of a line until its hover says something. */
async function hoverOf(line: string, piece: RegExp, says: string) {
  return await workbench.hoverOver(workbench.editor.locator(".view-line", { hasText: line }).locator("span > span", { hasText: piece }).first(), says);
}

/** Chooses a code action at the cursor, once the server has found what it mends. */
async function chooseAction(title: string, picture: string): Promise<void> {
  await workbench.openActions(title);
  await workbench.picture(picture, PICTURE_HEIGHT);
  // The preferred one is the first. Not a click: a page that scrolls to the menu shows the workbench out of its place.
  await workbench.page.locator(".action-widget .monaco-list-row.focused", { hasText: title }).waitFor();
  await workbench.chooseAction(title);
}

/** Undoes what was typed, until the file is as it is on the disk. */
async function asItWas(): Promise<void> {
  await workbench.page.keyboard.press("Escape");
  await workbench.command("File: Revert File", gone(workbench.page.locator(".tab.active.dirty")));
}

check("an unknown type is underlined, and says what was meant", async () => {
  await workbench.page.locator(".squiggly-warning").first().waitFor();
  const shown = await hoverOf("seen: timestamp", /^\s*timestamp$/, "timestamp is no type");
  await shown.filter({ hasText: /Write\sdatetime\sinstead\./ }).waitFor();
  await shown.locator("a.code-link", { hasText: /^unknown-type$/ }).waitFor();
  await workbench.picture("vscode-unknown-type", PICTURE_HEIGHT);
});

// drives: faded
check("what SpecQL does not read is faded", async () => {
  const faded = workbench.editor.locator(".squiggly-inline-unnecessary");
  await faded.first().waitFor();
  await eventually(() => faded.allTextContents(), (texts) => { assert.deepEqual(texts, ["required"]); });
});

// drives: hover
check("a field's name explains itself with its column when the mouse is over it", async () => {
  const shown = await hoverOf("email: email!", /^\s*email$/, "email TEXT NOT NULL");
  await shown.filter({ hasText: /CHECK\s\(email\s~\*\s/ }).waitFor();
  await workbench.picture("vscode-column", PICTURE_HEIGHT);
  await hoverOf("company: ref", /^\s*company$/, "fk_company INTEGER");
});

// drives: fixes
check("the light bulb changes a type to the one that was meant", async () => {
  await goBehind("seen: timestamp");
  await chooseAction("Change to datetime", "vscode-fix");
  await workbench.lineIsShown("  seen: datetime");
  await eventually(() => workbench.editor.locator(".squiggly-warning").count(), (found) => { assert.equal(found, 0); });
  await workbench.textIsShown("\n  email: email!\n  seen: datetime\n  company: ref(Company)\n");
  await asItWas();
});

// drives: completion
check("types are completed while a field's value is typed, the one of its name first", async () => {
  await goBehind("seen: timestamp");
  await workbench.page.keyboard.press("Enter");
  await workbench.page.keyboard.type("work_email: ", { delay: 20 });
  await workbench.suggested(workbench.focusedSuggestion(/^email/));
  await workbench.picture("vscode-types", PICTURE_HEIGHT);
  await workbench.page.keyboard.type("em", { delay: 40 });
  await workbench.accept(/^email/);
  await workbench.textIsShown("\n  work_email: email\n  company: ref(Company)\n");
  await asItWas();
});

// drives: snippets
check("a kind of step, the fields in its expression and the values of an enumeration are completed", async () => {
  await goBehind("error: not_open");
  await workbench.page.keyboard.press("Enter");
  await workbench.page.keyboard.press("Backspace");
  await workbench.page.keyboard.type("- val", { delay: 40 });
  await workbench.accept(/^validate/);
  await workbench.lineIsShown("- validate: email is not null");
  await workbench.page.keyboard.type("sta", { delay: 40 });
  await workbench.accept(/^state/);
  await workbench.page.keyboard.type(" = ", { delay: 40 });
  await workbench.suggested(workbench.focusedSuggestion(/closed|open/));
  await workbench.picture("vscode-values", PICTURE_HEIGHT);
  await asItWas();
});

check("a key that is accepted opens the list of its values", async () => {
  await goBehind("type: enum");
  await workbench.page.keyboard.press("Enter");
  await workbench.page.keyboard.type("nul", { delay: 40 });
  await workbench.accept(/^nullable/);
  await workbench.lineIsShown("    nullable: ");
  await workbench.suggestion(/^false/).waitFor();
  await asItWas();
});

// drives: signature
check("the arguments of a type are shown while they are typed", async () => {
  await goBehind("seen: timestamp");
  await workbench.page.keyboard.press("Enter");
  await workbench.page.keyboard.type("kind: enum(", { delay: 40 });
  const hints = workbench.page.locator(".parameter-hints-widget.visible", { hasText: "enum(value, …)" });
  await hints.waitFor();
  await workbench.picture("vscode-signature", PICTURE_HEIGHT);
  await asItWas();
});

// drives: fix-all
check("what changes no meaning to SpecQL is fixed when the file is saved, and nothing else", async () => {
  await goBehind("seen: timestamp");
  await workbench.page.keyboard.press("Enter");
  await workbench.page.keyboard.type("title: string", { delay: 40 });
  await workbench.page.keyboard.press("Escape");
  await eventually(() => workbench.editor.locator(".squiggly-warning").count(), (found) => { assert.equal(found, 2); });
  await workbench.save();
  await workbench.lineIsShown("  title: text");
  const saved = VOUCHER.replace("seen: timestamp\n", "seen: timestamp\n  title: text\n");
  await workbench.fileHolds("entities/crm/voucher.yaml", (text) => { assert.equal(text, saved); });
});

// drives: rule-page
check("the code of a finding opens the page of its rule beside the editor", async () => {
  const page = workbench.page.locator("iframe.webview.ready").last().contentFrame().locator("iframe#active-frame").contentFrame();
  const shown = workbench.page.locator(".monaco-hover:visible", { hasText: "timestamp is no type" });
  await repeat("the page of the rule", async () => {
    await hoverOf("seen: timestamp", /^\s*timestamp$/, "timestamp is no type");
    await shown.locator("a.code-link").click({ timeout: ACT_MS });
  }, page.locator("h1", { hasText: "unknown-type" }));
  await page.getByText("it stores the field as TEXT").first().waitFor();
  await workbench.page.mouse.move(1, 1);
  await shown.waitFor({ state: "hidden" });
  await workbench.picture("vscode-rule", PICTURE_HEIGHT);
});
