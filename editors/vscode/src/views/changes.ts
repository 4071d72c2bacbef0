/**
 * Calls `tell` where the content differs from the one before.
 *
 * A tree that VS Code reads again has no nodes until it has asked for them: a click on a row does nothing then. So a tree is
 * only read again where it changes.
 */
export class Changes {
  private shown: string | undefined;

  constructor(private readonly tell: () => void) {}

  /** @param content what can be written as JSON, without anything in it twice */
  show(content: unknown): void {
    const text = JSON.stringify(content);
    if (text === this.shown) return;
    this.shown = text;
    this.tell();
  }
}
