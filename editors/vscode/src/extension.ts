import * as vscode from "vscode";
import { onActivationTrigger } from "./client/activationTrigger";
import { isVirtualWorkspace } from "./client/folders";
import { LanguageServer } from "./client/languageServer";
import { registerCommands } from "./commands";
import { Listings } from "./commands/agreement";
import { registerDetection } from "./detection";
import { ServerFinder } from "./environment/find";
import { selectInterpreter } from "./environment/select";
import { registerRulePages } from "./rules/pages";
import { DatabaseUrl } from "./secrets/commands";
import { registerStatusItems } from "./status/items";
import { registerViews } from "./views";

const RESTARTING = ["specql.server.path", "specql.server.interpreter"];

/** What ends the server when VS Code leaves; set while the extension is active. */
let leave: (() => Promise<void>) | undefined;

/** Registers everything; the server is started as soon as there is something for it to do. */
export function activate(context: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel("SpecQL", { log: true });
  const finder = new ServerFinder(context, log, () => server.restart());
  const pages = registerRulePages(context);
  const server: LanguageServer = new LanguageServer({
    log,
    settingKeys: settingKeys(context),
    command: () => finder.find(),
    databaseUrls: () => databaseUrl.take(),
    linkDiagnostics: (diagnostics) => {
      pages.link(diagnostics);
    },
  });
  const databaseUrl = new DatabaseUrl(context.secrets, server, () => finder.find());
  leave = () => server.stop();

  context.subscriptions.push(
    log,
    databaseUrl,
    vscode.commands.registerCommand("specql.restartServer", () => server.restart()),
    vscode.commands.registerCommand("specql.showLog", () => {
      log.show();
    }),
    vscode.commands.registerCommand("specql.selectInterpreter", () => selectInterpreter()),
    vscode.commands.registerCommand("specql.setDatabaseUrl", () => databaseUrl.set()),
    vscode.commands.registerCommand("specql.forgetDatabaseUrl", () => databaseUrl.forget()),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (RESTARTING.some((key) => event.affectsConfiguration(key))) void server.restartUnlessIdle();
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(() => void server.restartUnlessIdle()),
    vscode.workspace.onDidChangeWorkspaceFolders(() => {
      followFolders();
      void databaseUrl.follow();
    }),
    log.onDidChangeLogLevel(() => void server.followLogLevel()),
  );
  registerStatusItems(context, server);
  const listings = new Listings();
  context.subscriptions.push(listings);
  registerViews(context, server, listings);
  registerCommands(context, server, listings);
  registerDetection(context);
  followFolders();
  context.subscriptions.push(onActivationTrigger(() => void server.start()));
}

/** Ends the server; VS Code waits for it. */
export async function deactivate(): Promise<void> {
  await leave?.();
  leave = undefined;
}

/** `when` clauses tell a workspace that no server can read from one that has nothing for it. */
function followFolders(): void {
  void vscode.commands.executeCommand("setContext", "specql.virtual", isVirtualWorkspace());
}

/** Every setting of the extension, without `specql.`. */
function settingKeys(context: vscode.ExtensionContext): string[] {
  const manifest = context.extension.packageJSON as {
    contributes: { configuration: { properties: Record<string, unknown> }[] };
  };
  return manifest.contributes.configuration.flatMap((group) =>
    Object.keys(group.properties).map((key) => key.replace(/^specql\./, "")),
  );
}
