/** Runs one task at a time; of the tasks that are requested meanwhile only the last one runs, afterwards. */
export class LatestOnly {
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
