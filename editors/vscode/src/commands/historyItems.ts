import type { HistoryEvent } from "../api/types";
import { age } from "../status/present";

/** An item of the quick pick that shows a history. */
export interface HistoryItem {
  readonly label: string;
  readonly description: string;
  readonly detail: string;
}

/** The events as items: when it was and by whom, and below it what was done. */
export function historyItems(events: readonly HistoryEvent[], now: number): HistoryItem[] {
  return events.map((event) => ({
    label: age(event.at, now),
    description: [event.author, event.by, event.application].filter(Boolean).join(" · "),
    detail: event.summary,
  }));
}

/** The events as a text to copy, a line each. */
export function historyText(events: readonly HistoryEvent[]): string {
  return events.map((event) => [event.at, event.author, event.by, event.application, event.summary].filter(Boolean).join("\t")).join("\n");
}
