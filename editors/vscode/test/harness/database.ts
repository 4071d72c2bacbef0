import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { createInterface, type Interface } from "node:readline";
import { once } from "node:events";
import { PROJECT, PYTHON } from "./paths";

export interface Database {
  readonly url: string;
  /** The same database, for a role that has to give `password`. */
  readonly guardedUrl: string;
  readonly password: string;
}

/** A real PostgreSQL of the tests' own (tests/support/database_process.py). */
export class PostgreSQL {
  private readonly gone: Promise<never>;

  private constructor(
    private readonly child: ChildProcessWithoutNullStreams,
    private readonly lines: Interface,
  ) {
    this.gone = once(child, "exit").then(() => {
      throw new Error("The database's process has ended.");
    });
    this.gone.catch(() => undefined);
  }

  static async start(): Promise<PostgreSQL> {
    const child = spawn(PYTHON, ["-m", "tests.support.database_process"], { cwd: PROJECT, stdio: "pipe" });
    child.stderr.pipe(process.stderr);
    const server = new PostgreSQL(child, createInterface(child.stdout));
    await server.line();
    return server;
  }

  async database(): Promise<Database> {
    return (await this.ask({ do: "database" })) as Database;
  }

  /** Executes a statement, and gives the rows that it returns. */
  async sql(database: Database, text: string): Promise<readonly (readonly unknown[])[]> {
    return ((await this.ask({ do: "sql", url: database.url, text })) as { rows: unknown[][] }).rows;
  }

  /** Ends the server as a power cut would. */
  async kill(): Promise<void> {
    await this.ask({ do: "kill" });
  }

  async restart(): Promise<void> {
    await this.ask({ do: "start" });
  }

  async close(): Promise<void> {
    const ended = once(this.child, "exit");
    this.child.stdin.end();
    await ended;
  }

  private async ask(request: object): Promise<unknown> {
    this.child.stdin.write(`${JSON.stringify(request)}\n`);
    const answer = JSON.parse(await this.line()) as { error?: string };
    if (answer.error !== undefined) throw new Error(answer.error);
    return answer;
  }

  private async line(): Promise<string> {
    const [line] = (await Promise.race([once(this.lines, "line"), this.gone])) as [string];
    return line;
  }
}
