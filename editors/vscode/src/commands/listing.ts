/** The button that shows a list in full. */
export const SHOW_ALL = "Show All";

/** The first lines of a list, and how many more there are. */
export function cut(lines: readonly string[], most: number, more: (count: number) => string): readonly string[] {
  return lines.length <= most ? lines : [...lines.slice(0, most), more(lines.length - most)];
}
