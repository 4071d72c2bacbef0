import type { Side } from "../api/api";
import type { Resolution } from "../api/types";

/** So many changes a dialog names one by one. */
export const MOST_LISTED = 15;

export interface Listed {
  readonly text: string;
  readonly detail: string;
  /** The button that agrees: it says who is written. */
  readonly yes: string;
}

/** What keeping one side would do, for the dialog that asks about it. */
export function listed(preview: Resolution, side: Side): Listed {
  const written = side === "postgresql" ? "the registry YAML" : "PostgreSQL";
  const changes = preview.changes ?? [];
  const lines = changes.slice(0, MOST_LISTED).map(({ title }) => title);
  if (changes.length > lines.length) lines.push(`… and ${changes.length - lines.length} more`);
  const refused = preview.refused.slice(0, MOST_LISTED).map(({ discrepancy, message }) => `Refused: ${discrepancy.message} ${message}`);
  if (preview.refused.length > refused.length) refused.push(`… and ${preview.refused.length - refused.length} more are refused`);
  const shared = side === "yaml" && preview.question ? ["Everybody who uses this database sees the change, and no undo brings back what it held."] : [];
  return {
    text: preview.resolved === 0 ? `Nothing can be written to ${written}.` : `Write ${counted(preview.resolved)} to ${written}?`,
    detail: [...lines, ...refused, ...shared].join("\n"),
    yes: side === "postgresql" ? "Write to the YAML" : "Write to PostgreSQL",
  };
}

export function counted(count: number): string {
  return count === 1 ? "1 difference" : `${count} differences`;
}
