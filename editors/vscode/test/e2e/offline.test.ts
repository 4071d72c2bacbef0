import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { type Database, PostgreSQL } from "../harness/database";
import { PROJECT, PYTHON } from "../harness/paths";
import { until, Workbench } from "../harness/workbench";

let postgresql: PostgreSQL;
let database: Database;
let workbench: Workbench;
let state: string;

before(async () => {
  postgresql = await PostgreSQL.start();
  database = await postgresql.database();
  state = await mkdtemp(path.join(tmpdir(), "specql-state-"));
  workbench = await Workbench.open({ environment: { SPECQL_DB_URL: database.url, XDG_STATE_HOME: state } });
  const visit = workbench.path("entities/crm/visit.yaml");
  await writeFile(visit, "entity: Visit\nschema: crm\nfields:\n  at: datetime\n");
});
after(async () => {
  await workbench?.close();
  await postgresql?.close();
  if (state) await rm(state, { recursive: true, force: true });
});

function check(name: string, body: () => Promise<void>): void {
  test(name, () => workbench.traced(name, body));
}

/** Runs `specql-lsp` on the workspace, as in a terminal. */
function specql(...command: string[]): string {
  const environment = { ...process.env, SPECQL_DB_URL: database.url, XDG_STATE_HOME: state };
  const done = spawnSync(PYTHON, ["-m", "specql_lsp", ...command, "--workspace", workbench.folder], { cwd: PROJECT, env: environment, encoding: "utf8" });
  assert.equal(done.status, 0, done.stderr);
  return done.stdout;
}

function choice(text: string) {
  return workbench.page.locator(".quick-input-list .monaco-list-row", { hasText: text }).first();
}

async function codes(entity: string): Promise<readonly (readonly unknown[])[]> {
  return await postgresql.sql(database, `SELECT table_code FROM specql_registry.tb_entity_registration WHERE entity_name = '${entity}'`);
}

// drives: leases
check("while PostgreSQL is away the status says what is leased, and a leased code is allocated", async () => {
  await workbench.openFile("ticket.yaml");
  await workbench.statusSays(/SpecQL: PostgreSQL/);
  assert.match(specql("domain", "lease", "crm", "support", "--count", "2"), /012042 and 012043/);
  await postgresql.kill();
  await workbench.statusSays(/SpecQL: YAML/);
  await workbench.notification("Until PostgreSQL is back, 2 leased codes of this folder can be allocated.").waitFor();
  assert.match((await workbench.status.getAttribute("aria-label")) ?? "", /YAML, read-only, 2 leased codes/);
  await workbench.closeNotifications();
  await workbench.command("SpecQL: Register a Domain…");
  await workbench.notification("No domain can be registered: the registry is read-only.").waitFor();
  await workbench.closeNotifications();

  await workbench.command("SpecQL: Allocate a Code…");
  await choice("2 · 2 leased · the file's schema").waitFor();
  await choice("catalog").click();
  await workbench.page.locator(".quick-input-widget input[placeholder*='No code of catalog is leased']").waitFor();
  await choice("2 · 2 leased · the file's schema").click();
  await choice("04 · 2 leased · gives 012042").waitFor();
  await choice("04 · 2 leased · gives 012042").click();
  await workbench.notification("Allocated 012042 to Ticket in crm / support. It is a leased code, and is registered when PostgreSQL is back.").waitFor();
  await until("the code in the file", async () => (await workbench.shownText()).includes("'012042'"));
  await workbench.save();
});

// drives: leases
check("the tree shows leased codes, and missing codes are taken from them", async () => {
  await workbench.openViews();
  await workbench.row("crm").click();
  await workbench.row("support").filter({ hasText: "1 leased" }).waitFor();
  await workbench.openFile("visit.yaml");
  await workbench.row("support").hover();
  await workbench.row("support").locator("[aria-label^='Allocate a Code']").click();
  await workbench.quickInput.waitFor();
  assert.equal(await workbench.quickInput.inputValue(), "Visit");
  await workbench.page.keyboard.press("Enter");
  await workbench.notification("Allocated 012043 to Visit in crm / support. It is a leased code").waitFor();
  await until("the code in the file", async () => (await workbench.shownText()).includes("'012043'"));
  await workbench.save();
  await until("no leased code in the status", async () => /YAML, read-only\./.test((await workbench.status.getAttribute("aria-label")) ?? ""));
  await workbench.closeNotifications();
  await workbench.command("SpecQL: Allocate a Code…");
  await workbench.notification("No code can be allocated: the registry is read-only.").waitFor();
  await workbench.closeNotifications();
});

// drives: leases
check("when PostgreSQL is back the leased codes are registered", async () => {
  await postgresql.restart();
  await workbench.command("SpecQL: Refresh Registry");
  await workbench.statusSays(/SpecQL: PostgreSQL/);
  await workbench.notification(/Registered, with leased codes: .*\(012042\)/).waitFor();
  assert.deepEqual([await codes("Ticket"), await codes("Visit")], [[["012042"]], [["012043"]]]);
});

// drives: snapshot
check("a snapshot answers where neither PostgreSQL nor the YAML does, and is named", async () => {
  specql("registry", "snapshot", workbench.path("registry.json"));
  await writeFile(workbench.path("specql-lsp.toml"), '[registry]\nsnapshotPath = "registry.json"\n');
  await rm(workbench.path("registry/domain_registry.yaml"));
  await postgresql.kill();
  await workbench.statusSays(/SpecQL: snapshot/);
  await workbench.closeNotifications();
  await workbench.command("SpecQL: Show Registry Status");
  await workbench.notification(/is answered from snapshot, read-only.*The snapshot is registry\.json of \d{4}-/s).waitFor();
});
