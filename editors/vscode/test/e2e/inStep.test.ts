import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Database, PostgreSQL } from "../harness/database";
import { Workbench } from "../harness/workbench";

const REGISTRY = "registry/domain_registry.yaml";

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

/** The sentence of the view of differences where nothing differs. */
function agreement() {
  return workbench.page.locator(".sidebar", { hasText: "PostgreSQL and the registry YAML agree." });
}

// drives: in-step
check("what is allocated is put into the registry YAML, once the user has agreed", async () => {
  await workbench.openFile("ticket.yaml");
  await workbench.statusSays(/SpecQL: PostgreSQL/);
  const row = workbench.explorerRow("ticket.yaml");
  await workbench.command("File: Reveal Active File in Explorer View", row);
  await workbench.menu(row, "Allocate Missing Codes…", workbench.dialog());
  await workbench.agree("Allocate a code?", "Allocate");
  await workbench.react("1 code is not in the YAML yet.", "Add");
  await workbench.fileHolds(REGISTRY, (text) => { assert.match(text, /^ {10}Ticket:\n {12}table_code: '012042'$/m); });
  await workbench.command("SpecQL: Show Differences", agreement());
  assert.equal(await workbench.notification("differ in").count(), 0);
});

// drives: drift
check("many changes are listed in full before they are made", async () => {
  await postgresql.sql(
    database,
    "INSERT INTO specql_registry.tb_subdomain (fk_domain, subdomain_number, subdomain_name) " +
      "SELECT pk_domain, '2' || number, 'area_' || number FROM specql_registry.tb_domain, generate_series(1, 9) AS number WHERE domain_name IN ('crm', 'catalog')",
  );
  await workbench.row("domain 2 · 9 differences").waitFor();
  const question = "Write 18 differences to the registry YAML?";
  await workbench.command("SpecQL: Keep All of PostgreSQL: Write the YAML", workbench.dialog(question));
  await workbench.dialog("area_1  subdomain 21 · crm · added").waitFor();
  await workbench.dialog("… and 3 more").waitFor();
  await workbench.agree(question, "Show All");
  await workbench.textIsShown("area_9  subdomain 29 · catalog · added");
  await workbench.react(question, "Write to the YAML");
  await agreement().waitFor();
});

// drives: in-step
check("the registry YAML is brought up to date by a code action", async () => {
  await postgresql.sql(database, "UPDATE specql_registry.tb_domain SET description = 'Goods' WHERE domain_number = '3'");
  await workbench.row(/catalog.*description "Goods" in PostgreSQL/).click();
  await workbench.clickOn("What we sell", "description");
  await workbench.openActions("Bring the file up to date with PostgreSQL");
  await workbench.chooseAction("Bring the file up to date with PostgreSQL", agreement());
  await workbench.lineIsShown("Goods");
});
