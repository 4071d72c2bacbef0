import { spawn } from "node:child_process";
import { Cancelled } from "./errors";

export interface Outcome {
  /** The exit status; null where the program could not be started. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly environment?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
  /** Called with each piece of output. */
  readonly onOutput?: (text: string) => void;
}

/**
 * Runs a program to its end, without a shell.
 *
 * @throws Cancelled when `signal` stops it
 */
export async function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  if (options.signal?.aborted) throw new Cancelled();
  return await new Promise<Outcome>((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: options.environment ?? process.env,
      stdio: ["ignore", "pipe", "pipe"],
      timeout: options.timeoutMs,
      windowsHide: true,
    });
    let stdout = "";
    let stderr = "";
    const stop = () => child.kill();
    options.signal?.addEventListener("abort", stop, { once: true });
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
      options.onOutput?.(text);
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
      options.onOutput?.(text);
    });
    child.on("error", (error) => {
      options.signal?.removeEventListener("abort", stop);
      resolve({ status: null, stdout, stderr: stderr || error.message });
    });
    child.on("close", (status) => {
      options.signal?.removeEventListener("abort", stop);
      if (options.signal?.aborted) reject(new Cancelled());
      else resolve({ status, stdout, stderr });
    });
  });
}
