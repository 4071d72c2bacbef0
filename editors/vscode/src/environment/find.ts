import * as vscode from "vscode";
import { logAt } from "../client/channels";
import { ownSetting } from "../client/languageServer";
import { Cancelled, EnvironmentProblem, type Remedy } from "./errors";
import { type ServerCommand, serverCommand } from "./resolve";

const BUTTONS: Readonly<Record<Remedy, string>> = {
  retry: "Retry",
  interpreter: "Select Interpreter…",
  log: "Show Log",
  settings: "Open Settings",
};

/** Finds the server for this window, telling the user what stands in the way. */
export class ServerFinder {
  private running: Promise<ServerCommand | undefined> | undefined;

  constructor(
    private readonly context: vscode.ExtensionContext,
    private readonly log: vscode.LogOutputChannel,
    private readonly restart: () => Promise<void>,
  ) {}

  /** The command to run; undefined where there is none, which the user knows then. Asked twice at once, it looks once. */
  find(): Promise<ServerCommand | undefined> {
    this.running ??= this.look().finally(() => (this.running = undefined));
    return this.running;
  }

  private async look(): Promise<ServerCommand | undefined> {
    try {
      return await this.withProgress();
    } catch (error) {
      if (error instanceof Cancelled) {
        this.log.info("Setting up the server was stopped; SpecQL: Restart Server begins it again.");
      } else if (error instanceof EnvironmentProblem) {
        this.log.error(error.message);
        void this.offer(error);
      } else {
        throw error;
      }
      return undefined;
    }
  }

  private async withProgress(): Promise<ServerCommand> {
    const controller = new AbortController();
    let finish: () => void = () => undefined;
    let report: ((step: string) => void) | undefined;
    const finished = new Promise<void>((resolve) => (finish = resolve));
    const onStep = (step: string) => {
      this.log.info(`${step}.`);
      if (report) report(step);
      else {
        // Only what takes long is worth a notification: finding an environment that is there takes none.
        void vscode.window.withProgress(
          { location: vscode.ProgressLocation.Notification, title: "SpecQL: setting up the language server (once)", cancellable: true },
          async (progress, token) => {
            report = (message) => progress.report({ message });
            report(step);
            token.onCancellationRequested(() => controller.abort());
            await finished;
          },
        );
      }
    };
    try {
      return await serverCommand({
        serverPath: text(ownSetting("server.path")),
        interpreter: text(ownSetting("server.interpreter")),
        preferred: await preferredInterpreters(),
        bundled: this.context.asAbsolutePath("server"),
        environments: vscode.Uri.joinPath(this.context.globalStorageUri, "environments").fsPath,
        onStep,
        options: { signal: controller.signal, onOutput: (output) => logAt(this.log, "debug", output.trimEnd()) },
      });
    } finally {
      finish();
    }
  }

  private async offer(problem: EnvironmentProblem): Promise<void> {
    const chosen = await vscode.window.showErrorMessage(problem.message, ...problem.remedies.map((each) => BUTTONS[each]));
    if (chosen === BUTTONS.retry) await this.restart();
    else if (chosen === BUTTONS.log) this.log.show();
    else if (chosen === BUTTONS.settings) await vscode.commands.executeCommand("workbench.action.openSettings", "specql.server");
    else if (chosen === BUTTONS.interpreter) await selectInterpreter();
  }
}

/** Asks for a Python, and keeps it in the user's settings; the change of the setting starts the server. */
export async function selectInterpreter(): Promise<void> {
  const chosen = await vscode.window.showOpenDialog({ title: "A Python 3.11 or later", canSelectMany: false, openLabel: "Use This Python" });
  const file = chosen?.[0];
  if (file) await vscode.workspace.getConfiguration("specql").update("server.interpreter", file.fsPath, vscode.ConfigurationTarget.Global);
}

/** The interpreter chosen in the Python extension, if that is at work and the workspace is trusted. */
async function preferredInterpreters(): Promise<string[]> {
  const python = vscode.extensions.getExtension<PythonExtension>("ms-python.python");
  if (!python?.isActive || !vscode.workspace.isTrusted) return [];
  try {
    const environments = python.exports.environments;
    const environment = await environments.resolveEnvironment(environments.getActiveEnvironmentPath());
    const executable = environment?.executable.uri?.fsPath;
    return executable ? [executable] : [];
  } catch {
    return [];
  }
}

interface PythonExtension {
  readonly environments: {
    getActiveEnvironmentPath(): unknown;
    resolveEnvironment(path: unknown): Promise<{ executable: { uri?: vscode.Uri } } | undefined>;
  };
}

function text(value: unknown): string {
  return typeof value === "string" ? value.trim() : "";
}
