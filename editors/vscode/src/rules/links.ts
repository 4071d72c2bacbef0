/** The command that shows a rule's page. */
export const EXPLAIN = "specql.explainDiagnostic";

/** The link by which a diagnostic's code opens the page of its rule in the editor: VS Code runs commands of such links. */
export function linkTo(code: string): string {
  return `command:${EXPLAIN}?${encodeURIComponent(JSON.stringify([code]))}`;
}

/** What a rule's page says in its second paragraph, without its marks: the severity and one sentence. */
export function summaryOf(page: string): string {
  return (page.split("\n\n")[1] ?? "").replace(/\*\*|`/g, "").trim();
}
