import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import path from "node:path";

/** What decides where a command is found. */
export interface SearchSettings {
  readonly environment: NodeJS.ProcessEnv;
  readonly home: string;
  readonly platform: NodeJS.Platform;
}

/**
 * The file that a user's name for a program means: an absolute path, one that begins with `~`, or a command of the PATH.
 *
 * @returns its path; undefined where there is no such program
 */
export async function commandPath(name: string, settings: SearchSettings): Promise<string | undefined> {
  const { environment, home, platform } = settings;
  const given = /^~(?=[/\\])/.test(name) ? path.join(home, name.slice(2)) : name;
  const endings = platform === "win32" ? ["", ...(environment["PATHEXT"] ?? ".EXE").split(";")] : [""];
  const isPath = path.isAbsolute(given);
  // A relative path would mean another file in every folder.
  if (!isPath && /[/\\]/.test(given)) return undefined;
  const folders = isPath ? [""] : (environment["PATH"] ?? environment["Path"] ?? "").split(path.delimiter).filter(Boolean);
  for (const folder of folders) {
    for (const ending of endings) {
      const file = folder === "" ? given + ending : path.join(folder, given + ending);
      if (await isProgram(file)) return file;
    }
  }
  return undefined;
}

async function isProgram(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}
