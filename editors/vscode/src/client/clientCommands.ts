import type { ClientCapabilities, FeatureState, StaticFeature } from "vscode-languageclient/node";

/** The command that a lens which counts references has: the document's URI, a position, locations. */
export const SHOW_REFERENCES = "specql.showReferences";

/** The command of the action "Another subdomain…": an allocation without the subdomain, for which it asks. */
export const CHOOSE_SUBDOMAIN = "specql.chooseSubdomain";

/** Declares the commands that the server may put into lenses and actions (`experimental.commands`, as rust-analyzer's clients do). */
export class ClientCommands implements StaticFeature {
  fillClientCapabilities(capabilities: ClientCapabilities): void {
    const experimental = (capabilities.experimental ?? {}) as Record<string, unknown>;
    capabilities.experimental = { ...experimental, commands: { commands: [SHOW_REFERENCES, CHOOSE_SUBDOMAIN] } };
  }

  initialize(): void {
    // There is nothing to set up.
  }

  getState(): FeatureState {
    return { kind: "static" };
  }

  clear(): void {
    // Nor to take down.
  }
}
