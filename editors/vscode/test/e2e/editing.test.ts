import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Database, PostgreSQL } from "../harness/database";
import { eventually } from "../harness/waiting";
import { Workbench } from "../harness/workbench";

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

async function registered(columns: string, entity: string, row: unknown[]): Promise<void> {
  const query = `SELECT ${columns} FROM specql_registry.tb_entity_registration WHERE entity_name = '${entity}'`;
  await eventually(() => postgresql.sql(database, query), (rows) => { assert.deepEqual(rows, [row]); });
}

check("the domains are completed at schema", async () => {
  await workbench.openFile("invoice.yaml");
  await workbench.statusSays(/SpecQL: PostgreSQL/);
  await workbench.goToEndOfLine(2);
  await workbench.frame(COMPLETION, 900);
  await workbench.page.keyboard.type("schema:", { delay: 40 });
  await workbench.frame(COMPLETION, 300);
  await workbench.page.keyboard.type(" c", { delay: 40 });
  await workbench.suggested(workbench.suggestion("crm"));
  await workbench.picture("vscode-domains");
  await workbench.frame(COMPLETION, 1500);
  await workbench.page.keyboard.type("r", { delay: 40 });
  await workbench.accept("crm");
  await workbench.textIsShown("schema: crm");
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
  await workbench.suggested(workbench.suggestion("012012"));
  // Below the first code there is the row that allocates it, too.
  for (const label of [/^012012 taken now/, /^012033/]) {
    await workbench.page.keyboard.press("ArrowDown");
    await workbench.focusedSuggestion(label).waitFor();
  }
  await workbench.press("Control+Space", workbench.page.locator(".suggest-details:visible", { hasText: "customer" }));
  await workbench.picture("vscode-completion");
  await workbench.frame(COMPLETION, 2000);
  await workbench.page.keyboard.type("01203", { delay: 40 });
  // What was typed has to have reached the list, or Tab would take what it still proposes.
  await workbench.accept("012033");
  await workbench.textIsShown("  table_code: '012033'");
  await workbench.frame(COMPLETION, 1200);
  await workbench.save();
  const saved = "entity: Invoice\nschema: crm\norganization:\n  table_code: '012033'";
  await workbench.fileHolds("invoice.yaml", (text) => { assert.equal(text, saved); });
});

check("a code explains itself when the mouse is over it", async () => {
  await workbench.openFile("contact.yaml");
  const hover = await workbench.hoverOver(workbench.word("table_code", /\d/), "Contact");
  await hover.filter({ hasText: "customer" }).filter({ hasText: "PostgreSQL" }).waitFor();
  await workbench.picture("vscode-hover");
});

// drives: diagnostics
check("what is wrong is underlined and listed", async () => {
  await workbench.openFile("company.yaml");
  await workbench.page.locator(".squiggly-error").first().waitFor();
  const problem = workbench.page.locator(".markers-panel .monaco-list-row", { hasText: "YAML 1.1 reads 012032 as the octal integer 5146" });
  await workbench.command("View: Focus Problems", problem);
  await problem.filter({ hasText: /specql.*unquoted-table-code/i }).waitFor();
  await workbench.picture("vscode-problems");
  await workbench.command("View: Toggle Panel Visibility");
});

// drives: allocation
check("the light bulb allocates a code into the file and into PostgreSQL", async () => {
  await workbench.openFile("ticket.yaml");
  await workbench.goToEndOfLine(1);
  await workbench.frame(ALLOCATION, 1000);
  await workbench.openActions(/Allocate a code in crm \/ support \(012042/);
  await workbench.picture("vscode-allocation");
  await workbench.frame(ALLOCATION, 2000);
  // The subdomain that SpecQL would take is the first one.
  await workbench.page.locator(".action-widget .monaco-list-row.focused", { hasText: /crm \/ support \(012042/ }).waitFor();
  await workbench.chooseAction(/crm \/ support \(012042/);
  await workbench.textIsShown("  table_code: '012042'");
  await workbench.frame(ALLOCATION, 1800);
  await registered("table_code, entity_sequence", "Ticket", ["012042", 2]);
  await workbench.save();
  await workbench.fileHolds("entities/crm/ticket.yaml", (text) => { assert.match(text, /^organization:\n {2}table_code: '012042'$/m); });
});

// drives: commands
check("a code is allocated by quick picks, with a preview of it", async () => {
  await workbench.openFile("invoice.yaml");
  await workbench.typeText("entity: Invoice\nschema: catalog\n");
  await workbench.page.keyboard.press("Escape");
  await workbench.command("SpecQL: Allocate a Code…", workbench.choice("the file's schema"));
  const rows = workbench.page.locator(".quick-input-list .monaco-list-row");
  await rows.first().filter({ hasText: /catalog/ }).waitFor();
  await workbench.answer();
  await rows.filter({ hasText: "gives 013011" }).first().waitFor();
  await workbench.picture("vscode-quick-pick");
  await workbench.answer("classification");
  await workbench.notified("Allocated 013011 to Invoice in catalog / classification.");
  await workbench.textIsShown("'013011'");
  await registered("table_code", "Invoice", ["013011"]);
});
