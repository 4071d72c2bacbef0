import type { Status } from "../api/types";

const OF_FOLDER = "VS Code (settings or secret storage)";
const OF_ALL_FOLDERS = "the secret storage (for all folders)";

/**
 * A status that calls the places of a database URL what a user of VS Code knows them by.
 *
 * @param status as the server sent it
 * @param keepsDefault whether it was VS Code that gave the server the URL of all folders
 */
export function inWordsOfVsCode(status: Status, keepsDefault: boolean): Status {
  const spoken = (text: string) => {
    const own = text.replaceAll("the client's settings", OF_FOLDER);
    return keepsDefault ? own.replaceAll("SPECQL_DB_URL_DEFAULT", OF_ALL_FOLDERS) : own;
  };
  return {
    ...status,
    reason: spoken(status.reason),
    databaseFrom: status.databaseFrom ? spoken(status.databaseFrom) : null,
    databaseOverrides: (status.databaseOverrides ?? []).map(spoken),
  };
}
