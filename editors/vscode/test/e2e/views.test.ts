import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Database, PostgreSQL } from "../harness/database";
import { until, Workbench } from "../harness/workbench";

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

function choice(text: string) {
  return workbench.page.locator(".quick-input-list .monaco-list-row", { hasText: text }).first();
}

check("a filter that nothing matches says so", async () => {
  await workbench.openFile("contact.yaml");
  await workbench.statusSays(/SpecQL: PostgreSQL/);
  await workbench.openViews();
  await workbench.command("SpecQL: Filter the Registry…");
  await workbench.quickInput.fill("nowhere");
  await workbench.page.keyboard.press("Enter");
  await workbench.page.locator(".sidebar", { hasText: "Nothing in the registry holds “nowhere”." }).waitFor();
  await workbench.command("SpecQL: Clear the Registry's Filter");
  await workbench.row("crm").waitFor();
});

check("a full subdomain stands last, and says why it cannot be chosen", async () => {
  await registeredElsewhere("support", 2, 15);
  await workbench.row("crm").click();
  await workbench.row("support").filter({ hasText: /04 · 14 used, full/ }).waitFor();
  await workbench.openFile("ticket.yaml");
  await workbench.command("SpecQL: Allocate a Code…");
  await choice("the file's schema").waitFor();
  await workbench.nextStep();
  await choice("customer").waitFor();
  assert.match((await workbench.page.locator(".quick-input-list .monaco-list-row").last().textContent()) ?? "", /support/);
  await choice("support").click();
  await workbench.page.locator(".quick-input-widget input[placeholder*='support is full']").waitFor();
  await workbench.page.keyboard.press("Escape");
  assert.deepEqual(await sql("SELECT count(*) FROM specql_registry.tb_entity_registration WHERE entity_name = 'Ticket'"), [[0]]);
});

check("a difference is resolved from the palette", async () => {
  await workbench.command("SpecQL: Resolve a Difference…");
  await choice("Other2").click();
  await choice("Keep PostgreSQL").waitFor();
  await choice("Keep YAML").waitFor();
  await choice("Keep PostgreSQL").click();
  // The registry YAML was not open, so the change is saved.
  await until("the entity in the YAML", async () => (await workbench.read("registry/domain_registry.yaml")).includes("Other2:"));
});

check("a code is copied by its key", async () => {
  await workbench.row("customer").click();
  await workbench.openByRow("Company", "company.yaml");
  await workbench.command("SpecQL: Focus on Registry View");
  await until("the code on the clipboard", async () => {
    await workbench.page.keyboard.press("Control+C");
    return (await workbench.page.evaluate(() => navigator.clipboard.readText())) === "012032";
  });
});

check("the report follows what happens, and says what its buttons did", async () => {
  await workbench.command("SpecQL: Show Performance Report");
  const page = workbench.page.frameLocator("iframe.webview").frameLocator("iframe");
  await page.locator("#copy").click();
  await page.locator("[role=status]", { hasText: "The report is on the clipboard." }).waitFor();
  const operations = page.locator(".figures div", { hasText: "operations" }).locator("dd");
  const before = Number(await operations.textContent());
  await page.getByLabel("every 5 seconds").check();
  await workbench.command("SpecQL: Refresh Registry");
  await until("more operations, without a click", async () => Number(await operations.textContent()) > before);
});
