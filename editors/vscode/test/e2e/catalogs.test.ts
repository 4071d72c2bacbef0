import { rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";
import { type Database, PostgreSQL } from "../harness/database";
import { ACT_MS, gone, repeat } from "../harness/waiting";
import { Workbench } from "../harness/workbench";

const SERVICES = "services:\n  - {name: stripe, type: payment, category: financial, operations: [{name: charge}]}\n";
const PATTERN = "pattern: crm/close\ndescription: Closes it\nparameters:\n  - {name: reason, type: string}\ntemplate: 'steps: []'\n";

let postgresql: PostgreSQL;
let database: Database;
let workbench: Workbench;

before(async () => {
  postgresql = await PostgreSQL.start();
  database = await postgresql.database();
  await postgresql.sql(database, "CREATE SCHEMA pattern_library");
  await postgresql.sql(
    database,
    "CREATE TABLE pattern_library.domain_patterns (id serial PRIMARY KEY, name text, category text, description text, parameters jsonb, " +
      "deprecated boolean, deprecated_reason text, replacement_pattern_id integer, times_instantiated integer)",
  );
  await postgresql.sql(
    database,
    "INSERT INTO pattern_library.domain_patterns (id, name, category, deprecated, replacement_pattern_id) " +
      "VALUES (1, 'approval_workflow', 'workflow', false, NULL), (2, 'old_approval', 'workflow', true, 1)",
  );
  workbench = await Workbench.open({
    environment: { SPECQL_DB_URL: database.url },
    files: { "registry/service_registry.yaml": SERVICES, "stdlib/actions/crm/close.yaml": PATTERN },
  });
});
after(async () => {
  await workbench?.close();
  await postgresql?.close();
});

function check(name: string, body: () => Promise<void>): void {
  test(name, () => workbench.traced(name, body));
}

// drives: catalogs
check("patterns and services are sections of a view, and follow files", async () => {
  await workbench.openFile("contact.yaml");
  await workbench.statusSays(/SpecQL: PostgreSQL/);
  await workbench.command("SpecQL: Focus on Patterns and Services View", workbench.row("Patterns"));
  await workbench.row("Services").waitFor();
  await workbench.row("stripe").waitFor();
  const outdated = workbench.row(/old_approval.*deprecated, use approval_workflow/);
  await workbench.expand("PostgreSQL (pattern_library)", "old_approval");
  await outdated.waitFor();
  await workbench.click(workbench.row("PostgreSQL (pattern_library)"), gone(outdated));

  const folder = path.join(workbench.folder, "stdlib", "actions", "crm");
  await workbench.expand("Workspace", "crm/close");
  await writeFile(path.join(folder, "open.yaml"), PATTERN.replace("close", "open"));
  await workbench.row("crm/open").waitFor();
  await rename(path.join(folder, "close.yaml"), path.join(folder, "end.yaml"));
  await workbench.row("crm/end").waitFor();
  await workbench.openByRow("crm/end", "end.yaml");
  await workbench.page.locator(".squiggly-warning").first().waitFor();
});

// drives: catalogs
check("a pattern is found by its words", async () => {
  await repeat("the file of the pattern", async () => {
    await workbench.command("SpecQL: Find a Pattern or a Service…", workbench.question("SpecQL: Find a Pattern or a Service"));
    await workbench.quickInput.fill("Closes it", { timeout: ACT_MS });
    await workbench.choose("crm/end");
  }, workbench.tab("end.yaml"));
});
