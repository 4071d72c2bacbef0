import { after, before, test } from "node:test";
import { type Database, PostgreSQL } from "../harness/database";
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

// drives: history
check("the history of the active file's entity", async () => {
  await workbench.openFile("contact.yaml");
  await workbench.statusSays(/SpecQL: PostgreSQL/);
  await postgresql.sql(database, "UPDATE specql_registry.tb_entity_registration SET table_code = '01203A' WHERE entity_name = 'Contact'");
  await workbench.command("SpecQL: Show History", workbench.question("SpecQL: History of Contact"));
  await workbench.choice("changed Contact (01203A): table code '012031' → '01203A'").waitFor();
});
