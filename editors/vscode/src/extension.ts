import * as vscode from "vscode";
import { LanguageServer } from "./client/languageServer";
import { registerCommands } from "./commands";
import { registerDetection } from "./detection";
import { ServerFinder, selectInterpreter } from "./environment/find";
import { DatabaseUrl } from "./secrets/commands";
import { registerStatusItems } from "./status/items";
import { registerViews } from "./views";

const RESTARTING = ["specql.server.path", "specql.server.interpreter"];

/** Registers everything and starts the server; what takes long goes on afterwards. */
export function activate(context: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel("SpecQL", { log: true });
  const finder = new ServerFinder(context, log, () => server.restart());
  const server: LanguageServer = new LanguageServer({
    log,
    settingKeys: settingKeys(context),
    command: () => finder.find(),
    databaseUrl: () => databaseUrl.get(),
  });
  const databaseUrl = new DatabaseUrl(context.secrets, server, () => finder.find());

  registerStatusItems(context, server);
  registerViews(context, server);
  registerCommands(context, server);
  registerDetection(context);
  context.subscriptions.push(
    log,
    server,
    vscode.commands.registerCommand("specql.restartServer", () => server.restart()),
    vscode.commands.registerCommand("specql.showLog", () => log.show()),
    vscode.commands.registerCommand("specql.selectInterpreter", () => selectInterpreter()),
    vscode.commands.registerCommand("specql.setDatabaseUrl", () => databaseUrl.set()),
    vscode.commands.registerCommand("specql.forgetDatabaseUrl", () => databaseUrl.forget()),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (RESTARTING.some((key) => event.affectsConfiguration(key))) void server.restart();
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(() => void server.restart()),
    vscode.workspace.onDidChangeWorkspaceFolders(() => {
      if (server.state === "idle") void server.start();
    }),
    log.onDidChangeLogLevel(() => void server.restart()),
  );
  void server.start();
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
