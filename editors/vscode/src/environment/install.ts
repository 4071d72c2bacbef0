import { createHash, randomBytes } from "node:crypto";
import { mkdir, readFile, readdir, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import path from "node:path";
import { EnvironmentProblem } from "./errors";
import { type Interpreter, versionText } from "./interpreters";
import { type RunOptions, run } from "./run";

const MARKER = "specql-environment.json";
const KEPT_MS = 14 * 24 * 60 * 60 * 1000;

export interface Installation {
  /** The folder under which environments are kept. */
  readonly folder: string;
  /** The wheel of the server. */
  readonly wheel: string;
  readonly interpreter: Interpreter;
  readonly platform?: NodeJS.Platform;
  readonly options?: RunOptions;
  readonly onStep?: (step: string) => void;
}

/**
 * The Python of an environment that has the server, made where there is none yet.
 *
 * One environment belongs to one wheel and one interpreter. It is made beside its place and moved there when it is
 * complete, so that a half-made one is never used; of two windows that make it at once the first one wins. Others that
 * nobody has used for two weeks are removed.
 *
 * @returns the path of its Python
 * @throws EnvironmentProblem what went wrong, as a sentence
 * @throws Cancelled
 */
export async function installed(installation: Installation): Promise<string> {
  const { folder, wheel, interpreter } = installation;
  const platform = installation.platform ?? process.platform;
  const key = await keyOf(wheel, interpreter);
  const place = path.join(folder, key);
  if (!(await isComplete(place))) {
    await mkdir(folder, { recursive: true });
    const temporary = path.join(folder, `.${key}-${randomBytes(4).toString("hex")}`);
    try {
      await make(temporary, installation, platform);
      await writeFile(path.join(temporary, MARKER), JSON.stringify({ wheel: path.basename(wheel), python: interpreter.executable }));
      if (!(await isComplete(place))) await rm(place, { recursive: true, force: true });
      await rename(temporary, place).catch(async (error: unknown) => {
        if (!(await isComplete(place))) throw error;
      });
    } finally {
      await rm(temporary, { recursive: true, force: true, maxRetries: 3 });
    }
  }
  const now = new Date();
  await utimes(path.join(place, MARKER), now, now);
  await removeUnused(folder, key, now.getTime());
  return pythonOf(place, platform);
}

export function pythonOf(environment: string, platform: NodeJS.Platform): string {
  return platform === "win32" ? path.join(environment, "Scripts", "python.exe") : path.join(environment, "bin", "python");
}

async function keyOf(wheel: string, interpreter: Interpreter): Promise<string> {
  const hash = createHash("sha256");
  hash.update(await readFile(wheel));
  hash.update(`\0${interpreter.executable}\0${versionText(interpreter)}`);
  return hash.digest("hex").slice(0, 20);
}

async function isComplete(place: string): Promise<boolean> {
  return await stat(path.join(place, MARKER)).then(
    () => true,
    () => false,
  );
}

async function make(target: string, installation: Installation, platform: NodeJS.Platform): Promise<void> {
  const { interpreter, wheel, options, onStep } = installation;
  onStep?.(`Making a Python ${versionText(interpreter)} environment`);
  const made = await run(interpreter.executable, ["-I", "-m", "venv", target], options);
  if (made.status !== 0) {
    throw new EnvironmentProblem(
      `${interpreter.executable} could not make an environment for the SpecQL language server. ${lastLine(made.stderr || made.stdout)}`,
      ["retry", "interpreter", "log"],
    );
  }
  onStep?.("Installing the server and what it needs");
  const arguments_ = ["-I", "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--only-binary", ":all:", wheel];
  const done = await run(pythonOf(target, platform), arguments_, options);
  if (done.status !== 0) {
    throw new EnvironmentProblem(
      "The SpecQL language server could not be installed: pip did not get what it needs from the package index. " +
        `${lastLine(done.stderr)} Look at the network and at pip's settings, then try again.`,
      ["retry", "log", "settings"],
    );
  }
}

function lastLine(text: string): string {
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  const line = lines.filter((each) => each !== "" && !each.startsWith("[notice]")).pop() ?? "";
  const cut = line.length > 200 ? `${line.slice(0, 199)}…` : line;
  return cut === "" || /[.!?…]$/.test(cut) ? cut : `${cut}.`;
}

async function removeUnused(folder: string, kept: string, now: number): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name === kept) continue;
    const place = path.join(folder, name);
    const used = await stat(path.join(place, MARKER)).catch(() => stat(place).catch(() => undefined));
    if (used && now - used.mtimeMs > KEPT_MS) await rm(place, { recursive: true, force: true });
  }
}
