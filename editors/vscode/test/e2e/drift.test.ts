import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Database, PostgreSQL } from "../harness/database";
import { Workbench, until } from "../harness/workbench";

/** The last part of the README's recording. */
const DRIFT = "3-drift";
const REGISTRY = "registry/domain_registry.yaml";
const AGREE = "PostgreSQL and the registry YAML agree.";

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

async function allocatedElsewhere(entity: string, code: string, sequence: number): Promise<void> {
  await sql(
    "INSERT INTO specql_registry.tb_entity_registration (fk_subdomain, entity_name, table_code, entity_sequence) " +
      `SELECT pk_subdomain, '${entity}', '${code}', ${sequence} FROM specql_registry.tb_subdomain WHERE subdomain_name = 'customer'`,
  );
}

async function agreed(): Promise<void> {
  await workbench.page.locator(".sidebar", { hasText: AGREE }).waitFor();
}

/** Chooses what to keep of a difference, by the button in its row. */
async function keep(side: "PostgreSQL" | "YAML", difference: string): Promise<void> {
  await workbench.row(difference).hover();
  await workbench.row(difference).locator(`.action-label[aria-label^='Keep ${side}']`).click();
}

check("without differences the view says so", async () => {
  await workbench.openFile("contact.yaml");
  await workbench.statusSays(/SpecQL: PostgreSQL/);
  await workbench.command("SpecQL: Show Differences");
  await agreed();
});

// drives: drift
check("what somebody else changes appears as differences, is told once, and leads to its line", async () => {
  await allocatedElsewhere("Partner", "01203A", 10);
  await sql("UPDATE specql_registry.tb_domain SET description = 'What we make and sell' WHERE domain_number = '3'");
  await workbench.row("Partner").waitFor();
  assert.match((await workbench.row("Partner").textContent()) ?? "", /only in PostgreSQL/);
  assert.match((await workbench.row("description \"").textContent()) ?? "", /catalog.*description "What we make and sell" in PostgreSQL, "What we sell" in the YAML/);
  await workbench.statusSays(/SpecQL: PostgreSQL\s+2/);
  const told = workbench.notification("differ");
  await told.getByRole("button", { name: "Show differences" }).click();
  await workbench.page.locator(".tab.active", { hasText: "domain_registry.yaml" }).waitFor();
  await workbench.page.locator(".squiggly-warning").first().waitFor();
  await workbench.row("description \"").click();
  await workbench.lineIsShown("description: What we sell");
});

check("the status item says how many there are, and leads to them", async () => {
  assert.match((await workbench.status.getAttribute("aria-label")) ?? "", /PostgreSQL, 2 differences/);
  await workbench.status.click();
  await workbench.page.locator(".quick-input-title", { hasText: "SpecQL registry: PostgreSQL, 2 differences" }).waitFor();
  await workbench.page.locator(".quick-input-list .monaco-list-row", { hasText: "Show the differences (2)" }).click();
  await workbench.page.locator(".sidebar .pane.expanded", { hasText: "Partner" }).locator(".monaco-list:focus").waitFor();
});

// drives: side-by-side
check("the registry YAML is shown beside what PostgreSQL holds", async () => {
  await workbench.command("SpecQL: Compare the Registry YAML with PostgreSQL");
  await workbench.page.locator(".tab.active", { hasText: "domain_registry.yaml ↔ PostgreSQL" }).waitFor();
  const diff = workbench.page.locator(".monaco-diff-editor");
  // What PostgreSQL adds shows as added.
  await diff.locator(".editor.modified .view-line", { hasText: "Partner" }).waitFor();
  await diff.locator(".editor.modified .view-line", { hasText: "01203A" }).waitFor();
  await diff.locator(".editor.modified .line-insert").first().waitFor();
  await until("the changed description", async () => {
    const right = diff.locator(".editor.modified .view-line", { hasText: "What we make and sell" });
    if (await right.isVisible()) return true;
    await workbench.command("Go to Next Difference");
    return await right.isVisible();
  });
  await diff.locator(".editor.original .line-delete").first().waitFor();
  await diff.locator(".editor.original .view-line", { hasText: "What we sell" }).waitFor();
  assert.equal(await diff.locator(".editor.original .view-line", { hasText: "Partner" }).count(), 0);
  await workbench.picture("vscode-drift");
  await workbench.frame(DRIFT, 2500);
});

// drives: drift
check("Keep PostgreSQL puts its side into the YAML", async () => {
  await workbench.row("Partner").hover();
  await workbench.frame(DRIFT, 1200);
  await keep("PostgreSQL", "Partner");
  await workbench.row("Partner").waitFor({ state: "detached" });
  await workbench.statusSays(/SpecQL: PostgreSQL\s+1/);
  await workbench.page.locator(".monaco-diff-editor .editor.original .view-line", { hasText: "01203A" }).waitFor();
  await workbench.frame(DRIFT, 1800);
  // The file was open: the change is in its buffer, and the user saves it.
  assert.doesNotMatch(await workbench.read(REGISTRY), /Partner/);
  await workbench.openFile("domain_registry.yaml");
  await workbench.page.locator(".tab.active.dirty").waitFor();
  await workbench.save();
  assert.match(await workbench.read(REGISTRY), /^ {10}Partner:\n {12}table_code: '01203A'$/m);
  assert.match(await workbench.read(REGISTRY), /next_entity_sequence: 426 {2}# runs ahead; the codes do not/);
  assert.deepEqual(await sql("SELECT table_code FROM specql_registry.tb_entity_registration WHERE entity_name = 'Partner'"), [["01203A"]]);
});

check("Keep YAML writes its side into PostgreSQL", async () => {
  const before = await workbench.read(REGISTRY);
  await keep("YAML", "description \"");
  const dialog = workbench.page.locator(".monaco-dialog-box");
  await dialog.filter({ hasText: /Change description of domain 3 in the shared registry/ }).waitFor();
  await dialog.getByRole("button", { name: "Change" }).click();
  await agreed();
  await workbench.row("description \"").waitFor({ state: "detached" });
  await workbench.frame(DRIFT, 2500);
  assert.deepEqual(await sql("SELECT description FROM specql_registry.tb_domain WHERE domain_number = '3'"), [["What we sell"]]);
  assert.equal(await workbench.read(REGISTRY), before);
  await workbench.command("SpecQL: Check Consistency");
  await workbench.notification("PostgreSQL and the registry YAML agree; 9 entities were compared.").waitFor();
});

// drives: drift
check("all of a domain is kept at once, listed before it is done", async () => {
  await allocatedElsewhere("Thing2", "01203C", 12);
  await allocatedElsewhere("Thing10", "01203D", 13);
  await sql("UPDATE specql_registry.tb_domain SET description = 'Customers' WHERE domain_number = '2'");
  await workbench.row("Thing10").waitFor();
  const row = workbench.page.locator(".sidebar .monaco-list-row", { hasText: "domain 2 · 3 differences" });
  await row.hover();
  await row.locator(".action-label[aria-label^='Keep All of PostgreSQL']").click();
  const dialog = workbench.page.locator(".monaco-dialog-box");
  await dialog.filter({ hasText: "Write 3 differences to the registry YAML?" }).waitFor();
  await dialog.filter({ hasText: "Keep PostgreSQL: add Thing2 (01203C) to the YAML" }).waitFor();
  await dialog.getByRole("button", { name: "Write to the YAML" }).click();
  await agreed();
  await workbench.save();
  await until("both in the file", async () => /Thing2:[^]*Thing10:/.test(await workbench.read(REGISTRY)));
});

check("what Keep YAML would take out of PostgreSQL is asked about first", async () => {
  await allocatedElsewhere("Reseller", "01203B", 11);
  await workbench.row("Reseller").waitFor();
  const stored = () => sql("SELECT count(*) FROM specql_registry.tb_entity_registration WHERE entity_name = 'Reseller'");
  const dialog = workbench.page.locator(".monaco-dialog-box");
  await keep("YAML", "Reseller");
  await dialog.filter({ hasText: "no undo brings back what it held" }).waitFor();
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await dialog.waitFor({ state: "detached" });
  assert.deepEqual(await stored(), [[1]]);
  await keep("YAML", "Reseller");
  await dialog.getByRole("button", { name: "Remove" }).click();
  await workbench.row("Reseller").waitFor({ state: "detached" });
  assert.deepEqual(await stored(), [[0]]);
});

// drives: lost, status
check("the status item follows PostgreSQL's loss and return, and so do writes", async () => {
  await postgresql.kill();
  await workbench.statusSays(/SpecQL: YAML/);
  assert.match((await workbench.status.getAttribute("aria-label")) ?? "", /YAML, read-only/);
  assert.ok((await workbench.status.getAttribute("class"))?.includes("warning-kind"));
  const told = workbench.notification("is answered from YAML, read-only, until PostgreSQL is back.");
  await told.waitFor();
  await workbench.page.locator(".sidebar", { hasText: AGREE }).waitFor({ state: "detached" });
  // The language goes on: the YAML answers.
  await workbench.openFile("contact.yaml");
  await workbench.editor.locator(".view-line", { hasText: "table_code" }).locator("span", { hasText: /\d/ }).last().hover();
  await workbench.page.locator(".monaco-hover:visible", { hasText: "Contact" }).filter({ hasText: /YAML/ }).waitFor();

  await postgresql.restart();
  await told.getByRole("button", { name: "Retry now" }).click();
  await workbench.statusSays(/SpecQL: PostgreSQL/);
  await workbench.notification("PostgreSQL answers again").waitFor();
  await agreed();
  assert.ok(!(await workbench.status.getAttribute("class"))?.includes("warning-kind"));
});
