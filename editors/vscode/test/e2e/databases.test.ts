import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";
import { type Database, PostgreSQL } from "../harness/database";
import { Workbench } from "../harness/workbench";

const FOLDERS = ["first", "second", "third"] as const;

let postgresql: PostgreSQL;
let databases: Database[];
let workbench: Workbench;

before(async () => {
  postgresql = await PostgreSQL.start();
  databases = [await postgresql.database(), await postgresql.database(), await postgresql.database()];
  workbench = await Workbench.open();
  for (const name of FOLDERS) {
    await mkdir(path.join(workbench.home, name));
    await writeFile(path.join(workbench.home, name, `of_${name}.yaml`), `entity: Of${name}\n`);
  }
  const toml = `[registry]\ndatabaseUrl = "${databases[1]?.url ?? ""}"\n`;
  await writeFile(path.join(workbench.home, "second", "specql-lsp.toml"), toml);
  const several = path.join(workbench.home, "several.code-workspace");
  await writeFile(several, JSON.stringify({ folders: FOLDERS.map((name) => ({ path: name })) }));
  await workbench.openPlace("workspace", several);
});
after(async () => {
  await workbench?.close();
  await postgresql?.close();
});

async function keep(database: number, place: string): Promise<void> {
  await workbench.command("SpecQL: Set Database URL", workbench.question("secret storage"));
  await workbench.answer(databases[database]?.url ?? "");
  await workbench.choose(place);
  await workbench.notified("The database URL is kept in the secret storage");
  await workbench.closeNotifications();
}

/** What the status says about the registry of a folder's file. */
async function statusOf(folder: (typeof FOLDERS)[number], expected: RegExp): Promise<string> {
  await workbench.openFile(`of_${folder}.yaml`);
  await workbench.statusSays(/SpecQL: PostgreSQL/);
  await workbench.command("SpecQL: Show Registry Status");
  const text = (await (await workbench.notified(expected)).textContent()) ?? "";
  await workbench.closeNotifications();
  return text;
}

function nameOf(database: number): string {
  return path.basename(databases[database]?.url ?? "");
}

test("what needs a database is refused before anything is asked for, with the way to set its URL", async () => {
  await workbench.traced("refused beforehand", async () => {
    await workbench.openFile("of_third.yaml");
    await workbench.statusSays(/SpecQL: no registry/);
    await workbench.command("SpecQL: Allocate a Code");
    const refused = "No code can be allocated: no registry can be read. No database URL is set";
    await workbench.react(refused, "Set Database URL…", workbench.question("secret storage"));
    await workbench.leave();
    await workbench.closeNotifications();
  });
});

// drives: databases
test("each folder of a window has its own database: a kept one, its file's, or the one for all folders", async () => {
  await workbench.traced("several databases", async () => {
    await workbench.openFile("of_first.yaml");
    await keep(2, "All folders of this workspace");
    await keep(0, "The folder first");
    const said = [
      await statusOf("first", new RegExp(`/${nameOf(0)} is answered from PostgreSQL`)),
      await statusOf("second", new RegExp(`/${nameOf(1)} is answered from PostgreSQL`)),
      await statusOf("third", new RegExp(`/${nameOf(2)} is answered from PostgreSQL`)),
    ];
    assert.match(said[0] ?? "", /The database URL from VS Code \(settings or secret storage\) overrides the one from the secret storage/);
    assert.match(said[1] ?? "", /The database URL from specql-lsp\.toml overrides the one from the secret storage/);
    assert.doesNotMatch(said[2] ?? "", /overrides/);
  });
});

test("a folder's own URL that is kept beats its file, and the status says so", async () => {
  await workbench.traced("kept beside the file", async () => {
    await workbench.openFile("of_second.yaml");
    await keep(0, "The folder second");
    const said = await statusOf("second", new RegExp(`/${nameOf(0)} is answered from PostgreSQL`));
    assert.match(said, /overrides those from specql-lsp\.toml and the secret storage/);
    assert.doesNotMatch(await workbench.log(), /postgresql:\/\/\S+@/);
  });
});
