import * as vscode from "vscode";
import type { SpecqlApi } from "../api/api";
import { type Connection, Refusal } from "../client/connection";
import { openOnClick } from "../commands/open";
import { type CatalogNode, catalogNodes, folderNode } from "./catalogsModel";
import { Changes } from "./changes";
import { LatestOnly } from "./latestOnly";
import { folderName } from "./registryView";

const ICONS = { folder: "folder", catalog: "library", source: "repo", entry: "symbol-method", item: "symbol-parameter" } as const;

/** The tree of patterns, services and the like, as files, the server and the database have them now. */
export class CatalogsView implements vscode.TreeDataProvider<CatalogNode>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<undefined>();
  private readonly changes = new Changes(() => this.changed.fire(undefined));
  private readonly latest = new LatestOnly();
  private readonly subscriptions: vscode.Disposable[];
  private readonly tree: vscode.TreeView<CatalogNode>;
  private roots: readonly CatalogNode[] = [];
  private shownSources = "";

  readonly onDidChangeTreeData = this.changed.event;

  constructor(
    private readonly connection: Connection,
    private readonly api: SpecqlApi,
  ) {
    this.tree = vscode.window.createTreeView("specql.catalogs", { treeDataProvider: this, showCollapseAll: true });
    this.subscriptions = [
      this.changed,
      this.tree,
      // What nobody looks at is not asked for: it may cost a question to the database.
      this.tree.onDidChangeVisibility(() => this.refresh()),
      connection.onDidChangeCatalogs(() => this.refresh()),
      connection.onDidChangeStatus(() => {
        // What is registered has no part in it: a change there is no question to the database more.
        const sources = this.sources();
        if (sources !== this.shownSources) this.refresh();
      }),
      connection.onDidChangeState(() => this.refresh()),
      vscode.workspace.onDidChangeWorkspaceFolders(() => this.refresh()),
    ];
    this.refresh();
  }

  dispose(): void {
    for (const each of this.subscriptions) each.dispose();
  }

  refresh(): void {
    if (this.tree.visible) this.latest.run(() => this.load());
  }

  getTreeItem(node: CatalogNode): vscode.TreeItem {
    const { Collapsed, Expanded, None } = vscode.TreeItemCollapsibleState;
    const opened = node.kind === "folder" || node.kind === "catalog";
    const item = new vscode.TreeItem(node.label, node.children.length > 0 ? (opened ? Expanded : Collapsed) : None);
    item.id = node.id;
    item.description = node.description;
    item.tooltip = new vscode.MarkdownString(node.tooltip);
    item.contextValue = node.location ? `${node.kind},file` : node.kind;
    item.iconPath = new vscode.ThemeIcon(node.isMissing || node.isDeprecated ? "warning" : ICONS[node.kind]);
    item.accessibilityInformation = { label: `${node.kind} ${node.label}, ${node.description}` };
    if (node.location) item.command = openOnClick(node.location);
    return item;
  }

  getChildren(node?: CatalogNode): CatalogNode[] {
    return [...(node ? node.children : this.roots)];
  }

  /** Which registry answers for each folder. */
  private sources(): string {
    return JSON.stringify(this.connection.folders.map((folder) => {
      const status = this.connection.status(folder);
      return [status?.source, status?.stale, status?.server];
    }));
  }

  private async load(): Promise<void> {
    const { folders, state } = this.connection;
    this.shownSources = this.sources();
    let failure: string | undefined;
    if (state !== "running") this.roots = [];
    else {
      try {
        const trees = await Promise.all(folders.map(async (folder) => catalogNodes(folder, await this.api.catalogs(folder))));
        this.roots = folders.length > 1 ? folders.map((folder, at) => folderNode(folder, folderName(folder), trees[at] ?? [])) : trees.flat();
      } catch (error) {
        failure = error instanceof Refusal ? error.message : "Patterns and services could not be listed.";
        this.connection.log.debug(`The view of patterns and services could not be filled. ${String(error)}`);
      }
    }
    this.tree.message = failure;
    this.changes.show(this.roots);
  }
}
