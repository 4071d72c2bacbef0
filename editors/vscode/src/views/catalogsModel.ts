import type { Catalog, CatalogEntry, CatalogItem, CatalogSource, Location } from "../api/types";
import { count } from "../status/present";
import { text } from "./registryModel";

/** A node of the view of catalogs: a folder, a catalog, one of its sources, an entry, a part of that. */
export interface CatalogNode {
  readonly kind: "folder" | "catalog" | "source" | "entry" | "item";
  /** The same for the same thing in every reading, so that what is expanded stays so. */
  readonly id: string;
  readonly label: string;
  /** What is shown dimmed beside the label. */
  readonly description: string;
  /** Markdown. */
  readonly tooltip: string;
  readonly location: Location | null;
  readonly isDeprecated: boolean;
  /** Whether it stands for a source that cannot be read. */
  readonly isMissing: boolean;
  readonly children: readonly CatalogNode[];
}

/** The nodes of a folder's catalogs: a section each. */
export function catalogNodes(folder: string, catalogs: readonly Catalog[]): CatalogNode[] {
  return catalogs.map((catalog) => {
    const id = `${folder}#${catalog.name}`;
    const sources = catalog.sources.filter((source) => source.state !== "absent");
    const groups = sources.map((source) => sourceNode(id, catalog, source));
    const [only] = groups;
    // One source alone is no level of its own, unless it has something to say.
    const children = groups.length === 1 && only && !only.isMissing ? only.children : groups;
    return {
      // Unavailable is not empty.
      ...plain("catalog", id, catalog.title, count(catalog.entries.length, catalog.noun) || (groups.some((group) => group.isMissing) ? "" : "none")),
      tooltip: text(catalog.about),
      children,
    };
  });
}

/** The node of a folder, where a workspace has several. */
export function folderNode(folder: string, name: string, children: readonly CatalogNode[]): CatalogNode {
  return { ...plain("folder", folder, name, ""), children };
}

function sourceNode(parent: string, catalog: Catalog, source: CatalogSource): CatalogNode {
  const id = `${parent}/${source.name}`;
  const own = catalog.entries.filter((entry) => entry.source === source.name);
  const isMissing = source.state !== "read";
  const state = { read: "", stale: "as last read", unavailable: "unavailable", absent: "" }[source.state];
  return {
    ...plain("source", id, source.title, [source.state === "unavailable" ? "" : `${own.length}`, state].filter(Boolean).join(" · ")),
    tooltip: text(source.reason),
    isMissing,
    children: own.map((entry) => entryNode(id, entry)),
  };
}

function entryNode(parent: string, entry: CatalogEntry): CatalogNode {
  const id = `${parent}/${entry.kind}/${entry.name}`;
  const instead = entry.replacement ? `use ${entry.replacement}` : "";
  const isDeprecated = entry.deprecated !== null;
  const outdated = isDeprecated ? ["deprecated", instead].filter(Boolean).join(", ") : "";
  return {
    ...plain("entry", id, entry.name, [outdated, entry.detail || entry.kind].filter(Boolean).join(" · ")),
    tooltip: [
      `**${text(entry.name)}** · ${text(entry.kind)}`,
      isDeprecated ? `Deprecated${instead ? `, ${text(instead)}` : ""}${entry.deprecated ? `: ${text(entry.deprecated)}` : ""}` : "",
      text(entry.description),
    ].filter(Boolean).join("\n\n"),
    location: entry.location,
    isDeprecated,
    children: entry.items.map((item, index) => itemNode(`${id}/${index}`, item, entry)),
  };
}

function itemNode(parent: string, item: CatalogItem, entry: CatalogEntry): CatalogNode {
  return {
    ...plain("item", `${parent}/${item.name}`, item.name, item.detail),
    tooltip: [`**${text(item.name)}** · ${text(item.detail)}`, text(item.description)].filter(Boolean).join("\n\n"),
    location: item.location ?? entry.location,
  };
}

function plain(kind: CatalogNode["kind"], id: string, label: string, description: string): CatalogNode {
  return { kind, id, label, description, tooltip: "", location: null, isDeprecated: false, isMissing: false, children: [] };
}

/** What a list shows of every entry, to search in. */
export interface EntryChoice {
  readonly label: string;
  readonly description: string;
  readonly detail: string;
  readonly entry: CatalogEntry;
}

export function entryChoices(catalogs: readonly Catalog[]): EntryChoice[] {
  return catalogs.flatMap((catalog) =>
    catalog.entries.map((entry) => ({
      label: entry.name,
      description: [entry.deprecated === null ? "" : "deprecated", entry.kind, titleOf(catalog, entry)].filter(Boolean).join(" · "),
      detail: [entry.detail, entry.description.replace(/\s+/g, " "), entry.items.map((item) => item.name).join(", ")].filter(Boolean).join(" · "),
      entry,
    })),
  );
}

function titleOf(catalog: Catalog, entry: CatalogEntry): string {
  return catalog.sources.find((source) => source.name === entry.source)?.title ?? "";
}
