import * as vscode from "vscode";

/** The part of the Python extension's interface that is asked. */
interface PythonExtension {
  readonly environments: {
    getActiveEnvironmentPath(): unknown;
    resolveEnvironment(path: unknown): Promise<{ readonly executable: { readonly uri?: vscode.Uri } } | undefined>;
  };
}

/** The interpreter chosen in the Python extension, if that is at work and the workspace is trusted; else none. */
export async function preferredInterpreters(): Promise<readonly string[]> {
  const python = vscode.extensions.getExtension<PythonExtension>("ms-python.python");
  if (!python?.isActive || !vscode.workspace.isTrusted) return [];
  try {
    const { environments } = python.exports;
    const environment = await environments.resolveEnvironment(environments.getActiveEnvironmentPath());
    const executable = environment?.executable.uri?.fsPath;
    return executable ? [executable] : [];
  } catch {
    // Another version of that extension, or one that fails: others are looked for.
    return [];
  }
}
