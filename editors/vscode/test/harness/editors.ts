import path from "node:path";
import type { Locator } from "playwright-core";
import { Screen } from "./screen";
import { ACT_MS, type Effect, isSeen, repeat, until } from "./waiting";

/** The editors of the workbench. */
export class Editors extends Screen {
  get editor(): Locator {
    return this.page.locator(".editor-group-container.active .monaco-editor[role='code']").first();
  }

  /** The active tab, by its exact label: a diff editor's label begins with the name of its file. */
  tab(name: string): Locator {
    return this.page.locator(".tab.active").filter({ has: this.labelled(name) });
  }

  private labelled(name: string): Locator {
    return this.page.locator(".label-name", { hasText: new RegExp(`^\\s*${name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}\\s*$`) });
  }

  /** Opens a file by the quick open that a user has, and gives its editor, which has the keyboard then. */
  async openFile(file: string): Promise<Locator> {
    const name = path.basename(file);
    // Not Enter: what is first in the list may still be that of an empty question.
    const row = this.page.locator(".quick-input-list .monaco-list-row").filter({ has: this.labelled(name) }).first();
    const act = async () => {
      // What opens by itself, such as the Welcome page, closes the list.
      if (!(await this.quickInput.isVisible())) await this.page.keyboard.press("Control+P");
      await this.quickInput.fill(file, { timeout: ACT_MS });
      await row.click({ timeout: ACT_MS });
    };
    const isOpen = async () => (await this.tab(name).isVisible()) && !(await this.quickInput.isVisible()) && (await this.hasKeyboard());
    await repeat(`${file} opened from the list`, act, isOpen);
    return this.editor;
  }

  /** Clicks on a row until a file is shown: a tree that is just drawn anew takes the click and does nothing. */
  async openByRow(text: string, file: string): Promise<void> {
    await this.click(this.row(text), this.tab(file));
  }

  private async hasKeyboard(): Promise<boolean> {
    return await this.page.locator(".editor-group-container.active .monaco-editor.focused").first().isVisible();
  }

  get mode(): Locator {
    return this.page.locator("[id='status.editor.mode']");
  }

  /** Opens a file, and gives the language that it is shown to have. */
  async languageOf(file: string): Promise<string> {
    await this.openFile(file);
    await this.mode.waitFor();
    // The language is found just after the file is shown: it is settled when it stays.
    let last = "";
    return await until(`the language of ${file}`, async () => {
      const now = (await this.mode.textContent())?.trim() ?? "";
      const settled = now !== "" && now === last;
      last = now;
      if (!settled) await this.page.waitForTimeout(700);
      return settled ? now : undefined;
    });
  }

  /** The lines of the active editor as they are shown. */
  async shownText(): Promise<string> {
    const lines = await this.editor.locator(".view-line").evaluateAll((nodes) =>
      nodes
        .map((node) => ({ top: parseInt((node as HTMLElement).style.top, 10), text: node.textContent }))
        .sort((one, other) => one.top - other.top)
        .map((line) => line.text.replace(/\u00a0/g, " ")),
    );
    return lines.join("\n");
  }

  /** Waits until the active editor shows a line that contains a text. */
  async lineIsShown(text: string): Promise<void> {
    await this.editor.locator(".view-line", { hasText: text }).first().waitFor();
  }

  /** Waits until the text that the active editor shows contains another. */
  async textIsShown(text: string): Promise<void> {
    await until(`the text ${text}`, async () => (await this.shownText()).includes(text));
  }

  /** Puts the cursor at the end of a line, from 1. */
  async goToEndOfLine(line: number): Promise<void> {
    const act = async () => {
      if (!(await this.quickInput.isVisible())) await this.page.keyboard.press("Control+G");
      await this.quickInput.fill(`:${line}`, { timeout: ACT_MS });
      await this.quickInput.press("Enter", { timeout: ACT_MS });
      if (await isSeen(() => this.hasKeyboard())) await this.page.keyboard.press("End");
    };
    const cursor = this.page.locator("[id='status.editor.selection']", { hasText: new RegExp(`Ln ${line}, `) });
    await repeat(`the cursor in line ${line}`, act, async () => (await cursor.isVisible()) && (await this.hasKeyboard()));
  }

  /** The word of the active editor's first line that contains a text. */
  word(line: string, word: string | RegExp): Locator {
    return this.editor.locator(".view-line", { hasText: line }).first().locator("span span", { hasText: word }).last();
  }

  /** Puts the cursor on a word of the active editor's first line that contains a text; lines move while lenses come. */
  async clickOn(line: string, word: string): Promise<void> {
    const shown = this.editor.locator(".view-line", { hasText: line }).first();
    const number = this.editor.locator(".line-numbers.active-line-number").first();
    const isThere = async () => {
      const [target, active] = await Promise.all([shown.boundingBox({ timeout: ACT_MS }), number.boundingBox({ timeout: ACT_MS })]);
      return target !== null && active !== null && Math.abs(target.y - active.y) < target.height / 2 && (await this.hasKeyboard());
    };
    await this.click(this.word(line, word), isThere);
  }

  /** Puts the mouse over something in the editor until a hover says something. */
  async hoverOver(target: Locator, says: string | RegExp): Promise<Locator> {
    const shown = this.page.locator(".monaco-hover:visible", { hasText: says });
    const act = async () => {
      // What is shown already would lie over the line.
      await this.page.mouse.move(1, 1);
      await this.page.locator(".monaco-hover:visible").first().waitFor({ state: "hidden", timeout: ACT_MS });
      await target.hover({ timeout: ACT_MS });
    };
    await repeat(`the hover that says ${String(says)}`, act, shown);
    return shown;
  }

  /** Replaces the whole text of the active editor by typing. */
  async typeText(text: string): Promise<void> {
    const act = async () => {
      await this.editor.click({ timeout: ACT_MS });
      await this.page.keyboard.press("Control+A");
      await this.page.keyboard.press("Delete");
    };
    await repeat("an empty editor with the keyboard", act, async () => (await this.hasKeyboard()) && (await this.shownText()).trim() === "");
    await this.page.keyboard.type(text, { delay: 15 });
  }

  suggestion(label: string | RegExp): Locator {
    return this.page.locator(".suggest-widget .monaco-list-row", { hasText: label }).first();
  }

  /** The row of the list of suggestions that would be accepted. */
  focusedSuggestion(label: string | RegExp): Locator {
    return this.page.locator(".suggest-widget .monaco-list-row.focused", { hasText: label });
  }

  /** Waits for a suggestion to what was typed. A question that comes while the editor still takes the text in is dropped: it is asked again. */
  async suggested(suggestion: Locator): Promise<void> {
    await until(`the suggestion ${String(suggestion)}`, async () => {
      if (await isSeen(suggestion)) return true;
      if (await this.page.locator(".suggest-widget.visible").isVisible()) await this.page.keyboard.press("Escape");
      await this.page.keyboard.press("Control+Space");
      return false;
    });
  }

  /** Accepts the suggestion that would be accepted, once it is the one that is wanted. */
  async accept(label: string | RegExp): Promise<void> {
    await this.suggested(this.focusedSuggestion(label));
    await this.page.keyboard.press("Tab");
  }

  async save(): Promise<void> {
    const dirty = this.page.locator(".tab.active.dirty");
    await this.press("Control+S", async () => !(await dirty.isVisible()));
  }

  /** Waits until the active file has unsaved changes. */
  async isUnsaved(name: string): Promise<void> {
    await this.tab(name).and(this.page.locator(".dirty")).waitFor();
  }

  /** Opens the menu of code actions at the cursor once it has one with a text: the server may have to find what it mends. */
  async openActions(title: string | RegExp): Promise<void> {
    const action = this.page.locator(".action-widget .monaco-list-row", { hasText: title }).first();
    const act = async () => {
      if (await this.page.locator(".action-widget").isVisible()) await this.page.keyboard.press("Escape");
      await this.page.keyboard.press("Control+.");
    };
    await repeat(`${String(title)} in the light bulb's menu`, act, action);
  }

  /**
   * Chooses from the menu of code actions that is open, by keys: a page that scrolls to the menu shows the workbench out of
   * its place.
   */
  async chooseAction(title: string | RegExp, effect: Effect = async () => !(await this.page.locator(".action-widget").isVisible())): Promise<void> {
    const focused = this.page.locator(".action-widget .monaco-list-row.focused", { hasText: title });
    await until(`${String(title)} under the cursor`, async () => {
      if (await focused.isVisible()) return true;
      await this.page.keyboard.press("ArrowDown");
      return false;
    });
    await this.press("Enter", effect);
  }
}
