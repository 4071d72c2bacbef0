import { access, readdir } from "node:fs/promises";
import path from "node:path";
import { EnvironmentProblem } from "./errors";
import { installed } from "./install";
import { ask, candidates, type Interpreter, isNewEnough, OLDEST, versionText } from "./interpreters";
import type { RunOptions } from "./run";

/** How the server is started: its arguments follow. */
export interface ServerCommand {
  readonly command: string;
  readonly args: readonly string[];
  /** What it is, for the log. */
  readonly description: string;
}

export interface Wishes {
  /** `specql.server.path`; empty where it is not set. */
  readonly serverPath: string;
  /** `specql.server.interpreter`; empty where it is not set. */
  readonly interpreter: string;
  /** Interpreters that are tried before those of the PATH, such as the one chosen in the Python extension. */
  readonly preferred: readonly string[];
  /** The folder of the extension's `server` with the wheel. */
  readonly bundled: string;
  /** Where environments are kept. */
  readonly environments: string;
  readonly platform?: NodeJS.Platform;
  readonly options?: RunOptions;
  readonly onStep?: (step: string) => void;
}

/**
 * The server to run: the one of the settings, or the extension's own, for which an environment is made once.
 *
 * @throws EnvironmentProblem why there is none
 * @throws Cancelled
 */
export async function serverCommand(wishes: Wishes): Promise<ServerCommand> {
  const oldest = OLDEST.join(".");
  if (wishes.serverPath) {
    await access(wishes.serverPath).catch(() => {
      throw new EnvironmentProblem(
        `There is no program ${wishes.serverPath}, which the setting specql.server.path names. ` +
          "Correct it, or clear it to use the server that comes with the extension.",
        ["settings", "retry"],
      );
    });
    return { command: wishes.serverPath, args: [], description: `${wishes.serverPath} (specql.server.path)` };
  }
  const interpreter = wishes.interpreter ? await named(wishes) : await found(wishes);
  if (wishes.interpreter && interpreter.hasServer) {
    return {
      command: interpreter.executable,
      args: ["-m", "specql_lsp"],
      description: `the server installed in ${interpreter.executable} (specql.server.interpreter)`,
    };
  }
  if (!interpreter.makesEnvironments) {
    throw new EnvironmentProblem(
      `${interpreter.executable} (Python ${versionText(interpreter)}) cannot make environments: its modules venv and ` +
        `ensurepip are missing. On Debian and Ubuntu install python3-venv; or name another Python ${oldest} or later.`,
      ["interpreter", "retry"],
    );
  }
  const wheel = await bundledWheel(wishes.bundled);
  const python = await installed({
    folder: wishes.environments,
    wheel,
    interpreter,
    ...(wishes.platform ? { platform: wishes.platform } : {}),
    ...(wishes.options ? { options: wishes.options } : {}),
    ...(wishes.onStep ? { onStep: wishes.onStep } : {}),
  });
  return {
    command: python,
    args: ["-m", "specql_lsp"],
    description: `${path.basename(wheel)} in an environment of its own, on Python ${versionText(interpreter)}`,
  };
}

async function named(wishes: Wishes): Promise<Interpreter> {
  const answer = await ask({ command: wishes.interpreter, args: [] }, wishes.options);
  if (!answer) {
    throw new EnvironmentProblem(
      `${wishes.interpreter}, which the setting specql.server.interpreter names, is no Python that can be run.`,
      ["interpreter", "settings"],
    );
  }
  if (!isNewEnough(answer)) {
    throw new EnvironmentProblem(
      `${wishes.interpreter} is Python ${versionText(answer)}; the SpecQL language server needs ${OLDEST.join(".")} or later.`,
      ["interpreter", "settings"],
    );
  }
  return answer;
}

async function found(wishes: Wishes): Promise<Interpreter> {
  const seen: Interpreter[] = [];
  for (const candidate of candidates(wishes.platform ?? process.platform, wishes.preferred)) {
    const answer = await ask(candidate, wishes.options);
    if (answer && isNewEnough(answer) && answer.makesEnvironments) return answer;
    if (answer) seen.push(answer);
  }
  const withoutVenv = seen.find(isNewEnough);
  if (withoutVenv) return withoutVenv;
  const old = seen[0] ? ` The newest one found is ${seen[0].executable}, Python ${versionText(seen[0])}.` : "";
  throw new EnvironmentProblem(
    `The SpecQL language server needs Python ${OLDEST.join(".")} or later, and none was found.${old} ` +
      "Install one from your system's packages or python.org, or name one with the setting specql.server.interpreter.",
    ["interpreter", "retry"],
  );
}

async function bundledWheel(folder: string): Promise<string> {
  const names = await readdir(folder).catch(() => [] as string[]);
  const wheel = names.find((name) => name.endsWith(".whl"));
  if (!wheel) {
    throw new EnvironmentProblem(
      "This build of the extension carries no server. Install it with `make vsix`, or set specql.server.path.",
      ["settings"],
    );
  }
  return path.join(folder, wheel);
}
