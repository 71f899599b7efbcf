// A window that moves instead of jumping, unless the reader wants stillness.

import type { Window } from "../draw/window";
import { prefersStillness } from "./theme";

const GLIDE_MS = 160;

export class Glide {
  private asked = 0;

  constructor(
    private readonly show: (view: Window) => void,
    private readonly signal: AbortSignal,
  ) {}

  stop(): void {
    cancelAnimationFrame(this.asked);
  }

  to(source: Window, target: Window): void {
    this.stop();
    if (prefersStillness()) {
      this.show(target);
      return;
    }
    const began = performance.now();
    const step = () => {
      const share = Math.min(1, (performance.now() - began) / GLIDE_MS);
      const eased = 1 - (1 - share) ** 3;
      const between = (a: number, b: number) => (share === 1 ? b : a + (b - a) * eased);
      this.show({ from: between(source.from, target.from), to: between(source.to, target.to) });
      if (share < 1 && !this.signal.aborted) this.asked = requestAnimationFrame(step);
    };
    step();
  }
}
