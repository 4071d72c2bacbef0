import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { type Database, PostgreSQL } from "../harness/database";
import { PROJECT, PYTHON } from "../harness/paths";
import { eventually } from "../harness/waiting";
import { Workbench } from "../harness/workbench";

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

async function registered(entity: string, code: string): Promise<void> {
  const query = `SELECT table_code FROM specql_registry.tb_entity_registration WHERE entity_name = '${entity}'`;
  await eventually(() => postgresql.sql(database, query), (rows) => { assert.deepEqual(rows, [[code]]); });
}

// drives: leases
check("while PostgreSQL is away the status says what is leased, and a leased code is allocated", async () => {
  await workbench.openFile("ticket.yaml");
  await workbench.statusSays(/SpecQL: PostgreSQL/);
  assert.match(specql("domain", "lease", "crm", "support", "--count", "2"), /012042 and 012043/);
  await postgresql.kill();
  await workbench.statusSays(/SpecQL: YAML/);
  await workbench.notified("Until PostgreSQL is back, 2 leased codes of this folder can be allocated.");
  await workbench.statusHas("aria-label", (label) => { assert.match(label, /YAML, read-only, 2 leased codes/); });
  await workbench.closeNotifications();
  await workbench.command("SpecQL: Register a Domain…");
  await workbench.notified("No domain can be registered: the registry is read-only.");
  await workbench.closeNotifications();

  await workbench.command("SpecQL: Allocate a Code…", workbench.choice("2 · 2 leased · the file's schema"));
  await workbench.choose("catalog", workbench.page.locator(".quick-input-widget input[placeholder*='No code of catalog is leased']"));
  await workbench.choose("2 · 2 leased · the file's schema");
  await workbench.choose("04 · 2 leased · gives 012042");
  await workbench.notified("Allocated 012042 to Ticket in crm / support. It is a leased code, and is registered when PostgreSQL is back.");
  await workbench.textIsShown("'012042'");
  await workbench.save();
});

// drives: leases
check("the tree shows leased codes, and missing codes are taken from them", async () => {
  await workbench.openViews();
  await workbench.expand("crm", "support");
  await workbench.row(/support.*1 leased/).waitFor();
  await workbench.openFile("visit.yaml");
  await workbench.rowAction(workbench.row("support"), "Allocate a Code", workbench.question("SpecQL: Allocate a Code for Visit"));
  await workbench.asksWith("Visit");
  await workbench.answer();
  await workbench.notified("Allocated 012043 to Visit in crm / support. It is a leased code");
  await workbench.textIsShown("'012043'");
  await workbench.save();
  await workbench.statusHas("aria-label", (label) => { assert.match(label, /YAML, read-only\./); });
  await workbench.closeNotifications();
  await workbench.command("SpecQL: Allocate a Code…");
  await workbench.notified("No code can be allocated: the registry is read-only.");
  await workbench.closeNotifications();
});

// drives: leases
check("when PostgreSQL is back the leased codes are registered", async () => {
  await postgresql.restart();
  await workbench.command("SpecQL: Refresh Registry");
  await workbench.statusSays(/SpecQL: PostgreSQL/);
  await workbench.notified(/Registered, with leased codes: .*\(012042\)/);
  await registered("Ticket", "012042");
  await registered("Visit", "012043");
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
  await workbench.notified(/is answered from snapshot, read-only.*The snapshot is registry\.json of \d{4}-/s);
});
