import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Database, PostgreSQL } from "../harness/database";
import { ACT_MS, eventually, repeat } from "../harness/waiting";
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

async function stored(query: string, rows: readonly (readonly unknown[])[]): Promise<void> {
  await eventually(() => sql(query), (found) => { assert.deepEqual(found, rows); });
}

// drives: browse, status
check("the registry is a tree of domains, subdomains and entities, with what is used and free", async () => {
  await workbench.openFile("contact.yaml");
  await workbench.statusSays(/SpecQL: PostgreSQL/);
  await workbench.openViews();
  await workbench.row(/crm.*2 · 3 used, 40 free/).waitFor();
  await workbench.expand("crm", "customer");
  await workbench.row(/customer.*03 · 2 used, 13 free/).waitFor();
  await workbench.expand("customer", "Contact");
  await workbench.row(/Company.*012032/).waitFor();
  await workbench.picture("vscode-registry");
});

check("the tree shows what somebody else allocates, and keeps what is open", async () => {
  await sql(
    "INSERT INTO specql_registry.tb_entity_registration (fk_subdomain, entity_name, table_code, entity_sequence) " +
      "SELECT pk_subdomain, 'Partner', '01203A', 10 FROM specql_registry.tb_subdomain WHERE subdomain_name = 'customer'",
  );
  await workbench.row("Partner").waitFor();
  await workbench.row(/customer.*03 · 3 used, 12 free/).waitFor();
  await workbench.row("Contact").waitFor();
});

check("an entity leads to its file, or to its line in the registry", async () => {
  await workbench.openByRow("Company", "company.yaml");
  await workbench.menu(workbench.row("Company"), "Open in the Registry YAML", workbench.tab("domain_registry.yaml"));
  await workbench.statusSays(/Ln \d+, Col \d+.*\(7 selected\)/);
});

check("a code is copied", async () => {
  await workbench.menu(workbench.row("Company"), "Copy Code", async () => (await workbench.clipboard()) === "012032");
});

check("a code is allocated in the subdomain that was chosen", async () => {
  await workbench.openFile("ticket.yaml");
  await workbench.rowAction(workbench.row("support"), "Allocate a Code", workbench.question("SpecQL: Allocate a Code for Ticket"));
  await workbench.asksWith("Ticket");
  await workbench.answer();
  await workbench.notified("Allocated 012042 to Ticket in crm / support.");
  await stored("SELECT table_code FROM specql_registry.tb_entity_registration WHERE entity_name = 'Ticket'", [["012042"]]);
  await workbench.textIsShown("'012042'");
});

check("the tree is filtered, and the filter is cleared", async () => {
  await workbench.command("SpecQL: Filter the Registry…", workbench.question("SpecQL: Filter the Registry"));
  await workbench.answer("0120");
  await workbench.row("catalog").waitFor({ state: "detached" });
  await workbench.row("Contact").waitFor();
  await workbench.command("SpecQL: Clear the Registry's Filter", workbench.row("catalog"));
});

check("a domain and a subdomain are registered step by step, and a wrong number is said", async () => {
  await workbench.command("SpecQL: Register a Domain…", workbench.question("SpecQL: Register a Domain"));
  await workbench.asksWith("5");
  await workbench.quickInput.fill("2");
  await workbench.page.locator(".quick-input-message", { hasText: "Domain 2 is crm." }).waitFor();
  await workbench.answer("7");
  for (const answer of ["billing", "What customers owe", "money, dues"]) {
    await workbench.asksWith("");
    await workbench.answer(answer);
  }
  await workbench.answer();
  await workbench.notified("Registered domain 7 (billing).");
  await workbench.row("billing").waitFor();
  await stored("SELECT domain_number, description, aliases, multi_tenant FROM specql_registry.tb_domain WHERE domain_name = 'billing'", [
    ["7", "What customers owe", ["money", "dues"], false],
  ]);
  await workbench.rowAction(workbench.row("billing"), "Register a Subdomain", workbench.question("SpecQL: Register a Subdomain of billing"));
  await workbench.asksWith("01");
  await workbench.answer();
  await workbench.asksWith("");
  await workbench.answer("invoices");
  await workbench.answer();
  await workbench.notified("Registered subdomain 01 (invoices) of billing.");
  await stored("SELECT subdomain_number FROM specql_registry.tb_subdomain WHERE subdomain_name = 'invoices'", [["01"]]);
});

check("one goes to an entity by its name", async () => {
  await repeat("the entity's file", async () => {
    await workbench.command("SpecQL: Go to a Domain or an Entity…", workbench.question("SpecQL: Go to a Domain or an Entity"));
    await workbench.quickInput.fill("Manufacturer", { timeout: ACT_MS });
    await workbench.choose("Manufacturer013211");
  }, workbench.tab("manufacturer.yaml"));
});

check("the performance report is a page with charts, and loads nothing from elsewhere", async () => {
  const complaints: string[] = [];
  workbench.page.on("console", (message) => {
    const isOfPage = message.location().url.includes("webview") || message.text().includes("Content Security Policy");
    if (message.type() === "error" && isOfPage) complaints.push(`${message.location().url}: ${message.text()}`);
  });
  await workbench.closeNotifications();
  await workbench.hideSideBar();
  await workbench.command("SpecQL: Show Performance Report", workbench.page.locator(".tab.active", { hasText: "SpecQL Performance" }));
  const page = workbench.page.frameLocator("iframe.webview").frameLocator("iframe");
  await page.locator("h1", { hasText: "Registry performance" }).waitFor();
  const rows = page.locator("section", { hasText: "Operations" }).first().locator("tbody tr");
  await rows.filter({ hasText: "registry.allocate" }).first().waitFor();
  await eventually(() => rows.count(), (found) => { assert.ok(found > 2); });
  const chart = rows.first().locator("svg[role=img]");
  await eventually(() => chart.getAttribute("aria-label"), (label) => { assert.match(label ?? "", /median .* ms, 95th percentile .* ms, slowest/); });
  await eventually(() => chart.locator("rect.p50").boundingBox(), (box) => { assert.ok((box?.width ?? 0) > 0); });
  const color = await chart.locator("rect.p50").evaluate((node) => getComputedStyle(node).fill);
  assert.notEqual(color, "rgb(0, 0, 0)");
  const before = await page.locator("main").innerHTML();
  await workbench.command("SpecQL: Refresh Registry");
  await workbench.click(page.locator("#refresh"), async () => (await page.locator("main").innerHTML()) !== before);
  await workbench.click(page.locator("#copy"), async () => (await workbench.clipboard()).includes('"byOperation"'));
  assert.deepEqual(complaints, []);
  // A picture's own style is something that the page's policy refuses, so it comes last.
  await workbench.picture("vscode-report");
});
