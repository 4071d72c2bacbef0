/** Runs one piece of work at a time: what is asked for meanwhile is done once, afterwards. */
export class Latest {
  private running = false;
  private again: (() => Promise<void>) | undefined;

  run(work: () => Promise<void>): void {
    if (this.running) {
      this.again = work;
      return;
    }
    this.running = true;
    void work()
      .catch(() => undefined)
      .finally(() => {
        this.running = false;
        const next = this.again;
        this.again = undefined;
        if (next) this.run(next);
      });
  }
}
