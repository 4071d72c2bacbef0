import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";
import { PYTHON } from "../harness/paths";
import { Workbench } from "../harness/workbench";

let workbench: Workbench;

before(async () => {
  workbench = await Workbench.open({ settings: { "specql.server.interpreter": "/nowhere/python" } });
});
after(async () => {
  await workbench?.close();
});

/** Changes settings of the machine, as an edit of its settings.json does. */
async function set(settings: Record<string, string>): Promise<void> {
  const folder = path.join(workbench.home, "data", "Machine");
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, "settings.json"), JSON.stringify(settings));
}

test("an interpreter that is not there is said, with what helps", async () => {
  await workbench.traced("no interpreter", async () => {
    await workbench.openFile("contact.yaml");
    const problem = "/nowhere/python, which the setting specql.server.interpreter names, is no Python that can be run.";
    await (await workbench.notified(problem)).getByRole("button", { name: "Select Interpreter…" }).waitFor();
    const status = workbench.page.locator(".statusbar-item.has-background-color", { hasText: "SpecQL" });
    await status.waitFor();
    await workbench.react(problem, "Open Settings", workbench.page.locator(".settings-editor .setting-item", { hasText: "Interpreter" }).first());
  });
});

test("the interpreters of the machine are offered", async () => {
  await workbench.traced("select interpreter", async () => {
    await workbench.command("SpecQL: Select Python Interpreter");
    await workbench.choice(/Python 3\.1[1-9].*(an environment of the extension's own is made with it|is run as it is|cannot make environments)/).waitFor();
    await workbench.leave();
  });
});

test("once the setting is right, the server starts by itself", async () => {
  await workbench.traced("right interpreter", async () => {
    await set({ "specql.server.interpreter": PYTHON });
    await workbench.statusSays(/SpecQL: YAML/);
  });
});

test("an installed server is run instead where the setting names one", async () => {
  await workbench.traced("server path", async () => {
    const server = path.join(path.dirname(PYTHON), "specql-lsp");
    await set({ "specql.server.path": server });
    await workbench.logHolds((log) => { assert.ok(log.includes(`Starting ${server} (specql.server.path).`)); });
    await workbench.statusSays(/SpecQL: YAML/);
    await set({ "specql.server.path": "specql-lsp-of-nowhere" });
    await workbench.notified(/There is no program specql-lsp-of-nowhere, which the setting specql\.server\.path names\./);
  });
});
