// Bundles the extension, or (--tests=unit, --tests=e2e) its tests, into dist/.
import { readdirSync, readFileSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
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
  const { metafile } = await build({
    ...shared,
    metafile: true,
    target: "node18",
    entryPoints: ["src/extension.ts"],
    outfile: "dist/extension.js",
    external: ["vscode"],
    sourcemap: !production,
    minify: production,
  });
  await writeFile("dist/THIRD-PARTY-LICENSES.txt", licenses(Object.keys(metafile.inputs)));
}

/** The licences of the packages whose files are in the bundle; a package without one must not be bundled. */
function licenses(inputs) {
  const folders = inputs.map((file) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1]).filter(Boolean);
  return [...new Set(folders)]
    .sort()
    .map((folder) => {
      const { name, version, license } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));
      const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
      if (file === undefined) throw new Error(`${name} has no licence file, so it cannot be bundled.`);
      return `${name} ${version} (${license})\n\n${readFileSync(`${folder}/${file}`, "utf8").trim()}\n`;
    })
    .join(`\n${"-".repeat(79)}\n\n`);
}
