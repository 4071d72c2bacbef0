// Takes the README's pictures from runs of the end-to-end tests, and puts them into docs/images/: stills, and a
// recording made of frames (an animated PNG). `make screenshots` builds and installs first what the tests need.
//
//   npm run screenshots [-- TEST…]     of some tests only their stills are taken
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import UPNG from "upng-js";

const STILLS = {
  entities: ["types", "column", "unknown-type", "fix", "values", "rule"],
  editing: ["completion", "hover", "allocation"],
  registry: ["registry", "report"],
  drift: ["drift"],
  navigation: ["hints", "rename"],
};
const IMAGES = path.resolve("../../docs/images");
const COLOURS = 256;
const STILL_BYTES = 150_000;
const RECORDING_BYTES = 1_000_000;

const wanted = process.argv.slice(2);
const tests = Object.keys(STILLS).filter((name) => wanted.length === 0 || wanted.includes(name));
if (tests.length === 0) throw new Error(`No test of ${wanted.join(", ")} takes pictures.`);

const taken = mkdtempSync(path.join(tmpdir(), "specql-pictures-"));
try {
  run("esbuild.mjs", "--tests=e2e");
  run("--test", "--test-concurrency=1", ...tests.map((name) => `dist/test/e2e/${name}.test.js`));
  for (const name of tests.flatMap((test) => STILLS[test])) put(`vscode-${name}.png`, [picture(path.join(taken, `vscode-${name}.png`))], STILL_BYTES);
  if (wanted.length === 0) put("vscode-recording.png", frames(path.join(taken, "recording")), RECORDING_BYTES);
} finally {
  rmSync(taken, { recursive: true, force: true });
}

/** Runs Node; pictures are taken wherever the tests take one. */
function run(...parameters) {
  const { status } = spawnSync(process.execPath, parameters, { stdio: "inherit", env: { ...process.env, SPECQL_PICTURES: taken } });
  if (status !== 0) throw new Error(`No pictures were taken: ${parameters[0]} ended with ${status}.`);
}

/** A PNG's width, height and pixels, and for how many milliseconds it is shown. */
function picture(file, shownMs = 0) {
  const image = UPNG.decode(readFileSync(file));
  return { width: image.width, height: image.height, pixels: UPNG.toRGBA8(image)[0], shownMs };
}

/** The frames of the recording in their order; a file's name is PART-NUMBER-MILLISECONDS.png. */
function frames(folder) {
  return readdirSync(folder)
    .sort()
    .map((name) => picture(path.join(folder, name), Number(/-(\d+)\.png$/.exec(name)[1])));
}

/** Writes pictures of one size as one PNG of few colours, animated where they are several. */
function put(name, pictures, most) {
  const [{ width, height }] = pictures;
  const delays = pictures.length > 1 ? pictures.map(({ shownMs }) => shownMs) : undefined;
  const data = Buffer.from(UPNG.encode(pictures.map(({ pixels }) => pixels), width, height, COLOURS, delays));
  if (data.length > most) throw new Error(`${name} has ${data.length} bytes; a README's picture has ${most} at most.`);
  writeFileSync(path.join(IMAGES, name), data);
  console.log(`docs/images/${name}: ${width} × ${height}, ${Math.round(data.length / 1000)} kB, ${pictures.length} frame(s)`);
}
