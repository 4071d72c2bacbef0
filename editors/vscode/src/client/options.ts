import * as vscode from "vscode";
import {
  type CloseHandlerResult,
  CloseAction,
  type ConfigurationItem,
  ErrorAction,
  LanguageClient,
  type LanguageClientOptions,
  RevealOutputChannelOn,
  vsdiag,
} from "vscode-languageclient/node";
import { serverSettings } from "../configuration/settings";
import { logAt, serverChannel, traceChannel } from "./channels";
import { messageOf, refusalOf } from "./refusals";

/** A client that shows nothing by itself: what has failed is said once, by who started it. */
export class QuietClient extends LanguageClient {
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }

  /** A client that never got to run refuses to be stopped; its process is ended all the same. */
  override async stop(timeout?: number): Promise<void> {
    await super.stop(timeout).catch((error: unknown) => {
      this.debug(`Stopping: ${messageOf(error)}`, undefined, false);
    });
  }
}

/** What the client of a window is given. */
export interface OptionsOf {
  readonly log: vscode.LogOutputChannel;
  /** Every key of the extension's settings, without `specql.`. */
  readonly settingKeys: readonly string[];
  /** What the settings of a folder (its URI) say of the database URL that is kept for it; undefined where none is. */
  readonly keptUrl: (folder: string) => string | undefined;
  /** Called when the connection has ended without having been asked to. */
  readonly onClosed: () => void;
  /** Tells the server that settings have changed; it asks for what it wants. */
  readonly onSettings: () => Promise<void>;
  /** Has the codes of diagnostics link to their pages. */
  readonly linkDiagnostics: (diagnostics: readonly vscode.Diagnostic[]) => void;
}

/** The options of vscode-languageclient. Nothing that LSP standardises is switched off. */
export function clientOptions({ log, settingKeys, keptUrl, onClosed, onSettings, linkDiagnostics }: OptionsOf): LanguageClientOptions {
  return {
    documentSelector: [
      { scheme: "file", language: "specql" },
      { scheme: "untitled", language: "specql" },
    ],
    outputChannel: serverChannel(log),
    traceOutputChannel: traceChannel(log),
    revealOutputChannelOn: RevealOutputChannelOn.Never,
    markdown: { isTrusted: false, supportHtml: false },
    // Otherwise a document is pulled when it is opened, and when the server asks for it.
    diagnosticPullOptions: { onChange: true },
    middleware: {
      workspace: {
        configuration: (params) => params.items.map((item) => settingsFor(settingKeys, keptUrl, item)),
        didChangeConfiguration: onSettings,
      },
      handleDiagnostics: (uri, diagnostics, next) => {
        linkDiagnostics(diagnostics);
        next(uri, diagnostics);
      },
      provideDiagnostics: async (document, previousResultId, token, next) => {
        const report = await next(document, previousResultId, token);
        // Of a request that was cancelled vscode-languageclient 9 would show that there is nothing, until the next answer.
        if (token.isCancellationRequested) throw new vscode.CancellationError();
        if (report?.kind === vsdiag.DocumentDiagnosticReportKind.full) linkDiagnostics(report.items);
        return report;
      },
      provideWorkspaceDiagnostics: (resultIds, token, report, next) =>
        next(resultIds, token, (part) => {
          for (const item of part?.items ?? []) {
            if (item.kind === vsdiag.DocumentDiagnosticReportKind.full) linkDiagnostics(item.items);
          }
          report(part);
        }),
      // Of a code action's command VS Code would show the error of the client's library, not the server's sentence.
      executeCommand: async (command, args, next) => {
        try {
          return (await next(command, args)) as unknown;
        } catch (error) {
          void vscode.window.showErrorMessage(refusalOf(error).message);
          return undefined;
        }
      },
    },
    initializationFailedHandler: (error) => {
      logAt(log, "error", `The server refused to be initialised: ${messageOf(error)}`);
      return false;
    },
    errorHandler: {
      error: (error) => {
        logAt(log, "error", `The connection to the server has a fault: ${error.message}`);
        return { action: ErrorAction.Continue, handled: true };
      },
      // Starting again is a matter of its own: with a new process and a new client.
      closed: (): CloseHandlerResult => {
        onClosed();
        return { action: CloseAction.DoNotRestart, handled: true };
      },
    },
  };
}

/** What a folder's settings say explicitly; what is not set is left to the environment and specql-lsp.toml. */
function settingsFor(keys: readonly string[], keptUrl: OptionsOf["keptUrl"], { section, scopeUri: scope }: ConfigurationItem): unknown {
  if (section !== "specql") return null;
  const configuration = vscode.workspace.getConfiguration("specql", scope ? vscode.Uri.parse(scope) : null);
  const kept = scope ? keptUrl(scope) : undefined;
  return serverSettings(keys, (key) => configuration.inspect(key), vscode.workspace.isTrusted, kept);
}
