/** Counts how often a server ends by itself: one that does so again and again is not started any more. */
export class Crashes {
  private times: readonly number[] = [];

  /**
   * @param most how many are borne within the window
   * @param windowMs how long one is remembered, in milliseconds
   */
  constructor(
    private readonly most: number,
    private readonly windowMs: number,
  ) {}

  /** Notes one, and says whether it was one too many. */
  note(now: number): boolean {
    this.times = [...this.times.filter((at) => now - at < this.windowMs), now];
    return this.times.length > this.most;
  }

  get count(): number {
    return this.times.length;
  }

  forget(): void {
    this.times = [];
  }
}
