import type { Status } from "../api/types";

/** What may help, as a button. */
export interface Remedy {
  readonly title: string;
  readonly command: string;
}

/** Why a registry cannot be written now, before anything is asked for. */
export interface Obstacle {
  readonly sentence: string;
  readonly remedies: readonly Remedy[];
}

export const TRUST: Remedy = { title: "Manage Workspace Trust", command: "workbench.trust.manage" };
const SET_URL: Remedy = { title: "Set Database URL…", command: "specql.setDatabaseUrl" };
const RETRY: Remedy = { title: "Retry", command: "specql.refresh" };
const SETTINGS: Remedy = { title: "Open Settings", command: "specql.openSettings" };

/**
 * Why a folder's registry cannot be written.
 *
 * @param status what it last said of itself; undefined before it has: then the server decides
 * @param what cannot be done, such as "No code can be allocated"
 */
export function obstacleTo(status: Status | undefined, what: string): Obstacle | undefined {
  if (!status || status.writable) return undefined;
  const registry = status.source === "none" ? "no registry can be read" : "the registry is read-only";
  return { sentence: `${what}: ${registry}. ${status.reason}`.trim(), remedies: remediesFor(status) };
}

/** Why no code can be allocated: a leased code can be, although the registry cannot be written. */
export function obstacleToAllocation(status: Status | undefined): Obstacle | undefined {
  return status && isAllocatable(status) ? undefined : obstacleTo(status, "No code can be allocated");
}

/** Whether codes can be allocated: PostgreSQL takes them, or a lease has some until it is back. */
export function isAllocatable(status: Status): boolean {
  return status.writable || (status.leased ?? 0) > 0;
}

function remediesFor(status: Status): readonly Remedy[] {
  if (status.awaitsTrust) return [TRUST, SET_URL];
  if (status.server === null) return status.reason.includes("registry.backend is yaml") ? [SETTINGS] : [SET_URL];
  // A database that does not answer may come back; one that answers takes no writes from this user.
  return status.source === "postgresql" && !status.stale ? [SET_URL] : [RETRY, SET_URL];
}
