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
  /** The Python that a virtual environment was made with; for any other one `executable`. */
  readonly base: string;
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
  "print(json.dumps({'executable': sys.executable, 'base': getattr(sys, '_base_executable', sys.executable),",
  "'version': list(sys.version_info[:3]),",
  "'makesEnvironments': found('venv') and found('ensurepip'), 'hasServer': found('specql_lsp')}))",
].join("\n");
const ANSWER_MS = 30_000;

/** Where a Python is looked for, best first. */
export function candidates(platform: NodeJS.Platform, preferred: readonly string[]): Candidate[] {
  const names = ["python3.13", "python3.12", "python3.11", "python3.14", "python3", "python"];
  const found: Candidate[] = preferred.map((command) => ({ command, args: [] }));
  if (platform === "win32") {
    // Windows installs no python3.13; its launcher knows them all.
    found.push({ command: "py", args: ["-3"] }, { command: "python", args: [] }, { command: "python3", args: [] });
  } else {
    found.push(...names.map((command) => ({ command, args: [] })));
  }
  return found;
}

/** Asks a Python what it is; undefined where there is none, or where it is too old to understand. */
export async function ask(candidate: Candidate, options: RunOptions = {}): Promise<Interpreter | undefined> {
  // -I: neither the working directory nor PYTHON… variables decide what is imported.
  const outcome = await run(candidate.command, [...candidate.args, "-I", "-c", QUESTION], { ...options, timeoutMs: ANSWER_MS });
  return outcome.status === 0 ? readAnswer(outcome.stdout) : undefined;
}

/** Asks every candidate, and gives each Python that answered once. */
export async function available(
  platform: NodeJS.Platform,
  preferred: readonly string[],
  options: RunOptions = {},
): Promise<readonly Interpreter[]> {
  const answers = await Promise.all(candidates(platform, preferred).map((candidate) => ask(candidate, options)));
  const found = new Map<string, Interpreter>();
  for (const answer of answers) {
    if (answer && !found.has(answer.executable)) found.set(answer.executable, answer);
  }
  return [...found.values()];
}

export function isNewEnough(interpreter: Interpreter): boolean {
  const [major, minor] = interpreter.version;
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}

export function versionText(interpreter: Interpreter): string {
  return interpreter.version.join(".");
}

/** The answer is the last line: a site may print something before it. */
function readAnswer(stdout: string): Interpreter | undefined {
  try {
    const said: unknown = JSON.parse(stdout.trimEnd().split(/\r?\n/).pop() ?? "");
    return isInterpreter(said) ? said : undefined;
  } catch {
    return undefined;
  }
}

function isInterpreter(said: unknown): said is Interpreter {
  const answer = said as Partial<Record<keyof Interpreter, unknown>> | null;
  return (
    typeof answer === "object" &&
    answer !== null &&
    typeof answer.executable === "string" &&
    answer.executable !== "" &&
    typeof answer.base === "string" &&
    Array.isArray(answer.version) &&
    answer.version.length === 3
  );
}
