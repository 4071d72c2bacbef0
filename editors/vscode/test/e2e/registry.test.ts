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

async function sql(text: string): Promise<readonly (readonly unknown[])[]> {
  return await postgresql.sql(database, text);
}

// drives: browse, status
check("the registry is a tree of domains, subdomains and entities, with what is used and free", async () => {
  await workbench.openFile("contact.yaml");
  await workbench.statusSays(/SpecQL: PostgreSQL/);
  await workbench.openViews();
  assert.match((await workbench.row("crm").textContent()) ?? "", /2 · 3 used, 40 free/);
  await workbench.row("crm").click();
  await workbench.row("customer").waitFor();
  assert.match((await workbench.row("customer").textContent()) ?? "", /03 · 2 used, 13 free/);
  await workbench.row("customer").click();
  await workbench.row("Contact").waitFor();
  assert.match((await workbench.row("Company").textContent()) ?? "", /012032/);
  await workbench.picture("vscode-registry");
});

check("the tree shows what somebody else allocates, and keeps what is open", async () => {
  await sql(
    "INSERT INTO specql_registry.tb_entity_registration (fk_subdomain, entity_name, table_code, entity_sequence) " +
      "SELECT pk_subdomain, 'Partner', '01203A', 10 FROM specql_registry.tb_subdomain WHERE subdomain_name = 'customer'",
  );
  await workbench.row("Partner").waitFor();
  assert.match((await workbench.row("customer").textContent()) ?? "", /03 · 3 used, 12 free/);
  await workbench.row("Contact").waitFor();
});

check("an entity leads to its file, or to its line in the registry", async () => {
  await workbench.openByRow("Company", "company.yaml");
  await workbench.row("Company").click({ button: "right" });
  await workbench.chooseInMenu("Open in the Registry YAML");
  await workbench.page.locator(".tab.active", { hasText: "domain_registry.yaml" }).waitFor();
  await workbench.statusSays(/Ln \d+, Col \d+.*\(7 selected\)/);
});

check("a code is copied", async () => {
  await workbench.row("Company").click({ button: "right" });
  await workbench.chooseInMenu("Copy Code");
  await until("the code on the clipboard", async () => (await workbench.page.evaluate(() => navigator.clipboard.readText())) === "012032");
});

check("a code is allocated in the subdomain that was chosen", async () => {
  await workbench.openFile("ticket.yaml");
  await workbench.row("support").hover();
  await workbench.row("support").locator("[aria-label^='Allocate a Code']").click();
  const input = workbench.quickInput;
  await input.waitFor();
  assert.equal(await input.inputValue(), "Ticket");
  await input.press("Enter");
  await workbench.notification("Allocated 012042 to Ticket in crm / support.").waitFor();
  assert.deepEqual(await sql("SELECT table_code FROM specql_registry.tb_entity_registration WHERE entity_name = 'Ticket'"), [["012042"]]);
  await until("the code in the file", async () => (await workbench.shownText()).includes("'012042'"));
});

check("the tree is filtered, and the filter is cleared", async () => {
  await workbench.command("SpecQL: Filter the Registry…");
  await workbench.quickInput.fill("0120");
  await workbench.page.keyboard.press("Enter");
  await workbench.row("catalog").waitFor({ state: "detached" });
  await workbench.row("Contact").waitFor();
  await workbench.command("SpecQL: Clear the Registry's Filter");
  await workbench.row("catalog").waitFor();
});

check("a domain and a subdomain are registered step by step, and a wrong number is said", async () => {
  await workbench.command("SpecQL: Register a Domain…");
  const input = workbench.quickInput;
  await input.waitFor();
  assert.equal(await input.inputValue(), "5");
  await input.fill("2");
  await workbench.page.locator(".quick-input-message", { hasText: "Domain 2 is crm." }).waitFor();
  await input.fill("7");
  for (const answer of [undefined, "billing", "What customers owe", "money, dues", undefined]) {
    if (answer !== undefined) {
      await until(`the step for ${answer}`, async () => (await input.inputValue()) === "");
      await input.fill(answer);
    }
    await workbench.nextStep();
  }
  await workbench.notification("Registered domain 7 (billing).").waitFor();
  await workbench.row("billing").waitFor();
  assert.deepEqual(await sql("SELECT domain_number, description, aliases, multi_tenant FROM specql_registry.tb_domain WHERE domain_name = 'billing'"), [
    ["7", "What customers owe", ["money", "dues"], false],
  ]);
  await workbench.row("billing").hover();
  await workbench.row("billing").locator("[aria-label^='Register a Subdomain']").click();
  await input.waitFor();
  assert.equal(await input.inputValue(), "01");
  for (const answer of [undefined, "invoices", ""]) {
    if (answer) await input.fill(answer);
    await workbench.nextStep();
  }
  await workbench.notification("Registered subdomain 01 (invoices) of billing.").waitFor();
  assert.deepEqual(await sql("SELECT subdomain_number FROM specql_registry.tb_subdomain WHERE subdomain_name = 'invoices'"), [["01"]]);
});

check("one goes to an entity by its name", async () => {
  await workbench.command("SpecQL: Go to a Domain or an Entity…");
  await workbench.quickInput.fill("Manufacturer");
  await workbench.page.locator(".quick-input-list .monaco-list-row", { hasText: "Manufacturer013211" }).first().click();
  await workbench.page.locator(".tab.active", { hasText: "manufacturer.yaml" }).waitFor();
});

check("the performance report is a page with charts, and loads nothing from elsewhere", async () => {
  const complaints: string[] = [];
  workbench.page.on("console", (message) => {
    const isOfPage = message.location().url.includes("webview") || message.text().includes("Content Security Policy");
    if (message.type() === "error" && isOfPage) complaints.push(`${message.location().url}: ${message.text()}`);
  });
  await workbench.closeNotifications();
  await workbench.hideSideBar();
  await workbench.command("SpecQL: Show Performance Report");
  await workbench.page.locator(".tab.active", { hasText: "SpecQL Performance" }).waitFor();
  const page = workbench.page.frameLocator("iframe.webview").frameLocator("iframe");
  await page.locator("h1", { hasText: "Registry performance" }).waitFor();
  const rows = page.locator("section", { hasText: "Operations" }).first().locator("tbody tr");
  assert.ok((await rows.count()) > 2);
  await rows.filter({ hasText: "registry.allocate" }).first().waitFor();
  const chart = rows.first().locator("svg[role=img]");
  assert.match((await chart.getAttribute("aria-label")) ?? "", /median .* ms, 95th percentile .* ms, slowest/);
  assert.ok(((await chart.locator("rect.p50").boundingBox())?.width ?? 0) > 0);
  const color = await chart.locator("rect.p50").evaluate((node) => getComputedStyle(node).fill);
  assert.notEqual(color, "rgb(0, 0, 0)");
  const before = await page.locator("main").innerHTML();
  await workbench.command("SpecQL: Refresh Registry");
  await until("a refreshed report", async () => {
    await page.locator("#refresh").click();
    return (await page.locator("main").innerHTML()) !== before;
  });
  await page.locator("#copy").click();
  await until("the report on the clipboard", async () =>
    (await workbench.page.evaluate(() => navigator.clipboard.readText())).includes('"byOperation"'),
  );
  assert.deepEqual(complaints, []);
  // A picture's own style is something that the page's policy refuses, so it comes last.
  await workbench.picture("vscode-report");
});
