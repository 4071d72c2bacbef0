import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import * as vscode from "vscode";
import { linkTo, summaryOf } from "./links";

/** The pages of the rules, which the extension brings with it. */
export class RulePages {
  private readonly codes: ReadonlySet<string>;

  constructor(private readonly folder: string) {
    const names = readdirSync(folder).filter((name) => name.endsWith(".md") && name !== "README.md");
    this.codes = new Set(names.map((name) => path.basename(name, ".md")));
  }

  /** Has the codes of diagnostics open their pages in the editor; a code without a page keeps the server's link. */
  link(diagnostics: readonly vscode.Diagnostic[]): void {
    for (const diagnostic of diagnostics) {
      const { code } = diagnostic;
      if (typeof code === "object" && typeof code.value === "string" && this.codes.has(code.value)) {
        diagnostic.code = { value: code.value, target: vscode.Uri.parse(linkTo(code.value)) };
      }
    }
  }

  /** Shows the page of a rule beside the editor; without a code, or with one that is none, it is asked for. */
  async show(code?: unknown): Promise<void> {
    const wanted = typeof code === "string" && this.codes.has(code) ? code : await this.choose();
    if (wanted !== undefined) await vscode.commands.executeCommand("markdown.showPreviewToSide", vscode.Uri.file(this.file(wanted)));
  }

  private async choose(): Promise<string | undefined> {
    const items = [...this.codes].map((label) => ({ label, description: summaryOf(readFileSync(this.file(label), "utf8")) }));
    const chosen = await vscode.window.showQuickPick(items, { title: "SpecQL: Explain a Diagnostic", placeHolder: "The code of the diagnostic, or what it is about", matchOnDescription: true });
    return chosen?.label;
  }

  private file(code: string): string {
    return path.join(this.folder, `${code}.md`);
  }
}

/** Registers the command of the links and of the palette. */
export function registerRulePages(context: vscode.ExtensionContext): RulePages {
  const pages = new RulePages(context.asAbsolutePath("rules"));
  context.subscriptions.push(vscode.commands.registerCommand("specql.explainDiagnostic", (code?: unknown) => pages.show(code)));
  return pages;
}
