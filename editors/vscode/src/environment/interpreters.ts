import { type RunOptions, run } from "./run";

/** A way to call a Python. */
export interface Candidate {
  readonly command: string;
  readonly args: readonly string[];
}

/** A Python that answered. */
export interface Interpreter {
  /** Its own path, as it says. */
  readonly executable: string;
  readonly version: readonly [number, number, number];
  /** Whether it can make environments (`venv` and `ensurepip`). */
  readonly makesEnvironments: boolean;
  /** Whether the server is installed in it. */
  readonly hasServer: boolean;
}

export const OLDEST: readonly [number, number] = [3, 11];

const QUESTION = [
  "import importlib.util as u, json, sys",
  "found = lambda name: u.find_spec(name) is not None",
  "print(json.dumps({'executable': sys.executable, 'version': list(sys.version_info[:3]),",
  "'makesEnvironments': found('venv') and found('ensurepip'), 'hasServer': found('specql_lsp')}))",
].join("\n");

/** Where a Python is looked for, best first. */
export function candidates(platform: NodeJS.Platform, preferred: readonly string[]): Candidate[] {
  const names = ["python3.14", "python3.13", "python3.12", "python3.11", "python3", "python"];
  const found: Candidate[] = preferred.map((command) => ({ command, args: [] }));
  if (platform === "win32") found.push({ command: "py", args: ["-3"] }, { command: "python", args: [] });
  else found.push(...names.map((command) => ({ command, args: [] })));
  return found;
}

/** Asks a Python what it is; undefined where there is none, or where it is too old to understand. */
export async function ask(candidate: Candidate, options: RunOptions = {}): Promise<Interpreter | undefined> {
  // -I: neither the working directory nor PYTHON… variables decide what is imported.
  const outcome = await run(candidate.command, [...candidate.args, "-I", "-c", QUESTION], { timeoutMs: 15_000, ...options });
  if (outcome.status !== 0) return undefined;
  try {
    const said = JSON.parse(outcome.stdout) as Interpreter;
    return Array.isArray(said.version) && typeof said.executable === "string" ? said : undefined;
  } catch {
    return undefined;
  }
}

export function isNewEnough(interpreter: Interpreter): boolean {
  const [major, minor] = interpreter.version;
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}

export function versionText(interpreter: Interpreter): string {
  return interpreter.version.join(".");
}
