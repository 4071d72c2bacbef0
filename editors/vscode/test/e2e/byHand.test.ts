import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { type Database, PostgreSQL } from "../harness/database";
import { until, Workbench } from "../harness/workbench";

// What users do to files by hand, and how the registry follows; and the ways to a code that the other tests do not go.

const REGISTRY = "registry/domain_registry.yaml";

let postgresql: PostgreSQL;
let database: Database;
let workbench: Workbench;

before(async () => {
  postgresql = await PostgreSQL.start();
  database = await postgresql.database();
  const files = {
    "entities/visits/visit.yaml": "entity: CustomerVisit\nschema: crm\nfields:\n  at: datetime\n",
    "entities/visits/xyzzy.yaml": "entity: Xyzzy\nschema: nowhere\nfields:\n  at: datetime\n",
    "entities/crm/call.yaml": "entity: CustomerCall\nschema: crm\nfields:\n  at: datetime\n",
  };
  workbench = await Workbench.open({ environment: { SPECQL_DB_URL: database.url }, files });
  await workbench.openFile("ticket.yaml");
  await workbench.statusSays(/SpecQL: PostgreSQL/);
});
after(async () => {
  await workbench?.close();
  await postgresql?.close();
});

function check(name: string, body: () => Promise<void>): void {
  test(name, () => workbench.traced(name, body));
}

async function codes(entity: string): Promise<unknown[]> {
  const rows = await postgresql.sql(database, `SELECT table_code FROM specql_registry.tb_entity_registration WHERE entity_name = '${entity}'`);
  return rows.map(([code]) => code);
}

function explorerRow(name: string) {
  return workbench.page.locator(".explorer-folders-view .monaco-list-row", { hasText: name }).first();
}

async function agree(text: string | RegExp, button: string): Promise<void> {
  const dialog = workbench.page.locator(".monaco-dialog-box");
  await dialog.filter({ hasText: text }).waitFor();
  await dialog.getByRole("button", { name: button }).click();
  await dialog.waitFor({ state: "detached" });
}

// drives: choose-subdomain
check("the light bulb's last action asks for another subdomain", async () => {
  await postgresql.sql(
    database,
    "INSERT INTO specql_registry.tb_subdomain (fk_domain, subdomain_number, subdomain_name) " +
      "SELECT pk_domain, '1' || n, 'part_' || n FROM specql_registry.tb_domain, generate_series(1, 8) n WHERE domain_number = '2'",
  );
  await workbench.command("SpecQL: Refresh Registry");
  await workbench.goToEndOfLine(1);
  await workbench.openActions("Another subdomain…");
  await workbench.chooseAction("Another subdomain…");
  await workbench.page.locator(".quick-input-title", { hasText: "SpecQL: Allocate a Code for Ticket" }).waitFor();
  await workbench.quickInput.fill("part_8");
  await workbench.page.locator(".quick-input-list .monaco-list-row.focused", { hasText: "gives 012181" }).waitFor();
  await workbench.page.keyboard.press("Enter");
  await workbench.notification("Allocated 012181 to Ticket in crm / part_8.").waitFor();
  await until("the code in the file", async () => (await workbench.shownText()).includes("'012181'"));
  assert.deepEqual(await codes("Ticket"), ["012181"]);
  await workbench.save();
  await workbench.closeNotifications();
});

// drives: renamed-by-hand
check("an entity that is renamed in its file is renamed in the registry by the first fix", async () => {
  await workbench.openFile("company.yaml");
  await workbench.goToEndOfLine(1);
  await workbench.page.keyboard.press("Control+Shift+ArrowLeft");
  await workbench.page.keyboard.type("BusinessPartner", { delay: 15 });
  await workbench.openActions("Rename Company to BusinessPartner in the registry (keeps 012032)");
  await workbench.page.locator(".action-widget .monaco-list-row.focused", { hasText: "Rename Company to BusinessPartner" }).waitFor();
  await workbench.chooseAction("Rename Company to BusinessPartner in the registry (keeps 012032)");
  await until("the name in the registry", async () => (await codes("BusinessPartner")).length > 0);
  assert.deepEqual([await codes("Company"), await codes("BusinessPartner")], [[], ["012032"]]);
  await workbench.save();
});

// drives: deleted-file
check("before a file with a registered code is deleted, there is a warning that can release the code", async () => {
  await workbench.command("View: Show Explorer");
  await workbench.command("File: Reveal Active File in Explorer View");
  await explorerRow("company.yaml").click();
  await workbench.page.keyboard.press("Delete");
  await agree(/delete .*company\.yaml/i, "Delete");
  const told = workbench.notification("BusinessPartner (012032) is registered, and stays so when company.yaml is deleted.");
  await told.waitFor();
  await told.getByRole("button", { name: "Release 012032" }).click();
  await until("the release", async () => (await codes("BusinessPartner")).length === 0);
});

// drives: missing-codes
check("missing codes of a folder are allocated from the explorer, and the rest from the registry view", async () => {
  await explorerRow("visits").click({ button: "right" });
  await workbench.chooseInMenu("Allocate Missing Codes…");
  const dialog = workbench.page.locator(".monaco-dialog-box");
  await dialog.filter({ hasText: /Allocate a code\?.*CustomerVisit.*Xyzzy gets none/s }).waitFor();
  assert.ok(!((await dialog.textContent()) ?? "").includes("CustomerCall"));
  await agree("Allocate a code?", "Allocate");
  await workbench.notification("1 code allocated, 1 not.").waitFor();
  await workbench.closeNotifications();
  assert.deepEqual(await codes("CustomerCall"), []);
  // No tab shows the file: it is saved.
  const [code] = await codes("CustomerVisit");
  await until("the code in the saved file", async () => (await workbench.read("entities/visits/visit.yaml")).includes(`'${String(code)}'`));
  await workbench.page.locator(".tab", { hasText: "visit.yaml" }).waitFor({ state: "detached" });

  await workbench.openViews();
  const title = workbench.page.locator(".sidebar .pane-header", { hasText: "Registry" }).first();
  await title.hover();
  await title.locator(".action-label[aria-label*='More Actions']").click();
  await workbench.chooseInMenu("Allocate Missing Codes…");
  await agree(/Allocate a code\?.*CustomerCall/s, "Allocate");
  await workbench.notification("1 code allocated, 1 not.").waitFor();
  assert.equal((await codes("CustomerCall")).length, 1);
  await workbench.closeNotifications();
});

// drives: history
check("the history of an entity is shown from the tree", async () => {
  await workbench.row("crm").click();
  await workbench.row("part_8").click();
  await workbench.row("Ticket").click({ button: "right" });
  await workbench.chooseInMenu("Show History");
  await workbench.page.locator(".quick-input-list .monaco-list-row", { hasText: "registered Ticket with 012181" }).waitFor();
  await workbench.page.keyboard.press("Escape");
});

// drives: drift
check("several differences are selected and kept at once", async () => {
  await workbench.command("SpecQL: Show Differences");
  await workbench.row("subdomain 11 · crm").waitFor();
  const selected = workbench.page.locator(".sidebar .pane", { hasText: "Differences" }).locator(".monaco-list-row.selected");
  await until("three selected rows", async () => {
    await workbench.row("subdomain 11 · crm").click();
    await workbench.row("subdomain 13 · crm").click({ modifiers: ["Shift"] });
    return (await selected.count()) === 3;
  });
  // A click shows the line, and leaves the keyboard in the list.
  await workbench.page.locator(".tab.active", { hasText: "domain_registry.yaml" }).waitFor();
  await workbench.page.locator(".sidebar .pane", { hasText: "Differences" }).locator(".monaco-list:focus").waitFor();
  await workbench.row("subdomain 12 · crm").click({ button: "right" });
  await workbench.chooseInMenu("Keep PostgreSQL: Write the YAML");
  const dialog = workbench.page.locator(".monaco-dialog-box");
  await dialog.filter({ hasText: "Write 3 differences to the registry YAML?" }).waitFor();
  await agree("Write 3 differences to the registry YAML?", "Write to the YAML");
  await workbench.row("subdomain 11 · crm").waitFor({ state: "detached" });
  await workbench.row("subdomain 14 · crm").waitFor();
});

// drives: conflicts
check("a registry YAML with conflict markers is one finding, and the codes of both sides are given to nobody", async () => {
  await workbench.openFile("domain_registry.yaml");
  await workbench.save();
  const file = workbench.path(REGISTRY);
  const text = await readFile(file, "utf8");
  const line = /^( *)Contact:\n *table_code: .*\n/m;
  const [entry = "", indent = ""] = line.exec(text) ?? [];
  const sides = ["<<<<<<< HEAD\n", `${indent}Claim:\n${indent}  table_code: '012042'\n`, "=======\n", `${indent}Visit:\n${indent}  table_code: '012043'\n`, ">>>>>>> topic\n"];
  await writeFile(file, text.replace(entry, entry + sides.join("")));
  await workbench.command("View: Focus Problems");
  await workbench.page.getByPlaceholder(/^Filter \(e\.g\. text/).fill("conflict");
  const problems = workbench.page.locator(".markers-panel .monaco-list-row", { hasText: "Unresolved merge conflict between HEAD and topic" });
  await problems.first().waitFor({ state: "attached" }); // a low panel may show none of its rows
  assert.equal(await problems.count(), 1);
  await workbench.openFile("xyzzy.yaml");
  await workbench.typeText("entity: Xyzzy\nschema: crm\n");
  await workbench.command("SpecQL: Allocate a Code…");
  const row = (words: string) => workbench.page.locator(".quick-input-list .monaco-list-row", { hasText: words }).first();
  await row("the file's schema").click();
  await row("gives 012044").waitFor();
  await row("gives 012044").click();
  await workbench.notification("Allocated 012044 to Xyzzy in crm / support.").waitFor();
});
