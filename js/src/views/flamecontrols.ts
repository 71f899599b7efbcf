// Ways to stack, weight and zoom above the frames; how they are drawn beside the search.

import type { StackKind, TopKind } from "../state/clauses";
import type { ColourKind } from "../state/framesums";
import type { Store } from "../state/store";
import type { WeightKind } from "../state/weight";
import { h } from "./dom";
import type { FlameState } from "./flamestate";

const STACKS: [StackKind, string][] = [
  ["model", "layer → module → operator → kernel"],
  ["backend", "backend → category → operator → kernel"],
  ["call", "calls as they are nested, Python functions included where they were recorded → kernel"],
];
const LEAST: [share: number, label: string][] = [
  [0, "none"],
  [0.001, "below 0.1 %"],
  [0.005, "below 0.5 %"],
  [0.01, "below 1 %"],
];

export interface FlameCommands {
  zoom(factor: number): void;
  showAll(): void;
  colourBy(colour: ColourKind): void;
  hideBelow(least: number): void;
}

export class FlameControls {
  /** Title, ways to stack, weight, zoom. */
  readonly element = h("div", { class: "panel-head" });
  /** How frames are drawn. */
  readonly looks: HTMLElement;
  private readonly stacks = h("div", { class: "segments", role: "group", "aria-label": "Stack by" });
  private readonly colours = h("div", { class: "segments", role: "group", "aria-label": "Colour by" });
  private readonly top: HTMLSelectElement;
  private readonly inverted: HTMLButtonElement;
  private readonly weight: HTMLSelectElement;
  private readonly least: HTMLSelectElement;
  private readonly fold: HTMLInputElement;
  private readonly foldLabel: HTMLLabelElement;
  private readonly whole: HTMLButtonElement;

  constructor(
    private readonly store: Store,
    commands: FlameCommands,
  ) {
    const { totals, steps } = store.data.meta;
    const weights: [WeightKind, string, boolean][] = [
      ["device", "device time", totals.device_ns > 0],
      ["host", "host time", totals.host_ns > 0],
      ["count", "calls", true],
    ];
    this.weight = select(
      "Weight",
      weights.filter(([, , exists]) => exists),
      (weight) => store.show({ weight }),
    );
    const tops: [TopKind, string][] = [
      ["none", "nothing"],
      ["phase", "phase"],
      ["step", "step"],
    ];
    this.top = select("On top", tops, (top) => store.show({ top }));
    this.least = select(
      "Smaller frames are put together",
      LEAST.map(([share, label]) => [`${share}`, label]),
      (share) => commands.hideBelow(Number(share)),
    );
    this.inverted = h(
      "button",
      {
        type: "button",
        class: "toggle",
        title: "Kernels first, then who called them",
        onclick: () => store.show({ inverted: !store.options.inverted }),
      },
      "inverted",
    );
    this.fold = h("input", {
      type: "checkbox",
      onchange: () => store.show({ fold: this.fold.checked, unfolded: [] }),
    });
    this.foldLabel = h(
      "label",
      {
        class: "check",
        title: "Layers that do the same are one frame; U on a frame, or the mark in it, unfolds it alone",
      },
      this.fold,
      "fold equal layers",
    );
    const zoom = (factor: number, sign: string, label: string, key: string) =>
      h(
        "button",
        {
          type: "button",
          title: `${label} (${key}), or Ctrl + wheel`,
          "aria-label": label,
          onclick: () => commands.zoom(factor),
        },
        sign,
      );
    this.whole = h("button", { type: "button", title: "Show all (0)", onclick: () => commands.showAll() }, "fit");
    this.element.append(
      h("h3", {}, "Flame graph"),
      this.stacks,
      field("on top", this.top, steps.length === 0),
      this.inverted,
      this.foldLabel,
      h("span", { class: "spacer" }),
      field("weight", this.weight),
      h(
        "div",
        { class: "segments zoom", role: "group", "aria-label": "Zoom" },
        zoom(2, "−", "Zoom out", "−"),
        zoom(0.5, "+", "Zoom in", "+"),
        this.whole,
      ),
    );
    this.looks = h(
      "div",
      { class: "looks" },
      h("span", { class: "field" }, h("span", { class: "group-label" }, "colour"), this.colours),
      field("put together", this.least),
    );
    for (const [stack, title] of STACKS) {
      this.stacks.append(
        h("button", { type: "button", title, "data-stack": stack, onclick: () => store.show({ stack }) }, stack),
      );
    }
    for (const colour of ["backend", "category"] as const) {
      this.colours.append(
        h("button", { type: "button", "data-colour": colour, onclick: () => commands.colourBy(colour) }, colour),
      );
    }
  }

  update(state: FlameState): void {
    const { stack, top, inverted, weight, fold } = this.store.options;
    press(this.stacks, "stack", stack);
    press(this.colours, "colour", state.colour);
    this.inverted.setAttribute("aria-pressed", String(inverted));
    this.top.value = top;
    this.weight.value = weight;
    this.least.value = `${state.least}`;
    this.fold.checked = fold;
    this.foldLabel.hidden = stack !== "model" || this.store.data.meta.layer_count < 2;
  }

  /** What can be seen changed. */
  updateView(state: FlameState): void {
    const text = String(state.isWhole);
    // A disabled button would lose the focus.
    if (this.whole.ariaDisabled !== text) this.whole.ariaDisabled = text;
  }
}

function press(group: HTMLElement, name: string, chosen: string): void {
  for (const button of group.querySelectorAll("button")) {
    button.setAttribute("aria-pressed", String(button.dataset[name] === chosen));
  }
}

function field(label: string, control: HTMLElement, hidden = false): HTMLElement {
  return h("label", { class: "field", hidden }, h("span", { class: "group-label" }, label), control);
}

function select<V extends string>(
  label: string,
  entries: readonly (readonly [value: V, label: string, ...unknown[]])[],
  chosen: (value: V) => void,
): HTMLSelectElement {
  const element: HTMLSelectElement = h(
    "select",
    { "aria-label": label, onchange: () => chosen(element.value as V) },
    ...entries.map(([value, text]) => h("option", { value }, text)),
  );
  return element;
}
