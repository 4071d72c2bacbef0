import type { Side } from "../api/api";
import type { Resolution } from "../api/types";
import type { Question } from "./agreement";
import { cut } from "./listing";

/** So many changes a dialog names one by one. */
export const MOST_LISTED = 15;

/** What keeping one side would do, for the dialog that asks about it; the button says who is written. */
export function listed(preview: Resolution, side: Side): Question {
  const written = side === "postgresql" ? "the registry YAML" : "PostgreSQL";
  const changes = (preview.changes ?? []).map(({ title, line }) => line ?? title);
  const refused = preview.refused.map(({ discrepancy, message }) => `Refused: ${discrepancy.message} ${message}`);
  const lines = [...cut(changes, MOST_LISTED, (count) => `… and ${count} more`), ...cut(refused, MOST_LISTED, (count) => `… and ${count} more are refused`)];
  const shared = side === "yaml" && preview.question ? ["Everybody who uses this database sees the change, and no undo brings back what it held."] : [];
  return {
    text: preview.resolved === 0 ? `Nothing can be written to ${written}.` : `Write ${counted(preview.resolved)} to ${written}?`,
    detail: [...lines, ...shared].join("\n"),
    yes: side === "postgresql" ? "Write to the YAML" : "Write to PostgreSQL",
    ...(lines.length < changes.length + refused.length ? { whole: [...changes, ...refused] } : {}),
  };
}

export function counted(count: number): string {
  return count === 1 ? "1 difference" : `${count} differences`;
}
