import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Database, PostgreSQL } from "../harness/database";
import { Workbench, until } from "../harness/workbench";

// The parts of the README's recording; the third is drift's.
const COMPLETION = "1-completion";
const ALLOCATION = "2-allocation";

let postgresql: PostgreSQL;
let database: Database;
let workbench: Workbench;

before(async () => {
  postgresql = await PostgreSQL.start();
  database = await postgresql.database();
  workbench = await Workbench.open({ environment: { SPECQL_DB_URL: database.url }, files: { "invoice.yaml": "entity: Invoice\n" } });
  await workbench.hideSideBar();
});
after(async () => {
  await workbench?.close();
  await postgresql?.close();
});

function check(name: string, body: () => Promise<void>): void {
  test(name, () => workbench.traced(name, body));
}

check("the domains are completed at schema", async () => {
  await workbench.openFile("invoice.yaml");
  await workbench.statusSays(/SpecQL: PostgreSQL/);
  await workbench.goToEndOfLine(2);
  await workbench.frame(COMPLETION, 900);
  await workbench.page.keyboard.type("schema:", { delay: 40 });
  await workbench.frame(COMPLETION, 300);
  await workbench.page.keyboard.type(" c", { delay: 40 });
  await workbench.suggestion("crm").waitFor();
  await workbench.picture("vscode-domains");
  await workbench.frame(COMPLETION, 1500);
  await workbench.page.keyboard.type("r", { delay: 40 });
  await workbench.page.locator(".suggest-widget .monaco-list-row.focused", { hasText: "crm" }).waitFor();
  await workbench.page.keyboard.press("Tab");
  await until("the accepted domain", async () => (await workbench.shownText()).includes("schema: crm"));
  await workbench.frame(COMPLETION, 600);
});

check("the free codes are completed at table_code, and put in with their quotes", async () => {
  await workbench.page.keyboard.press("End");
  await workbench.page.keyboard.press("Enter");
  await workbench.page.keyboard.type("organization:", { delay: 20 });
  await workbench.page.keyboard.press("Escape");
  await workbench.page.keyboard.press("Enter");
  await workbench.frame(COMPLETION, 400);
  await workbench.page.keyboard.type("table_code: ", { delay: 40 });
  await workbench.suggestion("012012").waitFor();
  // Below the first code there is the row that allocates it, too.
  for (const label of [/^012012 taken now/, /^012033/]) {
    await workbench.page.keyboard.press("ArrowDown");
    await workbench.page.locator(".suggest-widget .monaco-list-row.focused", { hasText: label }).waitFor();
  }
  await workbench.page.keyboard.press("Control+Space");
  await workbench.page.locator(".suggest-details:visible", { hasText: "customer" }).waitFor();
  await workbench.picture("vscode-completion");
  await workbench.frame(COMPLETION, 2000);
  await workbench.page.keyboard.type("01203", { delay: 40 });
  // What was typed has to have reached the list, or Tab would take what it still proposes.
  await workbench.page.locator(".suggest-widget .monaco-list-row.focused", { hasText: "012033" }).waitFor();
  await workbench.page.keyboard.press("Tab");
  await until("the accepted code", async () => (await workbench.shownText()).includes("  table_code: '012033'"));
  await workbench.frame(COMPLETION, 1200);
  await workbench.save();
  assert.equal(await workbench.read("invoice.yaml"), "entity: Invoice\nschema: crm\norganization:\n  table_code: '012033'\n".trimEnd());
});

check("a code explains itself when the mouse is over it", async () => {
  await workbench.openFile("contact.yaml");
  await workbench.editor.locator(".view-line", { hasText: "table_code" }).locator("span", { hasText: /\d/ }).last().hover();
  const hover = workbench.page.locator(".monaco-hover:visible", { hasText: "Contact" });
  await hover.waitFor();
  assert.match((await hover.textContent()) ?? "", /customer/);
  assert.match((await hover.textContent()) ?? "", /PostgreSQL/);
  await workbench.picture("vscode-hover");
});

// drives: diagnostics
check("what is wrong is underlined and listed", async () => {
  await workbench.openFile("company.yaml");
  await workbench.page.locator(".squiggly-error").first().waitFor();
  await workbench.command("View: Focus Problems");
  const problem = workbench.page.locator(".markers-panel .monaco-list-row", { hasText: "YAML 1.1 reads 012032 as the octal integer 5146" });
  await problem.waitFor();
  assert.match((await problem.textContent()) ?? "", /specql.*unquoted-table-code/i);
  await workbench.picture("vscode-problems");
  await workbench.command("View: Toggle Panel Visibility");
});

// drives: allocation
check("the light bulb allocates a code into the file and into PostgreSQL", async () => {
  await workbench.openFile("ticket.yaml");
  await workbench.goToEndOfLine(1);
  await workbench.frame(ALLOCATION, 1000);
  await until("the light bulb's menu", async () => {
    await workbench.page.keyboard.press("Control+.");
    const item = workbench.page.locator(".action-widget .monaco-list-row", { hasText: /Allocate a code in crm \/ support \(012042/ });
    if (await item.isVisible().catch(() => false)) return true;
    await workbench.page.waitForTimeout(400);
    const shown = await item.isVisible();
    if (!shown) await workbench.page.keyboard.press("Escape");
    return shown;
  });
  await workbench.picture("vscode-allocation");
  await workbench.frame(ALLOCATION, 2000);
  // The subdomain that SpecQL would take is the first one.
  await workbench.page.locator(".action-widget .monaco-list-row.focused", { hasText: /crm \/ support \(012042/ }).waitFor();
  await workbench.page.keyboard.press("Enter");
  await until("the code in the file", async () => (await workbench.shownText()).includes("  table_code: '012042'"));
  await workbench.frame(ALLOCATION, 1800);
  assert.deepEqual(
    await postgresql.sql(database, "SELECT table_code, entity_sequence FROM specql_registry.tb_entity_registration WHERE entity_name = 'Ticket'"),
    [["012042", 2]],
  );
  await workbench.save();
  assert.match(await workbench.read("entities/crm/ticket.yaml"), /^organization:\n {2}table_code: '012042'$/m);
});

// drives: commands
check("a code is allocated by quick picks, with a preview of it", async () => {
  await workbench.openFile("invoice.yaml");
  await workbench.typeText("entity: Invoice\nschema: catalog\n");
  await workbench.page.keyboard.press("Escape");
  await workbench.command("SpecQL: Allocate a Code…");
  const rows = workbench.page.locator(".quick-input-list .monaco-list-row");
  await rows.filter({ hasText: "the file's schema" }).first().waitFor();
  assert.match((await rows.first().textContent()) ?? "", /catalog/);
  await workbench.page.keyboard.press("Enter");
  await rows.filter({ hasText: "gives 013011" }).first().waitFor();
  await workbench.picture("vscode-quick-pick");
  await workbench.page.keyboard.type("classification");
  await workbench.page.keyboard.press("Enter");
  await workbench.notification("Allocated 013011 to Invoice in catalog / classification.").waitFor();
  await until("the code in the file", async () => (await workbench.shownText()).includes("'013011'"));
  assert.deepEqual(
    await postgresql.sql(database, "SELECT table_code FROM specql_registry.tb_entity_registration WHERE entity_name = 'Invoice'"),
    [["013011"]],
  );
});
