import assert from "node:assert/strict";
import { mkdir, readdir, readFile, readlink, writeFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { type Database, PostgreSQL } from "../harness/database";
import { until } from "../harness/waiting";
import { Workbench } from "../harness/workbench";

let postgresql: PostgreSQL;
let database: Database;
let workbench: Workbench;

before(async () => {
  postgresql = await PostgreSQL.start();
  database = await postgresql.database();
  workbench = await Workbench.open({ settings: { "specql.trace.server": "verbose" } });
  await workbench.openFile("contact.yaml");
});
after(async () => {
  await workbench?.close();
  await postgresql?.close();
});

/** A file about a process; empty where it has ended. */
async function ofProcess(pid: number | string, name: string): Promise<string> {
  return await readFile(`/proc/${pid}/${name}`, "utf8").catch(() => "");
}

/** The process of the workbench's own language server. */
async function serverProcess(): Promise<number | undefined> {
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const [line, environment] = await Promise.all([ofProcess(pid, "cmdline"), ofProcess(pid, "environ")]);
    if (line.includes("specql_lsp\0serve") && environment.includes(workbench.home)) return Number(pid);
  }
  return undefined;
}

async function started(other?: number): Promise<number> {
  return await until("a running server", async () => {
    const pid = await serverProcess();
    return pid !== other && pid;
  });
}

async function workspaceSettings(settings: Record<string, unknown>): Promise<void> {
  await mkdir(workbench.path(".vscode"), { recursive: true });
  await writeFile(workbench.path(".vscode/settings.json"), JSON.stringify(settings));
}

test("nothing of the workspace decides what the server imports: it runs elsewhere, isolated", async () => {
  await workbench.traced("isolated", async () => {
    await workbench.statusSays(/SpecQL: YAML/);
    const pid = await started();
    assert.notEqual(await readlink(`/proc/${pid}/cwd`), workbench.folder);
    assert.match(await ofProcess(pid, "cmdline"), /\0-I\0-X\0utf8\0-m\0specql_lsp\0serve\0--log-level\0info\0$/);
  });
});

test("a server that ends by itself is started anew", async () => {
  await workbench.traced("crash", async () => {
    const pid = await started();
    process.kill(pid, "SIGKILL");
    await started(pid);
    await workbench.statusSays(/SpecQL: YAML/);
    await workbench.logHolds((log) => { assert.match(log, /The server has ended unexpectedly \(signal SIGKILL\)\./); });
  });
});

test("a server that hangs is ended by a restart", async () => {
  await workbench.traced("hang", async () => {
    const pid = await started();
    process.kill(pid, "SIGSTOP");
    await workbench.command("SpecQL: Restart Server");
    await started(pid);
    await workbench.statusSays(/SpecQL: YAML/);
    await until("the end of the old one", async () => !(await readdir("/proc")).includes(String(pid)));
  });
});

test("a database URL is tested, kept in the secret storage, used, and shown to nobody", async () => {
  await workbench.traced("secret", async () => {
    await workbench.command("SpecQL: Set Database URL", workbench.question("secret storage"));
    assert.equal(await workbench.quickInput.getAttribute("type"), "password");
    await workbench.answer(database.guardedUrl.replace(database.password, "wrong-password"));
    const refused = /This database does not serve the registry\./;
    assert.doesNotMatch((await (await workbench.notified(refused)).textContent()) ?? "", /wrong-password/);
    await workbench.react(refused, "Enter Another", workbench.question("secret storage"));

    await workbench.answer(database.guardedUrl);
    await workbench.choose("The folder workspace");
    await workbench.notified(/The database URL is kept in the secret storage \(the folder workspace\)\. .* answers: \d+ domains/);
    await workbench.statusSays(/SpecQL: PostgreSQL/);

    const pid = await started();
    assert.ok((await ofProcess(pid, "environ")).includes(`SPECQL_DB_URL_1=${database.guardedUrl}`));
    assert.ok(!(await ofProcess(pid, "environ")).includes("SPECQL_DB_URL="));
    assert.ok(!(await ofProcess(pid, "cmdline")).includes(database.password));
    await workbench.logHolds((log) => { assert.ok(log.includes("workspace/configuration"), "the trace is on"); });
    const log = await workbench.log();
    assert.ok(!log.includes(database.password));
    assert.ok(!log.includes("wrong-password"));
  });
});

test("the setting goes before the secret storage, and its password is not in the trace", async () => {
  await workbench.traced("setting", async () => {
    const url = database.guardedUrl.replace(database.password, "another-password");
    await workspaceSettings({ "specql.registry.databaseUrl": url });
    await workbench.statusSays(/SpecQL: YAML/);
    await workbench.logHolds((log) => { assert.match(log, /"databaseUrl": "\*\*\*"/); });
    assert.ok(!(await workbench.log()).includes("another-password"));
    await workspaceSettings({});
    await workbench.statusSays(/SpecQL: PostgreSQL/);
  });
});

test("a database URL that is forgotten is used no longer", async () => {
  await workbench.traced("forget", async () => {
    await workbench.command("SpecQL: Forget Database URL");
    await workbench.notified("The database URL is forgotten (the folder workspace).");
    await workbench.statusSays(/SpecQL: YAML/);
    const pid = await started();
    assert.ok(!(await ofProcess(pid, "environ")).includes("SPECQL_DB_URL"));
  });
});
