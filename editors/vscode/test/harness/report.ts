import type { Page } from "playwright-core";
import { redact } from "../../src/client/redact";

const LOG_LINES = 30;
const MOST_ROWS = 25;
const MOST_CHARACTERS = 240;
const LOOK_MS = 10_000;

/** What is looked at, by its name in the report, and the CSS selector of its parts. */
const PARTS: Readonly<Record<string, string>> = {
  "active tab": ".tab.active",
  "other tab": ".tab:not(.active)",
  dialog: ".monaco-dialog-box",
  question: ".quick-input-widget .quick-input-header",
  choice: ".quick-input-widget .monaco-list-row",
  menu: ".monaco-menu .action-item, .action-widget .monaco-list-row",
  suggestion: ".suggest-widget.visible .monaco-list-row",
  hover: ".monaco-hover",
  notification: ".notification-toast, .notifications-center .notification-list-item",
  "side bar": ".sidebar .pane-header, .sidebar .message, .sidebar .monaco-list-row",
  panel: ".part.panel .monaco-list-row",
  status: ".statusbar-item",
  text: ".editor-group-container.active .view-line",
};

/**
 * What a workbench shows, and the end of a log, as lines for the output of a test that failed: where tests run, often only
 * the output is kept. Passwords of database URLs are left out, and what could be no text.
 */
export async function report(page: Page, log: string): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string[]>((resolve) => (timer = setTimeout(() => { resolve(["The workbench does not answer."]); }, LOOK_MS)));
  const shown = await Promise.race([looked(page), late]);
  clearTimeout(timer);
  const logged = log.split("\n").filter((line) => line.trim() !== "" && !line.includes("Sending data: ")).slice(-LOG_LINES);
  const lines = ["What the workbench shows:", ...shown.map((line) => `  ${line}`), "The end of the extension's log:", ...logged.map((line) => `  ${line}`)];
  return lines.map(plain).join("\n");
}

async function looked(page: Page): Promise<string[]> {
  const look = page.evaluate(([parts, most]) => {
    const isShown = (node: Element) => (node as HTMLElement).offsetParent !== null || node.getClientRects().length > 0;
    const states = (node: Element) => ["dirty", "selected", "focused"].filter((name) => node.classList.contains(name)).map((name) => ` [${name}]`).join("");
    const value = (node: Element) => Array.from(node.querySelectorAll("input"), (input) => (input.type === "password" ? "" : ` «${input.value}» ${input.placeholder}`)).join("");
    const found = Object.entries(parts).flatMap(([name, selector]) => {
      const nodes = Array.from(document.querySelectorAll(selector)).filter(isShown);
      return nodes.slice(0, most).map((node) => `${name}: ${(node as HTMLElement).innerText.trim() || (node.getAttribute("aria-label") ?? "")}${value(node)}${states(node)}`);
    });
    const active = document.activeElement;
    return [...found, `keyboard: ${active?.tagName ?? ""} ${active?.className ?? ""}`];
  }, [PARTS, MOST_ROWS] as const);
  return await look.catch((error: unknown) => [`The workbench cannot be looked at: ${String(error)}`]);
}

function plain(line: string): string {
  return redact(line).replace(/[\u0000-\u001f\u007f-\u009f]/g, " ").slice(0, MOST_CHARACTERS);
}
