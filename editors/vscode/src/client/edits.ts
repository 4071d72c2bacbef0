import * as vscode from "vscode";
import { type ApplyWorkspaceEditParams, ApplyWorkspaceEditRequest, type ApplyWorkspaceEditResult, type LanguageClient, TextDocumentEdit, type WorkspaceEdit } from "vscode-languageclient/node";

/**
 * Applies the edits that the server asks for, in place of the client's own handler.
 *
 * Files that no tab shows are saved afterwards: their edit belongs to a change of the registry that is made already, and
 * nobody looks for unsaved files that were never opened. In a file that a tab shows the edit is left for the user to save.
 */
export function applyEditsOf(client: LanguageClient): void {
  client.onRequest(ApplyWorkspaceEditRequest.type, async ({ edit }: ApplyWorkspaceEditParams): Promise<ApplyWorkspaceEditResult> => {
    const converted = await client.protocol2CodeConverter.asWorkspaceEdit(edit);
    if (isOfOlderText(edit, (uri) => client.protocol2CodeConverter.asUri(uri).toString())) return { applied: false };
    const shown = shownFiles();
    const applied = await vscode.workspace.applyEdit(converted);
    // Not awaited: the server waits for this answer, and what runs on saving may ask the server.
    if (applied) void saveWithout(shown, converted.entries().map(([uri]) => uri.toString()));
    return { applied };
  });
}

/** Whether an edit was made for another version of an open document than the present one. VS Code does not look. */
function isOfOlderText(edit: WorkspaceEdit, asUri: (uri: string) => string): boolean {
  const versions = new Map(vscode.workspace.textDocuments.map((document) => [document.uri.toString(), document.version]));
  return (edit.documentChanges ?? []).some((change) => {
    if (!TextDocumentEdit.is(change) || change.textDocument.version === null) return false;
    const present = versions.get(asUri(change.textDocument.uri));
    return present !== undefined && change.textDocument.version !== present;
  });
}

/** The files that a tab shows, alone or in a diff editor. */
function shownFiles(): ReadonlySet<string> {
  const inputs = vscode.window.tabGroups.all.flatMap((group) => group.tabs.map(({ input }) => input));
  return new Set(
    inputs.flatMap((input) => {
      if (input instanceof vscode.TabInputText || input instanceof vscode.TabInputCustom) return [input.uri.toString()];
      return input instanceof vscode.TabInputTextDiff ? [input.original.toString(), input.modified.toString()] : [];
    }),
  );
}

async function saveWithout(shown: ReadonlySet<string>, edited: readonly string[]): Promise<void> {
  const wanted = new Set(edited.filter((uri) => !shown.has(uri)));
  const documents = vscode.workspace.textDocuments.filter((document) => document.isDirty && wanted.has(document.uri.toString()));
  await Promise.all(documents.map((document) => document.save()));
}
