import * as vscode from "vscode";
import type { SpecqlApi } from "../api/api";
import type { Domain } from "../api/types";
import { type Connection, Refusal } from "../client/connection";
import { isAllocatable } from "../commands/obstacles";
import { openOnClick } from "../commands/open";
import { Changes } from "./changes";
import { LatestOnly } from "./latestOnly";
import { contextValue, domainNodes, folderDescription, message, type RegistryNode } from "./registryModel";

const ICONS = { folder: "folder", domain: "layers", subdomain: "symbol-namespace", entity: "symbol-class" } as const;

/** The tree of domains, subdomains and entities, as the registry has them now. */
export class RegistryView implements vscode.TreeDataProvider<RegistryNode>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<undefined>();
  private readonly changes = new Changes(() => this.changed.fire(undefined));
  private readonly latest = new LatestOnly();
  private readonly subscriptions: vscode.Disposable[];
  private readonly tree: vscode.TreeView<RegistryNode>;
  private roots: readonly RegistryNode[] = [];
  private parents = new Map<string, RegistryNode>();
  private wanted = "";
  /** What each folder's registry last held: a question that fails is no empty registry. */
  private readonly known = new Map<string, readonly Domain[]>();
  private failure = "";

  readonly onDidChangeTreeData = this.changed.event;

  constructor(
    private readonly connection: Connection,
    private readonly api: SpecqlApi,
  ) {
    this.tree = vscode.window.createTreeView("specql.registry", { treeDataProvider: this, showCollapseAll: true });
    this.subscriptions = [
      this.changed,
      this.tree,
      connection.onDidChangeStatus(() => this.refresh()),
      connection.onDidChangeDomains(() => this.refresh()),
      connection.onDidChangeState(() => this.refresh()),
      vscode.workspace.onDidChangeWorkspaceFolders(() => this.refresh()),
    ];
    this.refresh();
  }

  dispose(): void {
    for (const each of this.subscriptions) each.dispose();
  }

  get filter(): string {
    return this.wanted;
  }

  set filter(text: string) {
    this.wanted = text.trim();
    setContext("registryFiltered", this.wanted !== "");
    this.refresh();
  }

  /** The node that is selected, for commands called from the keyboard. */
  get selected(): RegistryNode | undefined {
    return this.tree.selection[0];
  }

  /** Reads the tree again; changes that come fast cost one reading more. */
  refresh(): void {
    setContext("state", this.connection.state);
    this.latest.run(() => this.load());
  }

  getTreeItem(node: RegistryNode): vscode.TreeItem {
    const holds = node.children.length > 0;
    const opened = this.wanted !== "" || node.kind === "folder";
    const { Collapsed, Expanded, None } = vscode.TreeItemCollapsibleState;
    const item = new vscode.TreeItem(node.label, holds ? (opened ? Expanded : Collapsed) : None);
    // Another identity under a filter: VS Code would remember what was collapsed without it.
    item.id = this.wanted === "" ? node.id : `${node.id}?${this.wanted}`;
    item.description = node.description;
    item.tooltip = new vscode.MarkdownString(node.tooltip);
    item.contextValue = contextValue(node);
    item.iconPath = new vscode.ThemeIcon(ICONS[node.kind]);
    item.accessibilityInformation = { label: `${node.kind} ${node.label}, ${node.description}` };
    if (node.kind === "entity") {
      const location = node.entity.fileLocation ?? node.entity.registryLocation;
      item.command = location ? openOnClick(location) : { command: "specql.openEntity", title: "Open", arguments: [node] };
    }
    return item;
  }

  getChildren(node?: RegistryNode): readonly RegistryNode[] & RegistryNode[] {
    return [...(node ? node.children : this.roots)];
  }

  getParent(node: RegistryNode): RegistryNode | undefined {
    return this.parents.get(node.id);
  }

  private async load(): Promise<void> {
    const { folders, state } = this.connection;
    this.failure = "";
    if (state !== "running" && state !== "starting") this.known.clear();
    const trees = await Promise.all(folders.map((folder) => this.folder(folder)));
    const several = folders.length > 1;
    this.roots = several
      ? folders.map((folder, index) => ({
          kind: "folder",
          id: folder,
          folder,
          label: folderName(folder),
          description: folderDescription(this.connection.status(folder)),
          tooltip: "",
          children: trees[index] ?? [],
        }))
      : trees.flat();
    this.parents = new Map(parentsOf(this.roots));
    const status = this.connection.status(folders[0] ?? "");
    const found = trees.some((tree) => tree.length > 0);
    const read = this.known.size > 0;
    const said = found || (this.wanted && read) ? message(several ? undefined : status, this.wanted, found) : undefined;
    this.tree.message = this.failure || said;
    this.tree.description = !several && status ? folderDescription(status) : "";
    setContext("source", (state === "running" && status?.source) || "unknown");
    setContext("awaitsTrust", state === "running" && folders.some((each) => this.connection.status(each)?.awaitsTrust));
    setContext("writable", state === "running" && folders.some((each) => this.connection.status(each)?.writable));
    setContext("allocatable", state === "running" && folders.map((each) => this.connection.status(each)).some((each) => each && isAllocatable(each)));
    setContext("registryEmpty", read && !found && this.wanted === "");
    // Not the nodes: each holds the whole of its domain.
    this.changes.show([this.wanted, folders.map((folder) => [folder, folderName(folder), folderDescription(this.connection.status(folder)), this.known.get(folder)])]);
  }

  private async folder(folder: string): Promise<readonly RegistryNode[]> {
    if (this.connection.state === "running") {
      const status = this.connection.status(folder);
      if (!status || status.source === "none") this.known.delete(folder);
      else {
        try {
          this.known.set(folder, await this.api.domainsSoFar(folder));
        } catch (error) {
          this.failure = error instanceof Refusal ? error.message : "The registry could not be read.";
          this.connection.log.debug(`The registry view could not be filled. ${String(error)}`);
        }
      }
    }
    return domainNodes(folder, this.known.get(folder) ?? [], this.wanted);
  }
}

/** Sets what `when` clauses depend on. */
function setContext(name: string, value: unknown): void {
  void vscode.commands.executeCommand("setContext", `specql.${name}`, value);
}

export function folderName(folder: string): string {
  return vscode.workspace.getWorkspaceFolder(vscode.Uri.parse(folder))?.name ?? folder;
}

function* parentsOf(nodes: readonly RegistryNode[]): Generator<[string, RegistryNode]> {
  for (const node of nodes) {
    for (const child of node.children) yield [child.id, node];
    yield* parentsOf(node.children);
  }
}
