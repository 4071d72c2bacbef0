import * as vscode from "vscode";
import { logAt } from "../client/channels";
import { extensionSetting } from "../configuration/settingsScope";
import { Cancelled, EnvironmentProblem, type Remedy } from "./errors";
import { networkEnvironment } from "./network";
import { preferredInterpreters } from "./pythonExtension";
import { type ServerCommand, serverCommand } from "./resolve";
import { selectInterpreter } from "./select";

const BUTTONS: Readonly<Record<Remedy, string>> = {
  retry: "Retry",
  interpreter: "Select Interpreter…",
  log: "Show Log",
  settings: "Open Settings",
};

/** Finds the server for this window, showing the user what prevents it. */
export class ServerFinder {
  private running: Promise<ServerCommand | undefined> | undefined;

  constructor(
    private readonly context: vscode.ExtensionContext,
    private readonly log: vscode.LogOutputChannel,
    private readonly restart: () => Promise<void>,
  ) {}

  /** The command to run; undefined where there is none, which the user knows then. Asked twice at once, it looks once. */
  find(): Promise<ServerCommand | undefined> {
    this.running ??= this.look().finally(() => {
      this.running = undefined;
    });
    return this.running;
  }

  private async look(): Promise<ServerCommand | undefined> {
    const progress = new Progress(this.log);
    try {
      const proxy = vscode.workspace.getConfiguration("http").get<string>("proxy", "");
      return await serverCommand({
        serverPath: extensionSetting("server.path"),
        interpreter: extensionSetting("server.interpreter"),
        preferred: await preferredInterpreters(),
        bundled: this.context.asAbsolutePath("server"),
        environments: vscode.Uri.joinPath(this.context.globalStorageUri, "environments").fsPath,
        platform: process.platform,
        onStep: (step) => {
          progress.step(step);
        },
        options: {
          environment: networkEnvironment(process.env, proxy),
          signal: progress.signal,
          onOutput: (output) => {
            logAt(this.log, "debug", output.trimEnd());
          },
        },
      });
    } catch (error) {
      if (error instanceof Cancelled) {
        this.log.info("Setting up the server was stopped; SpecQL: Restart Server begins it again.");
      } else if (error instanceof EnvironmentProblem) {
        logAt(this.log, "error", error.message);
        void this.offer(error);
      } else {
        throw error;
      }
      return undefined;
    } finally {
      progress.finish();
    }
  }

  private async offer(problem: EnvironmentProblem): Promise<void> {
    const buttons = problem.remedies.map((remedy) => BUTTONS[remedy]);
    const chosen = await vscode.window.showErrorMessage(problem.message, ...buttons);
    if (chosen === BUTTONS.retry) await this.restart();
    else if (chosen === BUTTONS.log) this.log.show();
    else if (chosen === BUTTONS.settings) await openServerSettings();
    else if (chosen === BUTTONS.interpreter) await selectInterpreter();
  }
}

/** A notification that appears with the first step that takes long, and lets the user stop it. */
class Progress {
  private readonly controller = new AbortController();
  private end: () => void = () => undefined;
  private report: ((step: string) => void) | undefined;

  constructor(private readonly log: vscode.LogOutputChannel) {}

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  step(step: string): void {
    this.log.info(`${step}.`);
    if (!this.report) this.show();
    this.report?.(step);
  }

  finish(): void {
    this.end();
  }

  private show(): void {
    const finished = new Promise<void>((resolve) => {
      this.end = resolve;
    });
    let last = "";
    this.report = (step) => (last = step);
    const options = {
      location: vscode.ProgressLocation.Notification,
      title: "SpecQL: setting up the language server (once)",
      cancellable: true,
    };
    void vscode.window.withProgress(options, async (progress, token) => {
      this.report = (message) => {
        progress.report({ message });
      };
      this.report(last);
      token.onCancellationRequested(() => {
        this.controller.abort();
      });
      await finished;
    });
  }
}

/** What is run belongs to the machine: in a remote window that is the remote one. */
async function openServerSettings(): Promise<void> {
  const query = "specql.server";
  if (vscode.env.remoteName === undefined) await vscode.commands.executeCommand("workbench.action.openSettings", query);
  else await vscode.commands.executeCommand("workbench.action.openRemoteSettings", { query });
}
