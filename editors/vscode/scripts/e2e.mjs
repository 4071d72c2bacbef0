// Runs the end-to-end tests, two files at a time: npm run test:e2e [-- NAME…]
//
// A workbench in a browser on a busy machine now and then loses a click or a key. A file that failed is therefore run once
// more, by itself, and the output says so; one that fails twice has failed.
import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";

const AT_ONCE = 2;
const FOLDER = "dist/test/e2e";

const wanted = process.argv.slice(2);
const files = readdirSync(FOLDER)
  .filter((name) => name.endsWith(".test.js"))
  .filter((name) => wanted.length === 0 || wanted.includes(name.replace(".test.js", "")));
if (files.length === 0) throw new Error(`There is no end-to-end test ${wanted.join(", ")} in ${FOLDER}.`);

const waiting = [...files];
const failed = [];
await Promise.all(
  Array.from({ length: AT_ONCE }, async () => {
    for (let file = waiting.shift(); file; file = waiting.shift()) if (!(await passes(file))) failed.push(file);
  }),
);
const failedTwice = [];
for (const file of failed) {
  console.log(`# ${file} has failed and is run once more, by itself.`);
  if (!(await passes(file))) failedTwice.push(file);
}
const again = failed.length > 0 ? ` Run twice: ${failed.join(", ")}.` : "";
console.log(`# ${files.length - failedTwice.length} of ${files.length} files of end-to-end tests passed.${again}`);
process.exitCode = failedTwice.length > 0 ? 1 : 0;

/** Runs one file, prints what it says when it has ended, and tells whether everything passed. */
async function passes(file) {
  const child = spawn(process.execPath, ["--test", "--test-reporter=tap", `${FOLDER}/${file}`], { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text) => (output += text));
  const status = await new Promise((resolve) => child.on("close", resolve));
  console.log(`# ${file}\n${output.trimEnd()}`);
  return status === 0;
}
