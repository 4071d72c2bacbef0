import * as vscode from "vscode";
import type { SpecqlApi } from "../api/api";
import type { ConsistencyReport } from "../api/types";
import { type Connection, Refusal } from "../client/connection";
import { openOnClick } from "../commands/open";
import { type DifferenceNode, differenceGroups, differenceTooltip, discrepanciesOf, type GroupNode } from "./differencesModel";
import { Changes } from "./changes";
import { LatestOnly } from "./latestOnly";
import { folderName } from "./registryView";

/** What differs between PostgreSQL and the registry YAML, each leading to its line. */
export class DifferencesView implements vscode.TreeDataProvider<DifferenceNode>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<undefined>();
  private readonly changes = new Changes(() => this.changed.fire(undefined));
  private readonly latest = new LatestOnly();
  private readonly tree: vscode.TreeView<DifferenceNode>;
  private readonly subscriptions: vscode.Disposable[];
  private groups: readonly GroupNode[] = [];

  readonly onDidChangeTreeData = this.changed.event;

  constructor(
    private readonly connection: Connection,
    private readonly api: SpecqlApi,
  ) {
    this.tree = vscode.window.createTreeView("specql.differences", { treeDataProvider: this, showCollapseAll: true, canSelectMany: true });
    this.subscriptions = [
      this.changed,
      this.tree,
      connection.onDidChangeStatus(() => this.refresh()),
      connection.onDidChangeState(() => this.refresh()),
      vscode.workspace.onDidChangeWorkspaceFolders(() => this.refresh()),
    ];
    this.refresh();
  }

  dispose(): void {
    for (const each of this.subscriptions) each.dispose();
  }

  /** Shows what is known now, without asking the database. */
  refresh(): void {
    this.latest.run(() => this.load());
  }

  /** The nodes that are selected, for commands called from the keyboard. */
  get selected(): readonly DifferenceNode[] {
    return this.tree.selection;
  }

  /** All nodes. */
  get all(): readonly DifferenceNode[] {
    return this.groups;
  }

  async reveal(): Promise<void> {
    await vscode.commands.executeCommand("specql.differences.focus");
  }

  getTreeItem(node: DifferenceNode): vscode.TreeItem {
    if (node.kind === "group") {
      const { Collapsed, Expanded } = vscode.TreeItemCollapsibleState;
      const item = new vscode.TreeItem(node.label, node.expanded ? Expanded : Collapsed);
      item.id = node.id;
      item.description = node.description;
      item.iconPath = new vscode.ThemeIcon(node.icon);
      item.contextValue = "group";
      return item;
    }
    const { discrepancy } = node;
    const item = new vscode.TreeItem(node.label, vscode.TreeItemCollapsibleState.None);
    item.id = node.id;
    item.description = node.description;
    item.iconPath = new vscode.ThemeIcon(node.icon);
    item.tooltip = new vscode.MarkdownString(differenceTooltip(discrepancy), true);
    item.contextValue = "discrepancy";
    item.accessibilityInformation = { label: discrepancy.message };
    if (discrepancy.location) item.command = openOnClick(discrepancy.location);
    return item;
  }

  getChildren(node?: DifferenceNode): DifferenceNode[] {
    if (!node) return [...this.groups];
    return node.kind === "group" ? [...node.children] : [];
  }

  getParent(node: DifferenceNode): DifferenceNode | undefined {
    return parentOf(this.groups, node);
  }

  private async load(): Promise<void> {
    const { folders } = this.connection;
    const answers = this.connection.state === "running" ? await Promise.all(folders.map((folder) => this.compared(folder))) : [];
    const several = folders.length > 1;
    this.groups = answers.flatMap((answer, index) =>
      typeof answer === "string" ? [] : differenceGroups(folders[index] ?? "", several ? folderName(folders[index] ?? "") : "", answer),
    );
    const total = this.groups.reduce((sum, group) => sum + discrepanciesOf([group]).length, 0);
    this.tree.badge = total > 0 ? { value: total, tooltip: total === 1 ? "1 difference" : `${total} differences` } : undefined;
    const sentences = new Set(answers.filter((answer): answer is string => typeof answer === "string" && answer !== ""));
    const agree = answers.some((answer) => typeof answer !== "string") ? "PostgreSQL and the registry YAML agree." : "";
    this.tree.message = total > 0 ? undefined : [...sentences].join(" ") || agree || undefined;
    void vscode.commands.executeCommand("setContext", "specql.differences", total);
    this.changes.show(this.groups);
  }

  private async compared(folder: string): Promise<ConsistencyReport | string> {
    if (!this.connection.status(folder)) return "";
    try {
      return await this.api.consistency(folder, false);
    } catch (error) {
      return error instanceof Refusal ? error.message : "";
    }
  }
}

function parentOf(groups: readonly DifferenceNode[], node: DifferenceNode): GroupNode | undefined {
  for (const each of groups) {
    if (each.kind !== "group") continue;
    const found = each.children.some((child) => child.id === node.id) ? each : parentOf(each.children, node);
    if (found) return found;
  }
  return undefined;
}
