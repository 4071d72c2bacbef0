import * as vscode from "vscode";
import { SHOW_ALL } from "./listing";

const SCHEME = "specql-list";

/** What a user is asked to agree to. */
export interface Question {
  readonly text: string;
  readonly detail: string;
  /** The button that agrees. */
  readonly yes: string;
  /** Every line of the list, where `detail` has only the first ones. */
  readonly whole?: readonly string[];
}

type Ask = (text: string, options: vscode.MessageOptions, ...buttons: string[]) => Thenable<string | undefined>;

/** Shows lists that are too long for a dialog, as read-only documents. */
export class Listings implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly texts = new Map<string, string>();
  private readonly subscriptions = [
    vscode.workspace.registerTextDocumentContentProvider(SCHEME, this),
    vscode.workspace.onDidCloseTextDocument((document) => this.texts.delete(document.uri.toString())),
  ];
  private count = 0;

  dispose(): void {
    for (const each of this.subscriptions) each.dispose();
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.texts.get(uri.toString()) ?? "";
  }

  /**
   * Asks in a dialog whether something is to be done. A list that is cut there can be read in full first: then the
   * question stays beside it, as a message.
   *
   * @param ask shows the dialog and the message
   */
  async agreed(question: Question, ask: Ask = vscode.window.showWarningMessage): Promise<boolean> {
    const { text, detail, yes, whole } = question;
    const chosen = await ask(text, { modal: true, detail }, yes, ...(whole ? [SHOW_ALL] : []));
    if (chosen !== SHOW_ALL || !whole) return chosen === yes;
    await this.show(whole);
    return (await ask(text, {}, yes, "Cancel")) === yes;
  }

  private async show(lines: readonly string[]): Promise<void> {
    this.count += 1;
    const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${this.count}/SpecQL changes.txt` });
    this.texts.set(uri.toString(), `${lines.join("\n")}\n`);
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), { preview: true });
  }
}
