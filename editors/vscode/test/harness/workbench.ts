import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { Editors } from "./editors";
import { CODE_SERVER, EXTENSION, FAILURES, PICTURES, PYTHON, WORKSPACE } from "./paths";
import { report } from "./report";
import { eventually, gone, PATIENCE, until } from "./waiting";

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
export class Workbench extends Editors {
  private frames = 0;

  private constructor(
    readonly folder: string,
    readonly home: string,
    page: Page,
    private readonly browser: Browser,
    private readonly server: ChildProcess,
  ) {
    super(page);
  }

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

  /** Runs a test's body; where it fails, the output says what was shown, and a picture and the logs stay behind. */
  async traced<T>(name: string, body: () => Promise<T>): Promise<T> {
    try {
      return await body();
    } catch (error) {
      const place = path.join(FAILURES, name.replace(/[^a-z0-9]+/gi, "-"));
      await mkdir(place, { recursive: true });
      console.log(`${name} has failed. ${await report(this.page, await this.log("specql.specql"))}`);
      await this.page.screenshot({ path: path.join(place, "workbench.png") }).catch(() => undefined);
      await writeFile(path.join(place, "log.txt"), await this.log());
      await this.page.keyboard.press("Escape").catch(() => undefined); // a dialog or a question would keep the next test waiting
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
    await this.command("View: Toggle Primary Side Bar Visibility", gone(this.page.locator(".part.sidebar")));
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

  // --- The workspace's files

  path(file: string): string {
    return path.join(this.folder, file);
  }

  async read(file: string): Promise<string> {
    return await readFile(this.path(file), "utf8");
  }

  /** Waits until a file of the workspace has a text that an assertion holds for. */
  async fileHolds(file: string, check: (text: string) => void): Promise<void> {
    await eventually(() => this.read(file), check);
  }

  /** Everything that the extension and its server have logged; with a text, what is logged in files whose paths have it. */
  async log(part = ""): Promise<string> {
    const texts: string[] = [];
    const walk = async (folder: string): Promise<void> => {
      for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
        const full = path.join(folder, entry.name);
        if (entry.isDirectory()) await walk(full);
        else if (entry.name.endsWith(".log") && full.includes(part)) texts.push(`== ${full}\n${await readFile(full, "utf8")}`);
      }
    };
    await walk(path.join(this.home, "data", "logs"));
    return texts.join("\n");
  }

  /** Waits until everything that is logged is something that an assertion holds for. */
  async logHolds(check: (text: string) => void): Promise<void> {
    await eventually(() => this.log(), check);
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
