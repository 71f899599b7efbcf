// How the layer bars are looked at. A lens of this panel: it filters nothing.

import { EVERY_PHASE, type Lens } from "../state/layersums";
import type { Store } from "../state/store";
import { h } from "./dom";

export class LayersControls {
  readonly element = h("div", { class: "layer-tools" });
  private readonly phases = h("div", { class: "segments", role: "group", "aria-label": "Phase of these bars" });
  private readonly facet: HTMLButtonElement;
  private readonly share: HTMLButtonElement;
  private readonly perStep: HTMLButtonElement;
  private readonly buttons = new Map<number, HTMLButtonElement>();

  constructor(
    store: Store,
    /** Phases that the profile has. */
    phases: readonly number[],
    private readonly lens: Lens,
    private readonly changed: () => void,
  ) {
    const { meta } = store.data;
    this.facet = this.toggle("by phase", "One row of bars for each phase", () => {
      lens.isFaceted = !lens.isFaceted;
      lens.phase = EVERY_PHASE;
    });
    this.share = this.toggle("share", "Parts of each bar, all bars equally high", () => {
      lens.isShare = !lens.isShare;
    });
    this.perStep = this.toggle("per step", "Mean of a step: divided by the number of steps", () => {
      lens.isPerStep = !lens.isPerStep;
    });
    if (phases.length > 1) {
      for (const phase of [EVERY_PHASE, ...phases]) {
        const button = h(
          "button",
          { type: "button", onclick: () => this.look(phase) },
          phase === EVERY_PHASE ? "all" : (meta.phases[phase] ?? "?"),
        );
        this.buttons.set(phase, button);
        this.phases.append(button);
      }
      this.element.append(this.phases, this.facet);
    }
    this.element.append(this.share);
    if (meta.steps.length > 1) this.element.append(this.perStep);
    this.update();
  }

  private toggle(label: string, title: string, change: () => void): HTMLButtonElement {
    const onclick = () => {
      change();
      this.update();
      this.changed();
    };
    return h("button", { type: "button", class: "toggle", title, onclick }, label);
  }

  private look(phase: number): void {
    this.lens.phase = phase;
    this.lens.isFaceted = false;
    this.update();
    this.changed();
  }

  private update(): void {
    const { lens } = this;
    const press = (button: HTMLElement, isPressed: boolean) => button.setAttribute("aria-pressed", String(isPressed));
    for (const [phase, button] of this.buttons) press(button, !lens.isFaceted && lens.phase === phase);
    press(this.facet, lens.isFaceted);
    press(this.share, lens.isShare);
    press(this.perStep, lens.isPerStep);
  }
}
