import assert from "node:assert/strict";
import { test } from "node:test";
import type { Interpreter } from "../../src/environment/interpreters";
import { networkEnvironment } from "../../src/environment/network";
import { pipProblem, venvProblem } from "../../src/environment/problems";

const PYTHON: Interpreter = {
  executable: "/usr/bin/python3.12",
  base: "/usr/bin/python3.12",
  version: [3, 12, 3],
  makesEnvironments: true,
  hasServer: false,
};

function failed(stderr: string, stdout = "") {
  return { status: 1, stdout, stderr };
}

test("Debian's Python without its package of venv", () => {
  const said = venvProblem(
    PYTHON,
    failed("", "The virtual environment was not created successfully because ensurepip is not\navailable.  On Debian/Ubuntu systems, you need to install the python3-venv\npackage"),
  );
  assert.match(said.message, /^\/usr\/bin\/python3\.12 \(Python 3\.12\.3\) cannot make environments/);
});

test("another failure of venv is repeated in its last line", () => {
  const said = venvProblem(PYTHON, failed("Traceback\nPermissionError: [Errno 13] Permission denied: '/x'\n"));
  assert.equal(
    said.message,
    "/usr/bin/python3.12 could not make an environment for the SpecQL language server. PermissionError: [Errno 13] Permission denied: '/x'.",
  );
});

const PIP: readonly (readonly [string, string, RegExp])[] = [
  ["no network", "WARNING: Retrying … NewConnectionError('… [Errno -3] Temporary failure in name resolution')\nERROR: No matching distribution found for click>=8.1\n", /index cannot be reached/],
  ["a company's certificate", "SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] …'))\nERROR: No matching distribution found for click>=8.1", /certificate that pip does not trust/],
  ["no wheel", "ERROR: Could not find a version that satisfies the requirement psycopg-binary==3.3 (from psycopg)\nERROR: No matching distribution found for psycopg-binary==3.3", /the package index has no psycopg-binary==3\.3 for Python 3\.12\.3/],
  ["an index that is silent", "ERROR: Could not find a version that satisfies the requirement click>=8.1 (from specql-lsp) (from versions: none)\nERROR: No matching distribution found for click>=8.1", /the package index cannot be reached, or it has no click>=8\.1 for Python/],
  ["a full disk", "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", /the disk is full/],
  ["anything else", "ERROR: Exotic failure\n[notice] A new release of pip is available", /could not be installed\. ERROR: Exotic failure\.$/],
];
for (const [name, stderr, wanted] of PIP) {
  test(`pip fails for ${name}`, () => {
    const said = pipProblem(PYTHON, failed(stderr));
    assert.match(said.message, wanted);
    assert.ok(said.remedies.includes("retry"));
  });
}

test("VS Code's proxy is pip's, unless the environment has one", () => {
  assert.deepEqual(networkEnvironment({ PATH: "/bin" }, "http://proxy:3128"), {
    PATH: "/bin",
    HTTPS_PROXY: "http://proxy:3128",
    HTTP_PROXY: "http://proxy:3128",
  });
  assert.deepEqual(networkEnvironment({ https_proxy: "http://own" }, "http://proxy:3128"), { https_proxy: "http://own" });
  assert.deepEqual(networkEnvironment({ PATH: "/bin" }, ""), { PATH: "/bin" });
});
