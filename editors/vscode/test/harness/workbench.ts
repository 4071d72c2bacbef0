import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Browser, chromium, type Locator, type Page } from "playwright-core";
import { CODE_SERVER, EXTENSION, FAILURES, PICTURES, PYTHON, WORKSPACE } from "./paths";

/** How long anything may take before it is held to have failed. The machine may be slow; nothing depends on it. */
export const PATIENCE = Number(process.env["SPECQL_PATIENCE_MS"] ?? 120_000);
/** How long a workbench may take to show its folders before it is loaded anew. */
const LOADING_MS = 20_000;
const CHROMIUM = process.env["SPECQL_CHROMIUM"] ?? "/usr/bin/chromium";

export interface Options {
  /** The user's settings, beside the quiet ones of every test. */
  readonly settings?: Record<string, unknown>;
  /** Added to the environment of VS Code's server. */
  readonly environment?: Record<string, string>;
  /** Whether workspaces have to be trusted first. */
  readonly trust?: boolean;
  /** Files beside those of the workspace, by their paths. */
  readonly files?: Record<string, string>;
  /** Whether the extension sets up its own environment; else the project's is used. */
  readonly ownEnvironment?: boolean;
}

const QUIET: Record<string, unknown> = {
  "workbench.startupEditor": "none",
  "workbench.tips.enabled": false,
  "workbench.colorTheme": "Default Dark Modern",
  "workbench.editor.enablePreview": false,
  "workbench.layoutControl.enabled": false,
  "window.commandCenter": false,
  "window.menuBarVisibility": "compact",
  "telemetry.telemetryLevel": "off",
  "security.workspace.trust.startupPrompt": "never",
  "security.workspace.trust.banner": "never",
  "editor.minimap.enabled": false,
  "editor.accessibilitySupport": "off",
  "diffEditor.useInlineViewWhenSpaceIsLimited": false,
  "editor.hover.delay": 100,
  // A tooltip over a tree would take the next click.
  "workbench.hover.delay": 20_000,
  "editor.hover.sticky": true,
  // Hints are part of the lines that tests compare, and lenses move lines; the tests of both switch them on.
  "editor.inlayHints.enabled": "off",
  "editor.codeLens": false,
  "editor.cursorBlinking": "solid",
  "editor.quickSuggestionsDelay": 10,
  "files.autoSave": "off",
  "files.hotExit": "off",
  "extensions.ignoreRecommendations": true,
  "git.enabled": false,
  "chat.commandCenter.enabled": false,
  "notebook.output.textLineLimit": 30,
};

/** What pictures leave out: messages, which other tests look at, and items that are about the browser. */
const UNCLUTTERED =
  ".notifications-toasts, [id='status.workbench.keyboardLayout'], [id='status.forwardedPorts'] { display: none !important }";

/** A small window, whose text can be read where a README shows it, in more pixels than it has. */
const PICTURE_SIZE = { viewport: { width: 1120, height: 680 }, deviceScaleFactor: 1.5 };
const SIZE = { viewport: { width: 1280, height: 800 } };

/** VS Code's workbench, served by code-server and shown in a real browser, with the built extension and a workspace of its own. */
export class Workbench {
  private frames = 0;

  private constructor(
    readonly folder: string,
    readonly home: string,
    readonly page: Page,
    private readonly browser: Browser,
    private readonly server: ChildProcess,
  ) {}

  static async open(options: Options = {}): Promise<Workbench> {
    const home = await mkdtemp(path.join(tmpdir(), "specql-vscode-"));
    const folder = path.join(home, "workspace");
    await cp(WORKSPACE, folder, { recursive: true });
    for (const [name, text] of Object.entries(options.files ?? {})) {
      await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
      await writeFile(path.join(folder, name), text);
    }
    const user = path.join(home, "data", "User");
    await mkdir(user, { recursive: true });
    const own = options.ownEnvironment ? {} : { "specql.server.interpreter": PYTHON };
    await writeFile(path.join(user, "settings.json"), JSON.stringify({ ...QUIET, ...own, ...options.settings }));
    const shared = ["--user-data-dir", path.join(home, "data"), "--extensions-dir", path.join(home, "extensions")];
    const environment = { ...cleanEnvironment(home), ...options.environment };
    installExtension(shared, environment);
    const trust = options.trust ? [] : ["--disable-workspace-trust"];
    const server = spawn(
      process.execPath,
      [CODE_SERVER, "--auth", "none", "--disable-telemetry", "--disable-update-check", "--disable-getting-started-override",
        ...trust, "--bind-addr", "127.0.0.1:0", ...shared],
      { env: environment, stdio: "pipe" },
    );
    let browser: Browser | undefined;
    try {
      const address = await listening(server);
      browser = await chromium.launch({
        executablePath: CHROMIUM,
        args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
          "--disable-component-update", "--disable-sync", "--force-color-profile=srgb"],
      });
      const context = await browser.newContext({ ...(PICTURES ? PICTURE_SIZE : SIZE), permissions: ["clipboard-read", "clipboard-write"] });
      const page = await context.newPage();
      page.setDefaultTimeout(PATIENCE);
      await page.goto(`${address}?folder=${encodeURIComponent(folder)}`);
      await page.locator(".monaco-workbench").waitFor();
      await page.locator(".statusbar").waitFor();
      return new Workbench(folder, home, page, browser, server);
    } catch (error) {
      await browser?.close();
      server.kill();
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.browser.close();
    if (this.server.exitCode === null) {
      const ended = once(this.server, "exit");
      this.server.kill();
      await ended;
    }
    await rm(this.home, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }

  /** Runs a test's body; where it fails, a picture and the log stay behind. */
  async traced<T>(name: string, body: () => Promise<T>): Promise<T> {
    try {
      return await body();
    } catch (error) {
      const place = path.join(FAILURES, name.replace(/[^a-z0-9]+/gi, "-"));
      await mkdir(place, { recursive: true });
      await this.page.screenshot({ path: path.join(place, "workbench.png") }).catch(() => undefined);
      await writeFile(path.join(place, "log.txt"), await this.log());
      throw error;
    }
  }

  /**
   * Takes a picture for the README, where pictures are asked for.
   *
   * @param height how much of the window it shows, from above, in CSS pixels; without it all
   */
  async picture(name: string, height?: number): Promise<void> {
    if (!PICTURES) return;
    await mkdir(PICTURES, { recursive: true });
    await this.unscrolled();
    const clip = height === undefined ? {} : { clip: { x: 0, y: 0, width: PICTURE_SIZE.viewport.width, height } };
    await this.page.screenshot({ path: path.join(PICTURES, `${name}.png`), style: UNCLUTTERED, ...clip });
  }

  /**
   * Takes a frame of the README's recording, where pictures are asked for.
   *
   * @param part the part of the recording; the parts are shown in the order of their names
   * @param milliseconds how long the frame is shown
   */
  async frame(part: string, milliseconds: number): Promise<void> {
    if (!PICTURES) return;
    const folder = path.join(PICTURES, "recording");
    await mkdir(folder, { recursive: true });
    this.frames += 1;
    const file = `${part}-${String(this.frames).padStart(3, "0")}-${milliseconds}.png`;
    await this.unscrolled();
    await this.page.screenshot({ path: path.join(folder, file), style: UNCLUTTERED, scale: "css" });
  }

  /** Puts the workbench back into its place: the browser scrolls parts of it to what the mouse goes to. */
  private async unscrolled(): Promise<void> {
    await this.page.evaluate(() => {
      const parts = document.querySelectorAll<HTMLElement>("body, .monaco-workbench, .monaco-workbench .part, .monaco-workbench .part *");
      for (const part of Array.from(parts)) {
        if (part.closest(".tabs-and-actions-container")) continue; // the row of tabs shows the active one
        if (part.scrollLeft !== 0 && getComputedStyle(part).overflowX === "hidden") part.scrollLeft = 0;
        if (part.scrollTop !== 0 && getComputedStyle(part).overflowY === "hidden") part.scrollTop = 0;
      }
    });
  }

  /** Gives the editor the place of the side bar. */
  async hideSideBar(): Promise<void> {
    await this.command("View: Toggle Primary Side Bar Visibility");
    await this.page.locator(".part.sidebar").waitFor({ state: "hidden" });
  }

  /** Opens another folder or workspace in the window. A workbench now and then comes up without any folder: it is loaded anew. */
  async openPlace(what: "folder" | "workspace", place: string): Promise<void> {
    const { origin } = new URL(this.page.url());
    await until(`the folders of ${place}`, async () => {
      await this.page.goto(`${origin}/?${what}=${encodeURIComponent(place)}`);
      await this.page.locator(".statusbar").waitFor();
      await this.command("View: Show Explorer");
      const file = this.page.locator(".explorer-folders-view .monaco-list-row").first();
      return await file.waitFor({ timeout: LOADING_MS }).then(
        () => true,
        () => false,
      );
    });
  }

  // --- Files and editors

  path(file: string): string {
    return path.join(this.folder, file);
  }

  async read(file: string): Promise<string> {
    return await readFile(this.path(file), "utf8");
  }

  /** Opens a file by the quick open that a user has. */
  async openFile(file: string): Promise<Locator> {
    const name = path.basename(file);
    // Not Enter: what is first in the list may still be that of an empty question.
    const row = this.page.locator(".quick-input-list .monaco-list-row", { hasText: name }).first();
    const tab = this.page.locator(".tab.active", { hasText: name });
    await until(`${file} opened from the list`, async () => {
      // What opens by itself, such as the Welcome page, closes the list.
      if (!(await this.quickInput.isVisible())) await this.page.keyboard.press("Control+P");
      await this.quickInput.fill(file, { timeout: 2000 }).catch(() => undefined);
      const clicked = row.click({ timeout: 2000 });
      return await clicked.then(() => tab.waitFor({ timeout: Math.min(PATIENCE, 10_000) })).then(
        () => true,
        () => false,
      );
    });
    const editor = this.editor;
    await editor.waitFor();
    return editor;
  }

  /** Opens a file, and gives the language that it is shown to have. */
  async languageOf(file: string): Promise<string> {
    await this.openFile(file);
    const mode = this.page.locator("[id='status.editor.mode']");
    await mode.waitFor();
    // The language is found just after the file is shown: it is settled when it stays.
    let last = "";
    return await until(`the language of ${file}`, async () => {
      const now = (await mode.textContent())?.trim() ?? "";
      const settled = now !== "" && now === last;
      last = now;
      if (!settled) await this.page.waitForTimeout(700);
      return settled ? now : undefined;
    });
  }

  get editor(): Locator {
    return this.page.locator(".editor-group-container.active .monaco-editor[role='code']").first();
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

  /** Puts the cursor at the end of a line, from 1. */
  async goToEndOfLine(line: number): Promise<void> {
    await this.page.keyboard.press("Control+G");
    await this.quickInput.fill(`:${line}`);
    await this.page.keyboard.press("Enter");
    await this.page.keyboard.press("End");
  }

  /** Clicks on a word of the active editor's first line that contains a text. */
  async clickOn(line: string, word: string, options: { modifiers?: ("Control" | "Shift")[] } = {}): Promise<void> {
    await this.editor.locator(".view-line", { hasText: line }).first().locator("span span", { hasText: word }).last().click(options);
  }

  /** Replaces the whole text of the active editor by typing. */
  async typeText(text: string): Promise<void> {
    await this.editor.click();
    await this.page.keyboard.press("Control+A");
    await this.page.keyboard.press("Delete");
    await this.page.keyboard.type(text, { delay: 15 });
  }

  /** Presses a key until something is shown: an editor that is just shown now and then drops one. */
  async pressUntilShown(key: string, shown: Locator): Promise<void> {
    await until(`what ${key} shows`, async () => {
      await this.page.keyboard.press(key);
      return await shown.waitFor({ timeout: Math.min(PATIENCE, 10_000) }).then(
        () => true,
        () => false,
      );
    });
  }

  async save(): Promise<void> {
    await this.page.keyboard.press("Control+S");
    await this.page.locator(".tab.active.dirty").waitFor({ state: "detached" });
  }

  /** Opens the menu of code actions at the cursor once it has one with a text: the server may have to find what it mends. */
  async openActions(title: string | RegExp): Promise<void> {
    const action = this.page.locator(".action-widget .monaco-list-row", { hasText: title }).first();
    await until(`${title} in the light bulb's menu`, async () => {
      await this.page.keyboard.press("Control+.");
      const offered = await action.waitFor({ timeout: Math.min(PATIENCE, 10_000) }).then(
        () => true,
        () => false,
      );
      if (!offered) await this.page.keyboard.press("Escape");
      return offered;
    });
  }

  /** Chooses from the menu of code actions that is open, by keys: a page that scrolls to the menu shows the workbench out of its place. */
  async chooseAction(title: string | RegExp): Promise<void> {
    const focused = this.page.locator(".action-widget .monaco-list-row.focused", { hasText: title });
    await until(`${title} under the cursor`, async () => {
      if (await focused.isVisible()) return true;
      await this.page.keyboard.press("ArrowDown");
      return false;
    });
    await this.page.keyboard.press("Enter");
  }

  // --- The workbench

  /** Runs a command of the palette by its title. */
  async command(title: string): Promise<void> {
    const row = this.page.locator(".quick-input-list .monaco-list-row", { hasText: title }).first();
    await until(`the command ${title}`, async () => {
      // What takes the keyboard by itself, such as a tree that has just got its rows, closes the palette.
      if (!(await this.quickInput.isVisible())) await this.page.keyboard.press("F1");
      await this.quickInput.fill(`>${title}`, { timeout: 2000 }).catch(() => undefined);
      return await row.click({ timeout: 5000 }).then(
        () => true,
        () => false,
      );
    });
  }

  get status(): Locator {
    return this.page.locator(".statusbar-item", { hasText: "SpecQL" }).first();
  }

  /** Waits until the status item says something. */
  async statusSays(text: string | RegExp): Promise<void> {
    await this.page.locator(".statusbar-item").filter({ hasText: text }).first().waitFor();
  }

  /** Opens the extension's views. */
  async openViews(): Promise<void> {
    await this.command("SpecQL: Focus on Registry View");
    await this.row("crm").waitFor();
  }

  /** Clicks on a row until a file is shown: a tree that is just drawn anew takes the click and does nothing. */
  async openByRow(text: string, file: string): Promise<void> {
    const tab = this.page.locator(".tab.active", { hasText: file });
    await until(`${file} opened from the tree`, async () => {
      await this.row(text).click();
      return await tab.waitFor({ timeout: Math.min(PATIENCE, 10_000) }).then(
        () => true,
        () => false,
      );
    });
  }

  /** A row of a tree, by its text. */
  row(text: string | RegExp): Locator {
    return this.page.locator(".sidebar .monaco-list-row", { hasText: text }).first();
  }

  /** Chooses an item of the context menu that is open. A menu takes no click just after it has opened. */
  async chooseInMenu(label: string): Promise<void> {
    const item = this.page.locator(".monaco-menu .action-item", { hasText: label }).first();
    await item.waitFor();
    await until(`the choice of ${label}`, async () => {
      await item.click({ timeout: 2000 }).catch(() => undefined);
      return !(await item.isVisible());
    });
  }

  /** The input of the palette, of quick picks and of questions. */
  get quickInput(): Locator {
    return this.page.locator(".quick-input-widget .quick-input-box input").first();
  }

  /** Accepts a step of several, and waits for what follows. */
  async nextStep(): Promise<void> {
    const title = this.page.locator(".quick-input-widget .quick-input-title");
    const before = await title.textContent();
    await this.page.keyboard.press("Enter");
    await until("the next step", async () => !(await title.isVisible()) || (await title.textContent()) !== before);
  }

  notification(text: string | RegExp): Locator {
    return this.page.locator(".notification-toast, .notifications-center .notification-list-item", { hasText: text }).first();
  }

  async closeNotifications(): Promise<void> {
    await this.command("Notifications: Clear All Notifications");
  }

  suggestion(label: string | RegExp): Locator {
    return this.page.locator(".suggest-widget .monaco-list-row", { hasText: label }).first();
  }

  /** Everything that the extension and its server have logged. */
  async log(): Promise<string> {
    const texts: string[] = [];
    const walk = async (folder: string): Promise<void> => {
      for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
        const full = path.join(folder, entry.name);
        if (entry.isDirectory()) await walk(full);
        else if (entry.name.endsWith(".log")) texts.push(`== ${full}\n${await readFile(full, "utf8")}`);
      }
    };
    await walk(path.join(this.home, "data", "logs"));
    return texts.join("\n");
  }
}

/** Waits until a condition holds; a wait of the tests' own for what no locator can see. */
export async function until<T>(what: string, look: () => Promise<T | undefined | false | null>): Promise<T> {
  const deadline = Date.now() + PATIENCE;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > deadline) throw new Error(`It did not come about: ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function cleanEnvironment(home: string): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(SPECQL_|PG|VSCODE_|NODE_)/.test(name));
  return { ...Object.fromEntries(kept), XDG_CONFIG_HOME: path.join(home, "config"), XDG_DATA_HOME: path.join(home, "share") };
}

function installExtension(shared: readonly string[], environment: NodeJS.ProcessEnv): void {
  const vsix = path.join(EXTENSION, "..", "..", "dist", `specql-${version()}.vsix`);
  const done = spawnSync(process.execPath, [CODE_SERVER, ...shared, "--install-extension", vsix], { env: environment, encoding: "utf8" });
  if (done.status !== 0) throw new Error(`The extension could not be installed.\n${done.stdout}\n${done.stderr}`);
}

function version(): string {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return (require(path.join(EXTENSION, "package.json")) as { version: string }).version;
}

/** The address, on a port of its own choice, at which code-server says that it listens. */
async function listening(server: ChildProcess): Promise<string> {
  let output = "";
  return new Promise<string>((resolve, reject) => {
    const take = (data: Buffer) => {
      output += data.toString();
      const said = /HTTP server listening on (http:\/\/[^\s/]+\/)/.exec(output);
      if (said?.[1]) resolve(said[1]);
    };
    server.stdout?.on("data", take);
    server.stderr?.on("data", take);
    server.on("exit", () => reject(new Error(`code-server has ended.\n${output}`)));
  });
}
