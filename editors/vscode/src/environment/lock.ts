import { mkdir, rm, stat, utimes } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { Cancelled } from "./errors";

export interface LockTimes {
  /** How often a waiting window looks again, in milliseconds. */
  readonly pollMs: number;
  /** How often the holder says that it lives. */
  readonly beatMs: number;
  /** After how long without a beat a lock has no holder any more: it was ended. */
  readonly deadMs: number;
}

export const LOCK_TIMES: LockTimes = { pollMs: 500, beatMs: 5_000, deadMs: 30_000 };

/**
 * Runs work that only one window does at a time; other windows wait.
 *
 * The lock is a folder, which only one can make. A holder that sleeps for long (a laptop) may lose it, so the work must
 * bear to be done twice.
 *
 * @param place the path of the folder
 * @param onWait called once, when another window holds it
 * @throws Cancelled when `signal` stops the waiting
 */
export async function locked<T>(
  place: string,
  work: () => Promise<T>,
  onWait: () => void = () => undefined,
  signal?: AbortSignal,
  times: LockTimes = LOCK_TIMES,
): Promise<T> {
  let isWaiting = false;
  while (!(await taken(place))) {
    if (signal?.aborted) throw new Cancelled();
    const lastBeat = await stat(place).then(
      ({ mtimeMs }) => mtimeMs,
      () => Infinity,
    );
    if (Date.now() - lastBeat > times.deadMs) {
      await rm(place, { recursive: true, force: true });
      continue;
    }
    if (!isWaiting) onWait();
    isWaiting = true;
    await sleep(times.pollMs);
  }
  const beat = setInterval(() => {
    const now = new Date();
    void utimes(place, now, now).catch(() => undefined);
  }, times.beatMs);
  try {
    return await work();
  } finally {
    clearInterval(beat);
    await rm(place, { recursive: true, force: true });
  }
}

async function taken(place: string): Promise<boolean> {
  try {
    await mkdir(place);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}
