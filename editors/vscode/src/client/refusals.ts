import { Refusal } from "./connection";
import { redact } from "./redact";

/** What a request that failed says to a person: the server's sentence, and which kind of refusal it is. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  return new Refusal(messageOf(error), kindOf(error));
}

/** An error's message, without any password. */
export function messageOf(error: unknown): string {
  return redact(error instanceof Error ? error.message : String(error));
}

/** The `data.kind` of an LSP error. */
function kindOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("data" in error)) return undefined;
  const { data } = error;
  return typeof data === "object" && data !== null && "kind" in data ? String(data.kind) : undefined;
}
