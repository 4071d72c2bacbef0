import { type ChildProcess, spawn } from "node:child_process";
import { homedir } from "node:os";
import { Cancelled } from "./errors";

export interface Outcome {
  /** The exit status; null where the program could not be started, or was ended. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly environment?: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
  /** Called with each piece of output. */
  readonly onOutput?: (text: string) => void;
}

/**
 * Runs a program to its end, without a shell, and never in a workspace's folder.
 *
 * @throws Cancelled when `signal` stops it
 */
export async function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const { signal, timeoutMs, onOutput, environment = process.env } = options;
  if (signal?.aborted) throw new Cancelled();
  return await new Promise<Outcome>((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: homedir(),
      env: environment,
      stdio: ["ignore", "pipe", "pipe"],
      windowsHide: true,
      // A group of its own, so that what it has started ends with it.
      detached: process.platform !== "win32",
    });
    let stdout = "";
    let stderr = "";
    const stop = () => {
      endTree(child);
    };
    const timer = timeoutMs === undefined ? undefined : setTimeout(stop, timeoutMs);
    const settle = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", stop);
    };
    signal?.addEventListener("abort", stop, { once: true });
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
      onOutput?.(text);
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
      onOutput?.(text);
    });
    child.on("error", (error) => {
      settle();
      resolve({ status: null, stdout, stderr: stderr || error.message });
    });
    child.on("close", (status) => {
      settle();
      if (signal?.aborted) reject(new Cancelled());
      else resolve({ status, stdout, stderr });
    });
  });
}

/** Ends a program and everything that it has started. */
function endTree(child: ChildProcess): void {
  if (child.pid === undefined) return;
  if (process.platform === "win32") {
    spawn("taskkill", ["/pid", String(child.pid), "/T", "/F"], { stdio: "ignore", windowsHide: true }).on("error", () => child.kill());
    return;
  }
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    child.kill("SIGKILL");
  }
}
