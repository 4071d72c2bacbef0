import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { type Database, PostgreSQL } from "../harness/database";
import { ACT_MS, eventually, repeat } from "../harness/waiting";
import { Workbench } from "../harness/workbench";

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

async function registered(entity: string, check: (codes: unknown[]) => void): Promise<void> {
  await eventually(() => codes(entity), check);
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
  await workbench.chooseAction("Another subdomain…", workbench.question("SpecQL: Allocate a Code for Ticket"));
  await workbench.quickInput.fill("part_8");
  await workbench.page.locator(".quick-input-list .monaco-list-row.focused", { hasText: "gives 012181" }).waitFor();
  await workbench.answer();
  await workbench.notified("Allocated 012181 to Ticket in crm / part_8.");
  await workbench.textIsShown("'012181'");
  await registered("Ticket", (found) => { assert.deepEqual(found, ["012181"]); });
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
  await registered("BusinessPartner", (found) => { assert.deepEqual(found, ["012032"]); });
  assert.deepEqual(await codes("Company"), []);
  await workbench.save();
});

// drives: deleted-file
check("before a file with a registered code is deleted, there is a warning that can release the code", async () => {
  await workbench.command("View: Show Explorer");
  const row = workbench.explorerRow("company.yaml");
  await workbench.command("File: Reveal Active File in Explorer View", row);
  await repeat("the question before the file is deleted", async () => {
    await row.click({ timeout: ACT_MS });
    await workbench.page.keyboard.press("Delete");
  }, workbench.dialog(/delete .*company\.yaml/i));
  await workbench.agree(/delete .*company\.yaml/i, "Delete");
  await workbench.react("BusinessPartner (012032) is registered, and stays so when company.yaml is deleted.", "Release 012032");
  await registered("BusinessPartner", (found) => { assert.deepEqual(found, []); });
});

// drives: missing-codes
check("missing codes of a folder are allocated from the explorer, and the rest from the registry view", async () => {
  await workbench.menu(workbench.explorerRow("visits"), "Allocate Missing Codes…", workbench.dialog("Allocate a code?"));
  const dialog = workbench.dialog(/Allocate a code\?.*CustomerVisit.*Xyzzy gets none/s);
  assert.ok(!((await dialog.textContent()) ?? "").includes("CustomerCall"));
  await workbench.agree("Allocate a code?", "Allocate");
  await workbench.notified("1 code allocated, 1 not.");
  await workbench.closeNotifications();
  assert.deepEqual(await codes("CustomerCall"), []);
  // No tab shows the file: it is saved.
  const [code] = await codes("CustomerVisit");
  await workbench.fileHolds("entities/visits/visit.yaml", (text) => { assert.ok(text.includes(`'${String(code)}'`)); });
  // VS Code opens a tab for what stays unsaved for 0.8 s, which a slow machine may need.
  await workbench.page.locator(".tab.dirty", { hasText: "visit.yaml" }).waitFor({ state: "detached" });

  await workbench.openViews();
  const title = workbench.page.locator(".sidebar .pane-header", { hasText: "Registry" }).first();
  const more = title.locator(".action-label[aria-label*='More Actions']");
  await repeat("the question from the view's menu", async () => {
    await title.hover({ timeout: ACT_MS });
    await workbench.menu(more, "Allocate Missing Codes…", workbench.dialog(), "left");
  }, workbench.dialog());
  await workbench.agree(/Allocate a code\?.*CustomerCall/s, "Allocate");
  await workbench.notified("1 code allocated, 1 not.");
  await registered("CustomerCall", (found) => { assert.equal(found.length, 1); });
  await workbench.closeNotifications();
});

// drives: history
check("the history of an entity is shown from the tree", async () => {
  await workbench.expand("crm", "part_8");
  await workbench.expand("part_8", "Ticket");
  await workbench.menu(workbench.row("Ticket"), "Show History", workbench.choice("registered Ticket with 012181"));
  await workbench.leave();
});

// drives: drift
check("several differences are selected and kept at once", async () => {
  await workbench.command("SpecQL: Show Differences", workbench.row("subdomain 11 · crm"));
  const selected = workbench.page.locator(".sidebar .pane", { hasText: "Differences" }).locator(".monaco-list-row.selected");
  await repeat("three selected rows", async () => {
    await workbench.row("subdomain 11 · crm").click({ timeout: ACT_MS });
    await workbench.row("subdomain 13 · crm").click({ modifiers: ["Shift"], timeout: ACT_MS });
  }, async () => (await selected.count()) === 3);
  // A click shows the line, and leaves the keyboard in the list.
  await workbench.tab("domain_registry.yaml").waitFor();
  await workbench.page.locator(".sidebar .pane", { hasText: "Differences" }).locator(".monaco-list:focus").waitFor();
  const question = "Write 3 differences to the registry YAML?";
  await workbench.menu(workbench.row("subdomain 12 · crm"), "Keep PostgreSQL: Write the YAML", workbench.dialog(question));
  await workbench.agree(question, "Write to the YAML");
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
  const filter = workbench.page.getByPlaceholder(/^Filter \(e\.g\. text/);
  const problems = workbench.page.locator(".markers-panel .monaco-list-row", { hasText: "Unresolved merge conflict between HEAD and topic" });
  await workbench.command("View: Focus Problems", filter);
  // The panel may empty its filter while it opens; and a low one may show none of its rows.
  await repeat("the filtered problems", () => filter.fill("conflict", { timeout: ACT_MS }), async () => (await problems.count()) > 0);
  await eventually(() => problems.count(), (found) => { assert.equal(found, 1); });
  await workbench.openFile("xyzzy.yaml");
  await workbench.typeText("entity: Xyzzy\nschema: crm\n");
  await workbench.command("SpecQL: Allocate a Code…", workbench.choice("the file's schema"));
  await workbench.choose("the file's schema");
  await workbench.choose("gives 012044");
  await workbench.notified("Allocated 012044 to Xyzzy in crm / support.");
});
