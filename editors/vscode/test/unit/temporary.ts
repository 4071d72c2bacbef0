import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { TestContext } from "node:test";

/** A folder that is gone after the test. */
export async function temporaryFolder(context: TestContext): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), "specql-unit-"));
  context.after(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

/** Writes a program of the shell, and gives its path. */
export async function script(folder: string, name: string, ...lines: readonly string[]): Promise<string> {
  const file = path.join(folder, name);
  await writeFile(file, `#!/bin/sh\n${lines.join("\n")}\n`);
  await chmod(file, 0o755);
  return file;
}

/** A Python that answers what it is told, and makes no environment. */
export async function fakePython(folder: string, name: string, version: string, answer: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const file = path.join(folder, name);
  const said = {
    executable: file,
    base: file,
    version: version.split(".").map(Number),
    makesEnvironments: true,
    hasServer: false,
    ...answer,
  };
  return await script(folder, name, `echo '${JSON.stringify(said)}'`);
}
