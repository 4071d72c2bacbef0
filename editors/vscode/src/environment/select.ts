import * as vscode from "vscode";
import { available, type Interpreter, isNewEnough, OLDEST, versionText } from "./interpreters";
import { preferredInterpreters } from "./pythonExtension";

interface Choice extends vscode.QuickPickItem {
  /** The interpreter; empty for the extension's own search, undefined for a file that is named next. */
  readonly executable: string | undefined;
}

/** Asks for a Python, and keeps it in the user's settings; the change of the setting starts the server again. */
export async function selectInterpreter(): Promise<void> {
  const chosen = await vscode.window.showQuickPick(choices(), {
    title: "SpecQL: Select the Python That Runs the Server",
    placeHolder: `Python ${OLDEST.join(".")} or later`,
  });
  if (!chosen) return;
  const executable = chosen.executable ?? (await browse());
  if (executable === undefined) return;
  const value = executable === "" ? undefined : executable;
  await vscode.workspace.getConfiguration("specql").update("server.interpreter", value, vscode.ConfigurationTarget.Global);
}

async function choices(): Promise<Choice[]> {
  const found = await available(process.platform, await preferredInterpreters());
  return [
    ...found.filter(isNewEnough).map(choice),
    { label: "$(search) Let the extension look for one", executable: "" },
    { label: "$(folder-opened) Browse…", executable: undefined },
  ];
}

function choice(interpreter: Interpreter): Choice {
  const detail = interpreter.hasServer
    ? "specql-lsp is installed in it, and is run as it is"
    : interpreter.makesEnvironments
      ? "an environment of the extension's own is made with it"
      : "cannot make environments (no venv or ensurepip)";
  return { label: `Python ${versionText(interpreter)}`, description: interpreter.executable, detail, executable: interpreter.executable };
}

async function browse(): Promise<string | undefined> {
  const files = await vscode.window.showOpenDialog({
    title: `A Python ${OLDEST.join(".")} or later`,
    canSelectMany: false,
    openLabel: "Use This Python",
  });
  return files?.[0]?.fsPath;
}
