import type { Locator, Page } from "playwright-core";
import { ACT_MS, type Effect, eventually, gone, isSeen, repeat, until } from "./waiting";

/** What is around the editors: the palette, questions, messages, trees and their menus. */
export class Screen {
  constructor(readonly page: Page) {}

  /** Clicks on something until the effect is seen. */
  async click(target: Locator, effect: Effect, options: { button?: "right"; modifiers?: ("Control" | "Shift")[] } = {}): Promise<void> {
    const act = async () => {
      // A link is only followed where the mouse has come to it with the key held.
      if (options.modifiers) await this.page.mouse.move(0, 0);
      await target.click({ ...options, timeout: ACT_MS });
    };
    await repeat(`the effect of a click on ${String(target)}`, act, effect);
  }

  /** Presses a key until the effect is seen; in the input of a question, where one is given. */
  async press(key: string, effect: Effect, input?: Locator): Promise<void> {
    const act = () => (input ? input.press(key, { timeout: ACT_MS }) : this.page.keyboard.press(key));
    await repeat(`the effect of ${key}`, act, effect);
  }

  // --- The palette, and questions

  /** The input of the palette, of quick picks and of questions. */
  get quickInput(): Locator {
    return this.page.locator(".quick-input-widget .quick-input-box input").first();
  }

  /** The question that is shown, by its title, its prompt or what else it says. */
  question(text: string | RegExp): Locator {
    return this.page.locator(".quick-input-widget:visible", { hasText: text });
  }

  /** The choice of a quick pick. */
  choice(text: string | RegExp): Locator {
    return this.page.locator(".quick-input-list .monaco-list-row", { hasText: text }).first();
  }

  /**
   * Runs a command of the palette by its title.
   *
   * @param effect what shows that it ran; it is run once more where that does not come
   */
  async command(title: string, effect?: Effect): Promise<void> {
    const asked = `>${title}`;
    const isTaken = async () => !(await this.quickInput.isVisible()) || (await this.quickInput.inputValue({ timeout: ACT_MS })) !== asked;
    const act = async () => {
      await until(`the command ${title}`, async () => {
        // What takes the keyboard by itself, such as a tree that has just got its rows, closes the palette.
        if (!(await this.quickInput.isVisible())) await this.page.keyboard.press("F1");
        const done = this.quickInput.fill(asked, { timeout: ACT_MS }).then(() => this.choice(title).click({ timeout: ACT_MS }));
        if (await done.then(() => true, () => false)) return await isSeen(isTaken);
        // Another question may have the place.
        if (await this.quickInput.isVisible()) await this.page.keyboard.press("Escape");
        return false;
      });
    };
    if (effect) await repeat(`what ${title} shows`, act, effect);
    else await act();
  }

  /** Chooses from a quick pick, and waits until it is no longer the one that is shown. */
  async choose(text: string | RegExp, effect?: Effect): Promise<void> {
    await this.choice(text).waitFor();
    const isNext = await this.nextQuestion();
    // What is asked next may have a choice with the same text: a second click would be about that.
    await this.click(this.choice(text), effect ?? (async () => !(await this.choice(text).isVisible()) || (await isNext())));
  }

  /** Whether another question than the present one is shown by then, or none. */
  private async nextQuestion(): Promise<() => Promise<boolean>> {
    const title = this.page.locator(".quick-input-widget .quick-input-title");
    if (!(await title.isVisible())) return async () => !(await this.quickInput.isVisible());
    const before = await title.textContent();
    return async () => !(await title.isVisible()) || (await title.textContent({ timeout: ACT_MS })) !== before;
  }

  /** Waits until the question that is shown proposes a value. */
  async asksWith(value: string): Promise<void> {
    await until(`a question that proposes «${value}»`, async () => (await this.quickInput.isVisible()) && (await this.quickInput.inputValue()) === value);
  }

  /** Answers a question, and waits until it is no longer the one that is shown. */
  async answer(text?: string): Promise<void> {
    await this.quickInput.waitFor();
    const isNext = await this.nextQuestion();
    if (text !== undefined) await this.quickInput.fill(text);
    await this.press("Enter", isNext, this.quickInput);
  }

  /** Leaves what the keyboard is in: a question, a menu, a list. */
  async leave(shown: Locator = this.quickInput): Promise<void> {
    await this.press("Escape", gone(shown));
  }

  // --- Messages

  /** A dialog that keeps everything else waiting. */
  dialog(text: string | RegExp = ""): Locator {
    return this.page.locator(".monaco-dialog-box", { hasText: text });
  }

  /** Presses a button of a dialog once it is shown. */
  async agree(text: string | RegExp, button: string): Promise<void> {
    const dialog = this.dialog(text);
    await dialog.waitFor();
    await this.click(dialog.getByRole("button", { name: button }), gone(dialog));
  }

  notification(text: string | RegExp): Locator {
    return this.page.locator(".notification-toast, .notifications-center .notification-list-item", { hasText: text }).first();
  }

  /** Waits until something was notified. A notification hides by itself after some seconds; the centre of notifications keeps it. */
  async notified(text: string | RegExp): Promise<Locator> {
    const told = this.notification(text);
    await until(`the notification ${String(text)}`, async () => {
      if (await isSeen(told)) return true;
      const centre = this.page.locator(".notifications-center");
      if (!(await centre.isVisible())) await this.page.locator("[id='status.notifications']").click({ timeout: ACT_MS }).catch(() => undefined);
      return await told.isVisible();
    });
    return told;
  }

  /** Presses a button of a notification. */
  async react(text: string | RegExp, button: string, effect: Effect = gone(this.notification(text))): Promise<void> {
    const act = async () => (await this.notified(text)).getByRole("button", { name: button }).click({ timeout: ACT_MS });
    await repeat(`the effect of ${button}`, act, effect);
  }

  async closeNotifications(): Promise<void> {
    const any = this.page.locator(".notification-toast, .notifications-center .notification-list-item").first();
    await this.command("Notifications: Clear All Notifications", gone(any));
  }

  async clipboard(): Promise<string> {
    return await this.page.evaluate(() => navigator.clipboard.readText());
  }

  // --- The status bar

  get status(): Locator {
    return this.page.locator(".statusbar-item", { hasText: "SpecQL" }).first();
  }

  /** Waits until the status item says something. */
  async statusSays(text: string | RegExp): Promise<void> {
    await this.page.locator(".statusbar-item").filter({ hasText: text }).first().waitFor();
  }

  /** Waits until the status item has an attribute that an assertion holds for. */
  async statusHas(name: string, check: (value: string) => void): Promise<void> {
    await eventually(() => this.status.getAttribute(name, { timeout: ACT_MS }), (value) => { check(value ?? ""); });
  }

  // --- Trees

  /** A row of a tree, by its text. */
  row(text: string | RegExp): Locator {
    return this.page.locator(".sidebar .monaco-list-row", { hasText: text }).first();
  }

  explorerRow(name: string): Locator {
    return this.page.locator(".explorer-folders-view .monaco-list-row", { hasText: name }).first();
  }

  /** Opens the extension's views. */
  async openViews(): Promise<void> {
    await this.command("SpecQL: Focus on Registry View", this.row("crm"));
  }

  /** Opens a row until another one is shown, which is in it. */
  async expand(text: string, child: string): Promise<void> {
    const row = this.row(text);
    // A second click would close it again.
    const act = async () => (await row.getAttribute("aria-expanded", { timeout: ACT_MS })) === "true" || (await row.click({ timeout: ACT_MS }));
    await repeat(`what ${text} holds`, act, this.row(child));
  }

  /** Presses a button in a row, which is only there while the mouse is over the row. */
  async rowAction(row: Locator, label: string, effect: Effect): Promise<void> {
    const act = async () => {
      await row.hover({ timeout: ACT_MS });
      await row.locator(`.action-label[aria-label^='${label}']`).click({ timeout: ACT_MS });
    };
    await repeat(`the effect of ${label}`, act, effect);
  }

  /** Chooses from the context menu of something; with `button: "left"`, from the menu that a button opens. */
  async menu(target: Locator, label: string, effect: Effect, button: "left" | "right" = "right"): Promise<void> {
    const item = this.page.locator(".monaco-menu .action-item", { hasText: label }).first();
    const act = async () => {
      if (!(await item.isVisible())) await target.click({ button, timeout: ACT_MS });
      await item.waitFor({ timeout: ACT_MS });
      // A menu takes no click just after it has opened.
      await until(`the choice of ${label}`, async () => {
        await item.click({ timeout: ACT_MS }).catch(() => undefined);
        return !(await item.isVisible());
      });
    };
    await repeat(`the effect of ${label}`, act, effect);
  }
}
