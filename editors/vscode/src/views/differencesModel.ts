import type { ConsistencyReport, Discrepancy, Value } from "../api/types";
import { text } from "./registryModel";

/** A node of the differences view: a domain, or one difference in it. */
export type DifferenceNode = GroupNode | DiscrepancyNode;

export interface GroupNode {
  readonly kind: "group";
  readonly id: string;
  readonly label: string;
  readonly description: string;
  readonly children: readonly DiscrepancyNode[];
}

export interface DiscrepancyNode {
  readonly kind: "discrepancy";
  readonly id: string;
  readonly folder: string;
  readonly label: string;
  /** Both values, or where the thing is. */
  readonly description: string;
  readonly icon: string;
  readonly discrepancy: Discrepancy;
}

/** The differences of a folder by domain, in the server's order. */
export function differenceGroups(folder: string, name: string, report: ConsistencyReport): GroupNode[] {
  const groups = new Map<string, DiscrepancyNode[]>();
  for (const discrepancy of report.discrepancies) {
    const nodes = groups.get(discrepancy.domain) ?? [];
    nodes.push(discrepancyNode(folder, discrepancy));
    groups.set(discrepancy.domain, nodes);
  }
  return [...groups].map(([domain, children]) => ({
    kind: "group",
    id: `${folder}#${domain}`,
    label: `Domain ${domain}`,
    description: [name, children.length === 1 ? "1 difference" : `${children.length} differences`].filter(Boolean).join(" · "),
    children,
  }));
}

function discrepancyNode(folder: string, discrepancy: Discrepancy): DiscrepancyNode {
  const thing = thingOf(discrepancy);
  const id = [folder, discrepancy.type, discrepancy.domain, discrepancy.subdomain, discrepancy.entity, discrepancy.attribute].join("|");
  return {
    kind: "discrepancy",
    id,
    folder,
    discrepancy,
    label: discrepancy.attribute ? `${thing}: ${discrepancy.attribute.replace(/_/g, " ")}` : thing,
    description: discrepancy.attribute
      ? `PostgreSQL ${shown(discrepancy.postgresqlValue)} · YAML ${shown(discrepancy.yamlValue)}`
      : isMissingInPostgresql(discrepancy)
        ? "only in the YAML"
        : "only in PostgreSQL",
    icon: discrepancy.attribute ? "diff-modified" : isMissingInPostgresql(discrepancy) ? "diff-removed" : "diff-added",
  };
}

/** Markdown: the difference, and what it would do that either side is right. */
export function differenceTooltip(discrepancy: Discrepancy): string {
  return [text(discrepancy.message), `$(database) ${text(discrepancy.keepPostgresql)}`, `$(file-code) ${text(discrepancy.keepYaml)}`].join("\n\n");
}

export interface Question {
  readonly text: string;
  /** The button that agrees: the verb of what is done. */
  readonly yes: string;
}

/**
 * What the user is asked before the YAML's side is kept.
 *
 * @returns undefined where PostgreSQL is only added to, which takes nothing from anybody
 */
export function questionOf(discrepancy: Discrepancy): Question | undefined {
  const { keepYamlQuestion: text = isMissingInPostgresql(discrepancy) ? null : `${discrepancy.keepYaml}?` } = discrepancy;
  return text === null ? undefined : { text, yes: discrepancy.attribute === undefined ? "Remove" : "Change" };
}

function isMissingInPostgresql(discrepancy: Discrepancy): boolean {
  return discrepancy.type.endsWith("in_postgresql");
}

function thingOf(discrepancy: Discrepancy): string {
  if (discrepancy.entity !== undefined) return discrepancy.entity;
  if (discrepancy.subdomain !== undefined) return `Subdomain ${discrepancy.subdomain}`;
  return `Domain ${discrepancy.domain}`;
}

/** A value in a few characters. */
export function shown(value: Value | undefined): string {
  if (value === undefined || value === null || value === "") return "none";
  const whole = Array.isArray(value) ? value.join(", ") || "none" : String(value);
  const line = whole.replace(/\s+/g, " ");
  return line.length > 40 ? `${line.slice(0, 39)}…` : line;
}
