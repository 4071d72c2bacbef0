import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";

/** How a server is started. */
export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  /** Never a workspace folder: nothing of a workspace may decide what is run or imported. */
  readonly cwd: string;
}

const KEPT_CHARACTERS = 4000;

/** The process of a server: started, watched, and ended for certain. */
export class ServerProcess {
  /** How it ended, in words; never rejected. */
  readonly ended: Promise<string>;
  private words = "";
  private over = false;

  private constructor(readonly child: ChildProcessWithoutNullStreams) {
    child.stderr.on("data", (data: Buffer) => {
      this.words = (this.words + data.toString("utf8")).slice(-KEPT_CHARACTERS);
    });
    // A server that ends while it is written to is reported by its end.
    child.stdin.on("error", () => undefined);
    this.ended = new Promise((resolve) => {
      child.once("close", (status, signal) => {
        this.over = true;
        resolve(signal ? `signal ${signal}` : `exit status ${status ?? "unknown"}`);
      });
    });
  }

  /**
   * Starts a server.
   *
   * @throws Error when the operating system cannot start it
   */
  static async start(launch: Launch): Promise<ServerProcess> {
    const child = spawn(launch.command, launch.args, {
      env: launch.environment,
      cwd: launch.cwd,
      stdio: ["pipe", "pipe", "pipe"],
      windowsHide: true,
    });
    const server = new ServerProcess(child);
    await new Promise<void>((resolve, reject) => {
      child.once("spawn", resolve);
      child.once("error", reject);
    });
    child.on("error", () => undefined);
    return server;
  }

  /** The last line it wrote to stderr: of a traceback, the sentence. */
  get lastWords(): string {
    return this.words.trimEnd().split(/\r?\n/).pop()?.trim() ?? "";
  }

  /** Ends it now. */
  kill(): void {
    this.child.kill("SIGKILL");
  }

  /** Waits for its end, which it has been asked for; ends it when that takes too long. */
  async end(graceMs: number): Promise<void> {
    this.child.stdin.end();
    const timer = setTimeout(() => {
      if (!this.over) this.kill();
    }, graceMs);
    await this.ended;
    clearTimeout(timer);
  }
}
