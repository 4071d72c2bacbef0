/** What a step gave: a value, the wish to go back, or undefined where the user left. */
export type Answer<T> = { readonly value: T } | "back" | undefined;

/** Where it goes on after a step. */
export type Way = "next" | "back" | "leave";

/**
 * Asks one step after the other; back asks the one before again.
 *
 * @returns whether every step was answered
 */
export async function inSteps(steps: readonly (() => Promise<Way>)[]): Promise<boolean> {
  let index = 0;
  while (index < steps.length) {
    const went = await steps[index]?.();
    if (went === "next") index += 1;
    else if (went === "back" && index > 0) index -= 1;
    else return false;
  }
  return true;
}

/** Keeps the value of an answer, and says where to go. */
export function keep<T>(answer: Answer<T>, take: (value: T) => void): Way {
  if (answer === undefined) return "leave";
  if (answer === "back") return "back";
  take(answer.value);
  return "next";
}
