import { EnvironmentProblem } from "./errors";
import { type Interpreter, OLDEST, versionText } from "./interpreters";
import type { Outcome } from "./run";

const WANTED = `Python ${OLDEST.join(".")} or later`;
const MODULES_MISSING = /ensurepip is not\s+available|No module named '?(venv|ensurepip)|python3[\d.]*-venv/i;
const NO_NETWORK =
  /name resolution|Name or service not known|getaddrinfo|NewConnectionError|Failed to establish a new connection|ConnectTimeout|ReadTimeout|ProxyError|Network is unreachable|Connection refused|Connection reset/i;
const NO_TRUST = /CERTIFICATE_VERIFY_FAILED|SSLError|SSLCertVerificationError/i;
const NO_PACKAGE = /No matching distribution found for (\S+)/i;
const NO_VERSION = /\(from versions: none\)/i;
const NO_SPACE = /No space left on device|Errno 28|Disk quota exceeded/i;

/** No Python at all, or only older ones. */
export function noPython(newest: Interpreter | undefined): EnvironmentProblem {
  const old = newest ? ` The newest one found is ${newest.executable}, Python ${versionText(newest)}.` : "";
  return new EnvironmentProblem(
    `The SpecQL language server needs ${WANTED}, and none was found.${old} ` +
      "Install one from your system's packages or python.org, or select one that is not on the PATH.",
    ["interpreter", "retry"],
  );
}

/** A Python without `venv` or `ensurepip`, as Debian has it. */
export function noModules(interpreter: Interpreter): EnvironmentProblem {
  return new EnvironmentProblem(
    `${interpreter.executable} (Python ${versionText(interpreter)}) cannot make environments: its modules venv and ensurepip ` +
      `are missing. On Debian and Ubuntu install python3-venv; or select another ${WANTED}.`,
    ["retry", "interpreter"],
  );
}

/** Making the environment failed. */
export function venvProblem(interpreter: Interpreter, outcome: Outcome): EnvironmentProblem {
  const said = `${outcome.stdout}\n${outcome.stderr}`;
  if (NO_SPACE.test(said)) return noSpace();
  if (MODULES_MISSING.test(said)) return noModules(interpreter);
  return new EnvironmentProblem(
    `${interpreter.executable} could not make an environment for the SpecQL language server. ${lastLine(outcome)}`.trim(),
    ["retry", "interpreter", "log"],
  );
}

/** Installing into the environment failed. */
export function pipProblem(interpreter: Interpreter, outcome: Outcome): EnvironmentProblem {
  const said = `${outcome.stdout}\n${outcome.stderr}`;
  if (NO_SPACE.test(said)) return noSpace();
  if (NO_TRUST.test(said)) {
    return new EnvironmentProblem(
      "The SpecQL language server could not be installed: the package index shows a certificate that pip does not trust. " +
        "Tell pip of your company's one (pip config set global.cert FILE), then try again.",
      ["retry", "log", "settings"],
    );
  }
  if (NO_NETWORK.test(said)) {
    return new EnvironmentProblem(
      "The SpecQL language server could not be installed: the package index cannot be reached. Look at the network and at " +
        "pip's proxy and index settings, then try again; or install specql-lsp yourself and name it with the setting specql.server.path.",
      ["retry", "settings", "log"],
    );
  }
  const missing = NO_PACKAGE.exec(said)?.[1];
  if (missing) {
    // With no version of any kind, the index may as well have given no answer.
    const silent = NO_VERSION.test(said) ? "cannot be reached, or it " : "";
    return new EnvironmentProblem(
      `The SpecQL language server could not be installed: the package index ${silent}has no ${missing} for Python ` +
        `${versionText(interpreter)} on this system. Look at the network and at pip's index settings, or select another Python.`,
      ["retry", "interpreter", "log"],
    );
  }
  return new EnvironmentProblem(`The SpecQL language server could not be installed. ${lastLine(outcome)}`.trim(), ["retry", "log", "settings"]);
}

function noSpace(): EnvironmentProblem {
  return new EnvironmentProblem(
    "The SpecQL language server could not be installed: the disk is full. It needs about 100 MB. Make room, then try again.",
    ["retry", "log"],
  );
}

/** What a program said last, as a sentence. */
function lastLine({ stdout, stderr }: Outcome): string {
  const lines = (stderr.trim() || stdout).split(/\r?\n/).map((line) => line.trim());
  const line = lines.filter((each) => each !== "" && !/^\[notice\]/.test(each)).pop() ?? "";
  const cut = line.length > 200 ? `${line.slice(0, 199)}…` : line;
  return cut === "" || /[.!?…]$/.test(cut) ? cut : `${cut}.`;
}
