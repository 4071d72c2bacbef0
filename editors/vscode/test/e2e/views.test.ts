import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Database, PostgreSQL } from "../harness/database";
import { repeat } from "../harness/waiting";
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

async function sql(text: string): Promise<readonly (readonly unknown[])[]> {
  return await postgresql.sql(database, text);
}

/** Registers entities in a subdomain, as another user would: their sequence numbers from one to another. */
async function registeredElsewhere(subdomain: string, from: number, to: number): Promise<void> {
  await sql(
    "INSERT INTO specql_registry.tb_entity_registration (fk_subdomain, entity_name, table_code, entity_sequence) " +
      `SELECT pk_subdomain, 'Other' || n, '0120' || ltrim(subdomain_number, '0') || upper(to_hex(n)), n ` +
      `FROM specql_registry.tb_subdomain, generate_series(${from}, ${to}) AS n WHERE subdomain_name = '${subdomain}'`,
  );
}

check("a filter that nothing matches says so", async () => {
  await workbench.openFile("contact.yaml");
  await workbench.statusSays(/SpecQL: PostgreSQL/);
  await workbench.openViews();
  await workbench.command("SpecQL: Filter the Registry…", workbench.question("SpecQL: Filter the Registry"));
  await workbench.answer("nowhere");
  await workbench.page.locator(".sidebar", { hasText: "Nothing in the registry holds “nowhere”." }).waitFor();
  await workbench.command("SpecQL: Clear the Registry's Filter", workbench.row("crm"));
});

check("a full subdomain stands last, and says why it cannot be chosen", async () => {
  await registeredElsewhere("support", 2, 15);
  await workbench.expand("crm", "support");
  await workbench.row(/support.*04 · 14 used, full/).waitFor();
  await workbench.openFile("ticket.yaml");
  await workbench.command("SpecQL: Allocate a Code…", workbench.choice("the file's schema"));
  await workbench.answer();
  await workbench.choice("customer").waitFor();
  await workbench.page.locator(".quick-input-list .monaco-list-row").last().filter({ hasText: "support" }).waitFor();
  await workbench.choose("support", workbench.page.locator(".quick-input-widget input[placeholder*='support is full']"));
  await workbench.leave();
  assert.deepEqual(await sql("SELECT count(*) FROM specql_registry.tb_entity_registration WHERE entity_name = 'Ticket'"), [[0]]);
});

check("a difference is resolved from the palette", async () => {
  await workbench.command("SpecQL: Resolve a Difference…", workbench.choice("Other2"));
  await workbench.choose("Other2");
  await workbench.choice("Keep YAML").waitFor();
  await workbench.choose("Keep PostgreSQL");
  // The registry YAML was not open, so the change is saved.
  await workbench.fileHolds("registry/domain_registry.yaml", (text) => { assert.ok(text.includes("Other2:")); });
});

check("a code is copied by its key", async () => {
  await workbench.expand("customer", "Company");
  await workbench.openByRow("Company", "company.yaml");
  await repeat("the code on the clipboard", async () => {
    await workbench.command("SpecQL: Focus on Registry View");
    await workbench.page.keyboard.press("Control+C");
  }, async () => (await workbench.clipboard()) === "012032");
});

check("the report follows what happens, and says what its buttons did", async () => {
  const page = workbench.page.frameLocator("iframe.webview").frameLocator("iframe");
  await workbench.command("SpecQL: Show Performance Report", page.locator("#copy"));
  await workbench.click(page.locator("#copy"), page.locator("[role=status]", { hasText: "The report is on the clipboard." }));
  const operations = page.locator(".figures div", { hasText: "operations" }).locator("dd");
  const before = Number(await operations.textContent());
  await page.getByLabel("every 5 seconds").check();
  await workbench.command("SpecQL: Refresh Registry", async () => Number(await operations.textContent()) > before);
});
