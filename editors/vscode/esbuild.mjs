// Bundles the extension, or (--tests=unit, --tests=e2e) its tests, into dist/.
import { readdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { build } from "esbuild";

const tests = process.argv.map((each) => /^--tests=(unit|e2e)$/.exec(each)?.[1]).find(Boolean);
const production = process.argv.includes("--production");
const shared = { bundle: true, platform: "node", format: "cjs", logLevel: "warning" };

if (tests) {
  await rm(`dist/test/${tests}`, { recursive: true, force: true });
  const entryPoints = readdirSync(`test/${tests}`)
    .filter((name) => name.endsWith(".test.ts"))
    .map((name) => `test/${tests}/${name}`);
  await build({ ...shared, target: "node20", entryPoints, outdir: `dist/test/${tests}`, sourcemap: "inline", packages: "external" });
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
