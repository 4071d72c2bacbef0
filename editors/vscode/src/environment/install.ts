import { createHash, randomBytes } from "node:crypto";
import { access, mkdir, readFile, readdir, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import path from "node:path";
import { EnvironmentProblem } from "./errors";
import { type Interpreter, versionText } from "./interpreters";
import { LOCK_TIMES, locked } from "./lock";
import { pipProblem, venvProblem } from "./problems";
import { type RunOptions, run } from "./run";

const MARKER = "specql-environment.json";
const KEPT_MS = 14 * 24 * 60 * 60 * 1000;
const PIP = ["-I", "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--only-binary", ":all:"];

export interface Installation {
  /** The folder under which environments are kept. */
  readonly folder: string;
  /** The wheel of the server. */
  readonly wheel: string;
  readonly interpreter: Interpreter;
  readonly platform: NodeJS.Platform;
  readonly options: RunOptions;
  /** Called with what is being done. */
  readonly onStep: (step: string) => void;
}

/**
 * The Python of an environment that has the server, made where there is none yet.
 *
 * One environment belongs to one wheel and one interpreter. It is made beside its place and moved there when it is
 * complete, its marker being written last: a half-made one is never used. One window makes it, others wait for that.
 * Environments that were not used for two weeks are removed.
 *
 * @returns the path of its Python
 * @throws EnvironmentProblem what went wrong, as a sentence
 * @throws Cancelled
 */
export async function installed(installation: Installation): Promise<string> {
  const { folder, platform, options, onStep } = installation;
  const key = await keyOf(installation);
  const place = path.join(folder, key);
  const python = pythonOf(place, platform);
  if (!(await isComplete(place, key, platform))) {
    await usable(folder);
    const wait = () => onStep("Waiting for another window, which installs it");
    await locked(path.join(folder, `.${key}.lock`), () => make(place, key, installation), wait, options.signal);
  }
  const now = new Date();
  await utimes(path.join(place, MARKER), now, now);
  await removeUnused(folder, key, now.getTime());
  return python;
}

/** Removes every environment: the next use makes a new one. */
export async function removeEnvironments(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
}

/** The path of the Python of an environment. */
export function pythonOf(environment: string, platform: NodeJS.Platform): string {
  return platform === "win32" ? path.join(environment, "Scripts", "python.exe") : path.join(environment, "bin", "python");
}

async function keyOf({ wheel, interpreter }: Installation): Promise<string> {
  const hash = createHash("sha256");
  hash.update(await readFile(wheel));
  hash.update(`\0${interpreter.base}\0${versionText(interpreter)}`);
  return hash.digest("hex").slice(0, 20);
}

/** Whether an environment has been finished, and its Python is still there. */
async function isComplete(place: string, key: string, platform: NodeJS.Platform): Promise<boolean> {
  try {
    const marker = JSON.parse(await readFile(path.join(place, MARKER), "utf8")) as { key?: unknown };
    await access(pythonOf(place, platform));
    return marker.key === key;
  } catch {
    return false;
  }
}

async function usable(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "unknown error";
    throw new EnvironmentProblem(`The extension cannot write its own folder ${folder} (${code}), where the server is to be installed.`, [
      "retry",
      "settings",
    ]);
  }
}

async function make(place: string, key: string, installation: Installation): Promise<void> {
  const { folder, wheel, interpreter, platform } = installation;
  if (await isComplete(place, key, platform)) return; // by the window that was waited for
  const temporary = path.join(folder, `.${key}-${randomBytes(4).toString("hex")}`);
  try {
    await fill(temporary, installation);
    const marker = { key, wheel: path.basename(wheel), python: interpreter.base, version: versionText(interpreter) };
    await writeFile(path.join(temporary, MARKER), JSON.stringify(marker));
    await rm(place, { recursive: true, force: true, maxRetries: 3 });
    await moved(temporary, place);
  } finally {
    await rm(temporary, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function fill(target: string, { interpreter, wheel, options, onStep, platform }: Installation): Promise<void> {
  onStep(`Making an environment with Python ${versionText(interpreter)}`);
  const made = await run(interpreter.executable, ["-I", "-m", "venv", target], options);
  if (made.status !== 0) throw venvProblem(interpreter, made);
  onStep("Installing the server and what it needs");
  const filled = await run(pythonOf(target, platform), [...PIP, wheel], options);
  if (filled.status !== 0) throw pipProblem(interpreter, filled);
}

/** Moves a folder. A virus scanner that looks at new files makes Windows refuse that for a moment. */
async function moved(from: string, to: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await rename(from, to);
      return;
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? "";
      if (attempt === 10 || !["EPERM", "EACCES", "EBUSY"].includes(code)) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100 * attempt));
    }
  }
}

async function removeUnused(folder: string, kept: string, now: number): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name === kept || name === `.${kept}.lock`) continue;
    const place = path.join(folder, name);
    const used = await stat(path.join(place, MARKER)).catch(() => stat(place).catch(() => undefined));
    const limit = name.startsWith(".") ? LOCK_TIMES.deadMs * 100 : KEPT_MS;
    if (used && now - used.mtimeMs > limit) await rm(place, { recursive: true, force: true });
  }
}
