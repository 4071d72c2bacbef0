import path from "node:path";

/** The extension's folder; the tests are run in it. */
export const EXTENSION = process.cwd();
/** The project's folder. */
export const PROJECT = path.resolve(EXTENSION, "../..");
export const WORKSPACE = path.join(PROJECT, "fixtures", "workspace");
export const PYTHON = path.join(PROJECT, ".venv", "bin", "python");
/** What the tests leave: code-server, and the traces of failures. */
export const LEFT = path.join(EXTENSION, ".test");
export const CODE_SERVER = path.join(LEFT, "code-server", "node_modules", "code-server", "out", "node", "entry.js");
export const FAILURES = path.join(LEFT, "failures");
/** Where the pictures of the README are put, when they are asked for. */
export const PICTURES = process.env["SPECQL_PICTURES"];
