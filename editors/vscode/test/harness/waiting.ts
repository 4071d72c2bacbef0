import type { Locator } from "playwright-core";

/** How long anything may take before it is held to have failed. The machine may be slow; nothing depends on it. */
export const PATIENCE = Number(process.env["SPECQL_PATIENCE_MS"] ?? 120_000);
/** How long the effect of a click or a key is awaited before it is done once more. */
const EFFECT_MS = Math.min(PATIENCE, 15_000);
/** How long what is to be clicked on may be covered, gone or moving before the effect is looked for. */
export const ACT_MS = Math.min(PATIENCE, 5_000);

/** What shows that something had its effect: a thing that is shown, or a condition. */
export type Effect = Locator | (() => Promise<boolean>);

/** The effect that a thing is no longer shown. */
export function gone(thing: Locator): Effect {
  return async () => !(await thing.isVisible());
}

/** Waits until a condition holds; a wait of the tests' own for what no locator can see. */
export async function until<T>(what: string, look: () => Promise<T | undefined | false | null>): Promise<T> {
  const deadline = Date.now() + PATIENCE;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > deadline) throw new Error(`It did not come about: ${what}.`);
    await pause();
  }
}

/** Reads something until an assertion about it holds: what is written or shown after something else may come later. */
export async function eventually<T>(read: () => Promise<T>, check: (value: T) => void): Promise<void> {
  const deadline = Date.now() + PATIENCE;
  for (;;) {
    try {
      check(await read());
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
    await pause();
  }
}

/** Whether an effect is seen before it is time to act once more. */
export async function isSeen(effect: Effect): Promise<boolean> {
  if (typeof effect !== "function") return await effect.waitFor({ timeout: EFFECT_MS }).then(() => true, () => false);
  const deadline = Date.now() + EFFECT_MS;
  while (!(await effect().catch(() => false))) {
    if (Date.now() > deadline) return false;
    await pause();
  }
  return true;
}

/**
 * Acts until the effect is seen: what is drawn anew under the mouse takes a click and does nothing, and what loses the keyboard
 * meanwhile drops a key. Only for what does no harm a second time.
 */
export async function repeat(what: string, act: () => Promise<unknown>, effect: Effect): Promise<void> {
  let obstacle: unknown;
  const deadline = Date.now() + PATIENCE;
  for (;;) {
    await act().then(() => (obstacle = undefined), (error: unknown) => (obstacle = error));
    if (await isSeen(effect)) return;
    if (Date.now() > deadline) throw new Error(`It did not come about: ${what}.${obstacle instanceof Error ? ` At last: ${obstacle.message}` : ""}`);
  }
}

async function pause(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 100));
}
