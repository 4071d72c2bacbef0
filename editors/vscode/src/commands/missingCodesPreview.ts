import type { MissingCodes } from "../api/types";
import { cut } from "./listing";

const MOST = 25;

/** What is asked before codes are allocated; without `yes` there is nothing to agree to. */
export interface Preview {
  readonly text: string;
  readonly detail: string;
  readonly yes?: string;
  /** Every line, where `detail` has only the first ones. */
  readonly whole?: readonly string[];
}

/**
 * The preview of codes for files that have none: file, subdomain and code of each, and why others get none.
 *
 * @param shown how a file is shown, by its URI
 */
export function preview(found: MissingCodes, shown: (uri: string) => string): Preview {
  const given = found.allocated.map((each) => `${each.entity} gets ${each.leased ? "the leased code " : ""}${each.tableCode} in ${each.domain.name} / ${each.subdomain.name} (${shown(each.uri)})`);
  const refused = found.refused.map((each) => `${each.entity} gets none (${shown(each.uri)}): ${each.message}`);
  const detail = [...first(given), ...(given.length > 0 && refused.length > 0 ? [""] : []), ...first(refused)].join("\n");
  if (given.length === 0) return { text: refused.length === 0 ? "Every entity has a code." : "No file gets a code.", detail };
  const codes = given.length === 1 ? "a code" : `${given.length} codes`;
  const whole = given.length > MOST || refused.length > MOST ? { whole: [...given, "", ...refused] } : {};
  return { text: `Allocate ${codes}?`, detail, yes: given.length === 1 ? "Allocate" : `Allocate ${given.length}`, ...whole };
}

function first(lines: readonly string[]): readonly string[] {
  return cut(lines, MOST, (count) => `and ${count} more`);
}
