import type { ConsistencyReport, Discrepancy } from "../api/types";
import { text } from "./registryModel";

/** A node of the differences view: a domain, a group in it, a page of many, or one difference. */
export type DifferenceNode = GroupNode | DiscrepancyNode;

export interface GroupNode {
  readonly kind: "group";
  readonly id: string;
  readonly folder: string;
  readonly label: string;
  readonly description: string;
  readonly icon: string;
  readonly expanded: boolean;
  readonly children: readonly DifferenceNode[];
}

export interface DiscrepancyNode {
  readonly kind: "discrepancy";
  readonly id: string;
  readonly folder: string;
  readonly label: string;
  readonly description: string;
  readonly icon: string;
  readonly discrepancy: Discrepancy;
}

/** So many differences are shown at once; more are on pages, which are opened one by one. */
export const PAGE = 100;

const ICONS = { postgresql: "diff-added", yaml: "diff-removed", both: "diff-modified" } as const;
const SIDES = { postgresql: "Only in PostgreSQL", yaml: "Only in the YAML", both: "Different" } as const;

/** The differences of a folder by domain, in the server's order; in a domain by where things are, if in several places. */
export function differenceGroups(folder: string, name: string, report: ConsistencyReport): GroupNode[] {
  return [...by(report.discrepancies, (each) => each.domain)].map(([domain, discrepancies]) => {
    const id = `${folder}#${domain}`;
    const sides = by(discrepancies, (each) => each.side);
    const description = [name, `domain ${domain}`, counted(discrepancies.length)].filter(Boolean).join(" · ");
    const groups = [...sides].map(([side, those]) =>
      group(folder, `${id}#${side}`, SIDES[side], counted(those.length), ICONS[side], paged(folder, `${id}#${side}`, those)),
    );
    const children = sides.size > 1 ? groups : paged(folder, id, discrepancies);
    return group(folder, id, discrepancies[0]?.domainName ?? domain, description, "layers", children);
  });
}

/** Every difference that some nodes stand for, each once. */
export function discrepanciesOf(nodes: readonly DifferenceNode[]): DiscrepancyNode[] {
  const found = nodes.flatMap((node) => (node.kind === "discrepancy" ? [node] : discrepanciesOf(node.children)));
  return [...new Map(found.map((node) => [node.id, node])).values()];
}

function group(folder: string, id: string, label: string, description: string, icon: string, children: readonly DifferenceNode[], expanded = true): GroupNode {
  return { kind: "group", id, folder, label, description, icon, expanded, children };
}

function paged(folder: string, id: string, discrepancies: readonly Discrepancy[]): DifferenceNode[] {
  const nodes = discrepancies.map((each) => discrepancyNode(folder, each));
  if (nodes.length <= PAGE) return nodes;
  const pages: GroupNode[] = [];
  for (let start = 0; start < nodes.length; start += PAGE) {
    const page = nodes.slice(start, start + PAGE);
    const label = `${page[0]?.label ?? ""} … ${page.at(-1)?.label ?? ""}`;
    pages.push(group(folder, `${id}#${start}`, label, counted(page.length), "files", page, false));
  }
  return pages;
}

function by<K>(discrepancies: readonly Discrepancy[], key: (discrepancy: Discrepancy) => K): Map<K, Discrepancy[]> {
  const groups = new Map<K, Discrepancy[]>();
  for (const each of discrepancies) {
    const known = groups.get(key(each));
    if (known) known.push(each);
    else groups.set(key(each), [each]);
  }
  return groups;
}

function counted(count: number): string {
  return count === 1 ? "1 difference" : `${count} differences`;
}

function discrepancyNode(folder: string, discrepancy: Discrepancy): DiscrepancyNode {
  const id = [folder, discrepancy.type, discrepancy.domain, discrepancy.subdomain, discrepancy.entity, discrepancy.attribute].join("|");
  return { kind: "discrepancy", id, folder, discrepancy, label: discrepancy.name, description: discrepancy.detail, icon: ICONS[discrepancy.side] };
}

/** Markdown: the difference, and what it would do that either side is right. */
export function differenceTooltip(discrepancy: Discrepancy): string {
  return [text(discrepancy.message), `$(database) ${text(discrepancy.keepPostgresql)}`, `$(file-code) ${text(discrepancy.keepYaml)}`].join("\n\n");
}

export interface Question {
  readonly text: string;
  /** The button that agrees: what is done, and who is written. */
  readonly yes: string;
}

/**
 * What the user is asked before the YAML's side is kept.
 *
 * @returns undefined where PostgreSQL is only added to, which takes nothing from anybody
 */
export function questionOf(discrepancy: Discrepancy): Question | undefined {
  const { keepYamlQuestion: text = isMissingInPostgresql(discrepancy) ? null : `${discrepancy.keepYaml}?` } = discrepancy;
  return text === null ? undefined : { text, yes: discrepancy.attribute === undefined ? "Remove from PostgreSQL" : "Change PostgreSQL" };
}

function isMissingInPostgresql(discrepancy: Discrepancy): boolean {
  return discrepancy.type.endsWith("in_postgresql");
}
