// Draws images/icon.png from images/icon.svg: node scripts/icon.mjs
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { Resvg, initWasm } from "@resvg/resvg-wasm";

/** The PNG of the icon, 256 pixels wide, as bytes. */
export async function drawIcon() {
  await initWasm(readFileSync(createRequire(import.meta.url).resolve("@resvg/resvg-wasm/index_bg.wasm")));
  const svg = readFileSync(new URL("../images/icon.svg", import.meta.url), "utf8");
  return new Resvg(svg, { fitTo: { mode: "width", value: 256 } }).render().asPng();
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  writeFileSync(new URL("../images/icon.png", import.meta.url), await drawIcon());
}
