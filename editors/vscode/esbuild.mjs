// Bundles the extension, or (--tests) its unit tests, into dist/.
import { readdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { build } from "esbuild";

const tests = process.argv.includes("--tests");
const production = process.argv.includes("--production");
const shared = { bundle: true, platform: "node", format: "cjs", logLevel: "warning" };

if (tests) {
  await rm("dist/test", { recursive: true, force: true });
  const entryPoints = readdirSync("test/unit")
    .filter((name) => name.endsWith(".test.ts"))
    .map((name) => `test/unit/${name}`);
  await build({ ...shared, target: "node20", entryPoints, outdir: "dist/test/unit", sourcemap: "inline", packages: "external" });
} else {
  await build({
    ...shared,
    target: "node18",
    entryPoints: ["src/extension.ts"],
    outfile: "dist/extension.js",
    external: ["vscode"],
    sourcemap: !production,
    minify: production,
  });
}
