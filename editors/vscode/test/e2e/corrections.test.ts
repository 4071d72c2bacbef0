import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Database, PostgreSQL } from "../harness/database";
import { Workbench, until } from "../harness/workbench";

let postgresql: PostgreSQL;
let database: Database;
let workbench: Workbench;

before(async () => {
  postgresql = await PostgreSQL.start();
  database = await postgresql.database();
  workbench = await Workbench.open({ environment: { SPECQL_DB_URL: database.url } });
});
after(async () => {
  await workbench?.close();
  await postgresql?.close();
});

function check(name: string, body: () => Promise<void>): void {
  test(name, () => workbench.traced(name, body));
}

async function codes(entity: string): Promise<readonly (readonly unknown[])[]> {
  return await postgresql.sql(database, `SELECT table_code FROM specql_registry.tb_entity_registration WHERE entity_name = '${entity}'`);
}

async function agree(text: string | RegExp, button: string): Promise<void> {
  const dialog = workbench.page.locator(".monaco-dialog-box");
  await dialog.filter({ hasText: text }).waitFor();
  await dialog.getByRole("button", { name: button }).click();
  await dialog.waitFor({ state: "detached" });
}

// drives: corrections
check("an entity is moved from the tree, and its file follows", async () => {
  await workbench.openFile("contact.yaml");
  await workbench.statusSays(/SpecQL: PostgreSQL/);
  await workbench.openViews();
  await workbench.row("crm").click();
  await workbench.row("customer").click();
  await workbench.row("Contact").click({ button: "right" });
  await workbench.chooseInMenu("Move to Another Subdomain…");
  await workbench.quickInput.waitFor();
  await workbench.quickInput.fill("core");
  await workbench.page.keyboard.press("Enter");
  await agree("Move Contact to core: 012012 instead of 012031?", "Move");
  await workbench.notification("Contact is in core now, with the code 012012.").waitFor();
  assert.deepEqual(await codes("Contact"), [["012012"]]);
  await until("the code in the file", async () => (await workbench.shownText()).includes("'012012'"));
});

// drives: corrections
check("an entity is renamed in the registry, and a code in use is not released", async () => {
  await workbench.row("Company").click({ button: "right" });
  await workbench.chooseInMenu("Release Its Code…");
  await workbench.notification(/The code 012032 of Company is used by company.yaml/).waitFor();
  await workbench.closeNotifications();
  await workbench.row("Company").click({ button: "right" });
  await workbench.chooseInMenu("Rename in the Registry…");
  await workbench.quickInput.waitFor();
  await workbench.quickInput.fill("Firm");
  await workbench.page.keyboard.press("Enter");
  await agree("Rename Company to Firm in the registry?", "Rename");
  await workbench.notification("Company is Firm now.").waitFor();
  assert.deepEqual(await codes("Firm"), [["012032"]]);
});

// drives: missing-codes
check("missing codes are allocated from the explorer, after a preview", async () => {
  await workbench.openFile("ticket.yaml");
  await workbench.command("File: Reveal Active File in Explorer View");
  const row = workbench.page.locator(".explorer-folders-view .monaco-list-row", { hasText: "ticket.yaml" }).first();
  await row.click({ button: "right" });
  await workbench.chooseInMenu("Allocate Missing Codes…");
  await agree(/Allocate a code\?.*Ticket gets 012042 in crm \/ support/s, "Allocate");
  await workbench.notification("1 code allocated.").waitFor();
  assert.deepEqual(await codes("Ticket"), [["012042"]]);
  await until("the code in the file", async () => (await workbench.shownText()).includes("'012042'"));
});
