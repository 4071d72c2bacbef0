/** What is said where a row was chosen in a tree that is being read again. */
export const ROW_GONE = "The view was just updated, and nothing was done. Choose the row again.";

/** What VS Code gives a command of a tree: the row and all selected rows; neither from the palette or by a key. */
type Given<Node> = [node?: Node | null, nodes?: readonly (Node | null | undefined)[]];

/**
 * The function of a command that rows have in their menus.
 *
 * VS Code looks up the node of a row when its command is called. It has none while the tree is read again, and gives
 * undefined in its place: that is no call without a row, which may be about what is selected, or about everything.
 *
 * @param run gets the row and all selected rows; neither where the command was called without a row
 * @param refuse is called where a row has no node
 */
export function ofRows<Node>(run: (node?: Node, nodes?: readonly Node[]) => unknown, refuse: () => unknown): (...given: Given<Node>) => unknown {
  return (...given) => {
    const [node, nodes] = given;
    if (given.length === 0) return run();
    // In an editor's menu the second argument is something else.
    const selected = Array.isArray(nodes) ? nodes : undefined;
    if (isMissing(node) || selected?.some(isMissing)) return refuse();
    return run(node, selected as readonly Node[] | undefined);
  };
}

function isMissing(node: unknown): node is null | undefined {
  return node === undefined || node === null;
}
