// Draws images/icon.png from images/icon.svg, in the browser of the end-to-end tests: npm run icon
import { readFile } from "node:fs/promises";
import { chromium } from "playwright-core";

const browser = await chromium.launch({ executablePath: process.env.SPECQL_CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
const page = await browser.newPage({ viewport: { width: 256, height: 256 } });
await page.setContent(`<style>body{margin:0;background:transparent}</style>${await readFile("images/icon.svg", "utf8")}`);
await page.screenshot({ path: "images/icon.png", omitBackground: true });
await browser.close();
