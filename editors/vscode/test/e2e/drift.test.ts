import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Database, PostgreSQL } from "../harness/database";
import { type Effect, eventually, gone, repeat, until } from "../harness/waiting";
import { Workbench } from "../harness/workbench";

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

/** The view's sentence where nothing differs. */
function agreement() {
  return workbench.page.locator(".sidebar", { hasText: AGREE });
}

/** Chooses what to keep of a difference, by the button in its row. */
async function keep(side: "PostgreSQL" | "YAML", difference: string, effect: Effect): Promise<void> {
  await workbench.rowAction(workbench.row(difference), `Keep ${side}`, effect);
}

async function stored(query: string, rows: readonly (readonly unknown[])[]): Promise<void> {
  await eventually(() => sql(query), (found) => { assert.deepEqual(found, rows); });
}

check("without differences the view says so", async () => {
  await workbench.openFile("contact.yaml");
  await workbench.statusSays(/SpecQL: PostgreSQL/);
  await workbench.command("SpecQL: Show Differences", agreement());
});

// drives: drift
check("what somebody else changes appears as differences, is told once, and leads to its line", async () => {
  await allocatedElsewhere("Partner", "01203A", 10);
  await sql("UPDATE specql_registry.tb_domain SET description = 'What we make and sell' WHERE domain_number = '3'");
  await workbench.row(/Partner.*only in PostgreSQL/).waitFor();
  await workbench.row(/catalog.*description "What we make and sell" in PostgreSQL, "What we sell" in the YAML/).waitFor();
  await workbench.statusSays(/SpecQL: PostgreSQL\s+2/);
  await workbench.react("differ", "Show differences", workbench.tab("domain_registry.yaml"));
  await workbench.page.locator(".squiggly-warning").first().waitFor();
  await workbench.click(workbench.row("description \""), workbench.editor.locator(".view-line", { hasText: "description: What we sell" }));
});

check("the status item says how many there are, and leads to them", async () => {
  await workbench.statusHas("aria-label", (label) => { assert.match(label, /PostgreSQL, 2 differences/); });
  await repeat("the keyboard in the differences", async () => {
    await workbench.click(workbench.status, workbench.question("SpecQL registry: PostgreSQL, 2 differences"));
    await workbench.choose("Show the differences (2)");
  }, workbench.page.locator(".sidebar .pane.expanded", { hasText: "Partner" }).locator(".monaco-list:focus"));
});

// drives: side-by-side
check("the registry YAML is shown beside what PostgreSQL holds", async () => {
  await workbench.command("SpecQL: Compare the Registry YAML with PostgreSQL", workbench.tab("domain_registry.yaml ↔ PostgreSQL"));
  const diff = workbench.page.locator(".monaco-diff-editor");
  // What PostgreSQL adds shows as added.
  await diff.locator(".editor.modified .view-line", { hasText: "Partner" }).waitFor();
  await diff.locator(".editor.modified .view-line", { hasText: "01203A" }).waitFor();
  await diff.locator(".editor.modified .line-insert").first().waitFor();
  const right = diff.locator(".editor.modified .view-line", { hasText: "What we make and sell" });
  if (!(await right.isVisible())) await workbench.command("Go to Next Difference", right);
  await diff.locator(".editor.original .line-delete").first().waitFor();
  await diff.locator(".editor.original .view-line", { hasText: "What we sell" }).waitFor();
  await until("no Partner on the left", async () => (await diff.locator(".editor.original .view-line", { hasText: "Partner" }).count()) === 0);
  await workbench.picture("vscode-drift");
  await workbench.frame(DRIFT, 2500);
});

// drives: drift
check("Keep PostgreSQL puts its side into the YAML", async () => {
  await workbench.row("Partner").hover();
  await workbench.frame(DRIFT, 1200);
  await keep("PostgreSQL", "Partner", gone(workbench.row("Partner")));
  await workbench.statusSays(/SpecQL: PostgreSQL\s+1/);
  await workbench.page.locator(".monaco-diff-editor .editor.original .view-line", { hasText: "01203A" }).waitFor();
  await workbench.frame(DRIFT, 1800);
  // The file was open: the change is in its buffer, and the user saves it.
  assert.doesNotMatch(await workbench.read(REGISTRY), /Partner/);
  await workbench.openFile("domain_registry.yaml");
  await workbench.isUnsaved("domain_registry.yaml");
  await workbench.save();
  await workbench.fileHolds(REGISTRY, (text) => {
    assert.match(text, /^ {10}Partner:\n {12}table_code: '01203A'$/m);
    assert.match(text, /next_entity_sequence: 426 {2}# runs ahead; the codes do not/);
  });
  await stored("SELECT table_code FROM specql_registry.tb_entity_registration WHERE entity_name = 'Partner'", [["01203A"]]);
});

check("Keep YAML writes its side into PostgreSQL", async () => {
  const before = await workbench.read(REGISTRY);
  const question = /Change description of domain 3 in the shared registry/;
  await keep("YAML", "description \"", workbench.dialog(question));
  await workbench.agree(question, "Change PostgreSQL");
  await agreement().waitFor();
  await workbench.row("description \"").waitFor({ state: "detached" });
  await workbench.frame(DRIFT, 2500);
  await stored("SELECT description FROM specql_registry.tb_domain WHERE domain_number = '3'", [["What we sell"]]);
  assert.equal(await workbench.read(REGISTRY), before);
  await workbench.command("SpecQL: Check Consistency");
  await workbench.notified("PostgreSQL and the registry YAML agree; 9 entities were compared.");
});

// drives: drift
check("all of a domain is kept at once, listed before it is done", async () => {
  await allocatedElsewhere("Thing2", "01203C", 12);
  await allocatedElsewhere("Thing10", "01203D", 13);
  await sql("UPDATE specql_registry.tb_domain SET description = 'Customers' WHERE domain_number = '2'");
  await workbench.row("Thing10").waitFor();
  const row = workbench.page.locator(".sidebar .monaco-list-row", { hasText: "domain 2 · 3 differences" });
  const dialog = workbench.dialog("Write 3 differences to the registry YAML?");
  await workbench.rowAction(row, "Keep All of PostgreSQL", dialog);
  await dialog.filter({ hasText: "Thing2  01203C · crm / customer · added" }).waitFor();
  await workbench.agree("Write 3 differences to the registry YAML?", "Write to the YAML");
  await agreement().waitFor();
  await workbench.openFile("domain_registry.yaml");
  await workbench.save();
  await workbench.fileHolds(REGISTRY, (text) => { assert.match(text, /Thing2:[^]*Thing10:/); });
});

check("what Keep YAML would take out of PostgreSQL is asked about first", async () => {
  await allocatedElsewhere("Reseller", "01203B", 11);
  await workbench.row("Reseller").waitFor();
  const registered = "SELECT count(*) FROM specql_registry.tb_entity_registration WHERE entity_name = 'Reseller'";
  const question = "no undo brings back what it held";
  await keep("YAML", "Reseller", workbench.dialog(question));
  await workbench.agree(question, "Cancel");
  assert.deepEqual(await sql(registered), [[1]]);
  await keep("YAML", "Reseller", workbench.dialog(question));
  await workbench.agree(question, "Remove from PostgreSQL");
  await workbench.row("Reseller").waitFor({ state: "detached" });
  await stored(registered, [[0]]);
});

// drives: lost, status
check("the status item follows PostgreSQL's loss and return, and so do writes", async () => {
  await postgresql.kill();
  await workbench.statusSays(/SpecQL: YAML/);
  await workbench.statusHas("aria-label", (label) => { assert.match(label, /YAML, read-only/); });
  await workbench.statusHas("class", (names) => { assert.ok(names.includes("warning-kind")); });
  const lost = "is answered from YAML, read-only, until PostgreSQL is back.";
  await workbench.notified(lost);
  await agreement().waitFor({ state: "detached" });
  // The language goes on: the YAML answers.
  await workbench.openFile("contact.yaml");
  await workbench.hoverOver(workbench.word("table_code", /\d/), /Contact.*YAML/s);

  await postgresql.restart();
  await workbench.react(lost, "Retry now");
  await workbench.statusSays(/SpecQL: PostgreSQL/);
  await workbench.notified("PostgreSQL answers again");
  await agreement().waitFor();
  await workbench.statusHas("class", (names) => { assert.ok(!names.includes("warning-kind")); });
});
