export type Remedy = "retry" | "interpreter" | "log" | "settings";

/** Why no server can be run: a sentence for a person, and what may help. */
export class EnvironmentProblem extends Error {
  constructor(
    message: string,
    readonly remedies: readonly Remedy[],
  ) {
    super(message);
    this.name = "EnvironmentProblem";
  }
}

/** The user has stopped it; nothing is to be said. */
export class Cancelled extends Error {
  constructor() {
    super("Stopped.");
    this.name = "Cancelled";
  }
}
