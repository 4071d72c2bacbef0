import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Database, PostgreSQL } from "../harness/database";
import { eventually } from "../harness/waiting";
import { Workbench } from "../harness/workbench";

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

async function registered(entity: string, code: string): Promise<void> {
  const query = `SELECT table_code FROM specql_registry.tb_entity_registration WHERE entity_name = '${entity}'`;
  await eventually(() => postgresql.sql(database, query), (rows) => { assert.deepEqual(rows, [[code]]); });
}

// drives: corrections
check("an entity is moved from the tree, and its file follows", async () => {
  await workbench.openFile("contact.yaml");
  await workbench.statusSays(/SpecQL: PostgreSQL/);
  await workbench.openViews();
  await workbench.expand("crm", "customer");
  await workbench.expand("customer", "Contact");
  await workbench.menu(workbench.row("Contact"), "Move to Another Subdomain…", workbench.question("Move Contact"));
  await workbench.answer("core");
  await workbench.agree("Move Contact to core: 012012 instead of 012031?", "Move");
  await workbench.notified("Contact is in core now, with the code 012012.");
  await registered("Contact", "012012");
  await workbench.textIsShown("'012012'");
});

// drives: corrections
check("an entity is renamed in the registry, and a code in use is not released", async () => {
  const refused = /The code 012032 of Company is used by company.yaml/;
  await workbench.menu(workbench.row("Company"), "Release Its Code…", workbench.notification(refused));
  await workbench.closeNotifications();
  await workbench.menu(workbench.row("Company"), "Rename in the Registry…", workbench.question("Rename Company"));
  await workbench.answer("Firm");
  await workbench.agree("Rename Company to Firm in the registry?", "Rename");
  await workbench.notified("Company is Firm now.");
  await registered("Firm", "012032");
});

// drives: missing-codes
check("missing codes are allocated from the explorer, after a preview", async () => {
  await workbench.openFile("ticket.yaml");
  const row = workbench.explorerRow("ticket.yaml");
  await workbench.command("File: Reveal Active File in Explorer View", row);
  await workbench.menu(row, "Allocate Missing Codes…", workbench.dialog());
  await workbench.agree(/Allocate a code\?.*Ticket gets 012042 in crm \/ support/s, "Allocate");
  await workbench.notified("1 code allocated.");
  await registered("Ticket", "012042");
  await workbench.textIsShown("'012042'");
});
