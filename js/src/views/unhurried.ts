// Words beside a moving picture: each change of them has the browser lay out and paint the page, which takes longer
// than the picture itself. Nobody reads them sixty times a second.

export class Unhurried {
  private last = Number.NEGATIVE_INFINITY;
  private waiting: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly work: () => void,
    private readonly every_ms: number,
    private readonly signal: AbortSignal,
  ) {
    signal.addEventListener("abort", () => clearTimeout(this.waiting));
  }

  /** At once where nothing moved for a while; amid a motion once in a while, and after it. */
  soon(): void {
    if (this.waiting !== undefined || this.signal.aborted) return;
    const rest = this.last + this.every_ms - performance.now();
    if (rest <= 0) this.write();
    else this.waiting = setTimeout(() => this.write(), rest);
  }

  now(): void {
    this.write();
    this.last = Number.NEGATIVE_INFINITY;
  }

  private write(): void {
    clearTimeout(this.waiting);
    this.waiting = undefined;
    this.last = performance.now();
    this.work();
  }
}
