import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { commandPath, type SearchSettings } from "../../src/environment/commandPath";
import { script, temporaryFolder } from "./temporary";

async function settings(folder: string): Promise<SearchSettings> {
  await mkdir(path.join(folder, "first"));
  await mkdir(path.join(folder, "second"));
  const PATH = [path.join(folder, "first"), path.join(folder, "second")].join(path.delimiter);
  return { environment: { PATH }, home: folder, platform: "linux" };
}

test("finds a command on the PATH, the first one that can be run", async (t) => {
  const folder = await temporaryFolder(t);
  const where = await settings(folder);
  await writeFile(path.join(folder, "first", "specql-lsp"), "no program", { mode: 0o644 });
  const program = await script(path.join(folder, "second"), "specql-lsp", "exit 0");
  assert.equal(await commandPath("specql-lsp", where), program);
});

test("takes an absolute path, and one in the home folder", async (t) => {
  const folder = await temporaryFolder(t);
  const where = await settings(folder);
  const program = await script(path.join(folder, "first"), "server", "exit 0");
  assert.equal(await commandPath(program, where), program);
  assert.equal(await commandPath("~/first/server", where), program);
});

test("takes no relative path, no folder, and nothing that is not there", async (t) => {
  const folder = await temporaryFolder(t);
  const where = await settings(folder);
  await script(path.join(folder, "first"), "server", "exit 0");
  for (const name of ["first/server", "./first/server", folder, "first", path.join(folder, "none"), "none"]) {
    assert.equal(await commandPath(name, where), undefined, name);
  }
});

test("knows the endings of Windows", async (t) => {
  const folder = await temporaryFolder(t);
  const where = { ...(await settings(folder)), platform: "win32" as const };
  const program = await script(path.join(folder, "first"), "specql-lsp.EXE", "exit 0");
  assert.equal(await commandPath("specql-lsp", { ...where, environment: { ...where.environment, PATHEXT: ".COM;.EXE" } }), program);
});
