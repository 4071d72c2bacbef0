import { readdir } from "node:fs/promises";
import { homedir } from "node:os";
import path from "node:path";
import { commandPath, type SearchSettings } from "./commandPath";
import { EnvironmentProblem } from "./errors";
import { installed } from "./install";
import { ask, candidates, type Interpreter, isNewEnough, OLDEST, versionText } from "./interpreters";
import { noModules, noPython } from "./problems";
import type { RunOptions } from "./run";

/**
 * -I: neither the working directory, nor PYTHON… variables, nor the user's site decide what is imported.
 * utf8: what is written to stderr is UTF-8 everywhere.
 */
const SERVE_WITH = ["-I", "-X", "utf8", "-m", "specql_lsp"];

/** How the server is started: its arguments follow. */
export interface ServerCommand {
  readonly command: string;
  readonly args: readonly string[];
  /** What it is, for the log. */
  readonly description: string;
}

/** What the search for the server goes by. */
export interface ServerSearchOptions {
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
  readonly platform: NodeJS.Platform;
  readonly options: RunOptions;
  /** Called with what takes long and is being done. */
  readonly onStep: (step: string) => void;
}

/**
 * The server to run: the one of the settings, or the extension's own, for which an environment is made once.
 *
 * @throws EnvironmentProblem why there is none
 * @throws Cancelled
 */
export async function serverCommand(search: ServerSearchOptions): Promise<ServerCommand> {
  if (search.serverPath) return await installedServer(search);
  const interpreter = search.interpreter ? await named(search) : await found(search);
  if (search.interpreter && interpreter.hasServer) {
    return {
      command: interpreter.executable,
      args: SERVE_WITH,
      description: `the server installed in ${interpreter.executable} (specql.server.interpreter)`,
    };
  }
  if (!interpreter.makesEnvironments) throw noModules(interpreter);
  const wheel = await bundledWheel(search.bundled);
  const { environments: folder, platform, options, onStep } = search;
  return {
    command: await installed({ folder, wheel, interpreter, platform, options, onStep }),
    args: SERVE_WITH,
    description: `${path.basename(wheel)} in an environment of its own, on Python ${versionText(interpreter)}`,
  };
}

async function installedServer({ serverPath, platform, options }: ServerSearchOptions): Promise<ServerCommand> {
  const command = await commandPath(serverPath, searchIn(platform, options));
  if (command === undefined) {
    throw new EnvironmentProblem(
      `There is no program ${serverPath}, which the setting specql.server.path names. Give an absolute path or a command of ` +
        "the PATH, or clear the setting to use the server that comes with the extension.",
      ["settings", "retry"],
    );
  }
  return { command, args: [], description: `${command} (specql.server.path)` };
}

function searchIn(platform: NodeJS.Platform, options: RunOptions): SearchSettings {
  return { environment: options.environment ?? process.env, home: homedir(), platform };
}

async function named({ interpreter, platform, options }: ServerSearchOptions): Promise<Interpreter> {
  const command = await commandPath(interpreter, searchIn(platform, options));
  const answer = command === undefined ? undefined : await ask({ command, args: [] }, options);
  if (!answer) {
    throw new EnvironmentProblem(
      `${interpreter}, which the setting specql.server.interpreter names, is no Python that can be run.`,
      ["interpreter", "settings"],
    );
  }
  if (!isNewEnough(answer)) {
    throw new EnvironmentProblem(
      `${interpreter}, which the setting specql.server.interpreter names, is Python ${versionText(answer)}; the SpecQL language ` +
        `server needs ${OLDEST.join(".")} or later.`,
      ["interpreter", "settings"],
    );
  }
  return answer;
}

/** The first Python that will do; one that cannot make environments only where there is no better. */
async function found({ platform, preferred, options }: ServerSearchOptions): Promise<Interpreter> {
  const seen: Interpreter[] = [];
  for (const candidate of candidates(platform, preferred)) {
    const answer = await ask(candidate, options);
    if (!answer) continue;
    if (isNewEnough(answer) && answer.makesEnvironments) return answer;
    seen.push(answer);
  }
  const withoutModules = seen.find(isNewEnough);
  if (withoutModules) return withoutModules;
  throw noPython(seen.sort((a, b) => b.version[0] - a.version[0] || b.version[1] - a.version[1])[0]);
}

async function bundledWheel(folder: string): Promise<string> {
  const names = await readdir(folder).catch(() => [] as string[]);
  const wheel = names.find((name) => name.endsWith(".whl"));
  if (!wheel) {
    throw new EnvironmentProblem(
      "This build of the extension carries no server. Build it with `make vsix`, or set specql.server.path.",
      ["settings"],
    );
  }
  return path.join(folder, wheel);
}
