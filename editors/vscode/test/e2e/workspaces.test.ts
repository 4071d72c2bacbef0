import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";
import { gone } from "../harness/waiting";
import { Workbench } from "../harness/workbench";

let workbench: Workbench;
let other: string;

before(async () => {
  workbench = await Workbench.open();
  other = path.join(workbench.home, "other");
  await mkdir(other);
  await writeFile(path.join(other, "values.yaml"), "services:\n  web: {}\n");
});
after(async () => {
  await workbench?.close();
});

test("a workspace without SpecQL starts no server and has no status item, until somebody wants one", async () => {
  await workbench.traced("other YAML", async () => {
    await workbench.openFile("contact.yaml");
    await workbench.statusSays(/SpecQL: YAML/);
    await workbench.openPlace("folder", other);
    assert.equal(await workbench.languageOf("values.yaml"), "YAML");
    const start = workbench.page.locator(".sidebar").getByRole("button", { name: "Start Server" });
    await workbench.command("SpecQL: Focus on Registry View", start);
    assert.equal(await workbench.page.locator(".statusbar-item", { hasText: "SpecQL" }).count(), 0);
    await workbench.click(start, gone(start));
    await workbench.statusSays(/SpecQL: no registry/);
  });
});

test("a file that becomes SpecQL's starts the server", async () => {
  await workbench.traced("becomes SpecQL", async () => {
    await workbench.openPlace("folder", other);
    await workbench.openFile("values.yaml");
    await workbench.typeText("entity: Invoice");
    await workbench.statusSays(/SpecQL: no registry/);
    await workbench.save();
  });
});

test("with several folders the status is that of the active editor's", async () => {
  await workbench.traced("several folders", async () => {
    const several = path.join(workbench.home, "several.code-workspace");
    await writeFile(several, JSON.stringify({ folders: [{ path: "workspace" }, { path: "other" }] }));
    await workbench.openPlace("workspace", several);
    await workbench.openFile("contact.yaml");
    await workbench.statusSays(/SpecQL: YAML/);
    await workbench.openFile("values.yaml");
    await workbench.statusSays(/SpecQL: no registry/);
    await workbench.openFile("contact.yaml");
    await workbench.statusSays(/SpecQL: YAML/);
  });
});
