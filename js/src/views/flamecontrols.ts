import type { Window } from "../draw/layout";
import type { StackKind } from "../state/clauses";
import type { Stack } from "../state/stack";
import type { Store } from "../state/store";
import type { WeightKind } from "../state/weight";
import { h, replace } from "./dom";

const STACKS: [StackKind, string][] = [
  ["model", "module → layer → operator → kernel"],
  ["backend", "backend → category → operator → kernel"],
  ["call", "call path → kernel"],
];

export interface FlameCommands {
  zoom(factor: number): void;
  focusOn(frame: number): void;
}

/** Title, ways to stack, weight, fold and zoom buttons; the breadcrumb of a zoomed frame. */
export class FlameControls {
  readonly element = h("div", { class: "panel-head" });
  readonly breadcrumb = h("nav", { class: "breadcrumb", "aria-label": "Zoomed frame", hidden: true });
  private readonly stacks = h("div", { class: "segments", role: "group", "aria-label": "Stack by" });
  private readonly weight: HTMLSelectElement;
  private readonly fold: HTMLInputElement;
  private readonly foldLabel: HTMLLabelElement;
  private readonly whole: HTMLButtonElement;

  constructor(
    private readonly store: Store,
    private readonly commands: FlameCommands,
  ) {
    const { totals, layer_count } = store.data.meta;
    const weights: [WeightKind, string, boolean][] = [
      ["device", "device time", totals.device_ns > 0],
      ["host", "host time", totals.host_ns > 0],
      ["count", "calls", true],
    ];
    this.weight = h(
      "select",
      { "aria-label": "Weight", onchange: () => store.show({ weight: this.weight.value as WeightKind }) },
      ...weights.filter(([, , exists]) => exists).map(([value, label]) => h("option", { value }, label)),
    );
    this.fold = h("input", { type: "checkbox", onchange: () => store.show({ fold: this.fold.checked }) });
    this.foldLabel = h("label", { class: "check" }, this.fold, "fold equal layers");
    this.foldLabel.hidden = layer_count < 2;
    this.whole = h("button", { type: "button", title: "Show all (0)", onclick: () => commands.focusOn(0) }, "fit");
    this.element.append(
      h("h3", {}, "Flame graph"),
      this.stacks,
      this.foldLabel,
      h("span", { class: "spacer" }),
      h("label", { class: "field" }, h("span", { class: "group-label" }, "weight"), this.weight),
      h(
        "div",
        { class: "segments zoom", role: "group", "aria-label": "Zoom" },
        h(
          "button",
          {
            type: "button",
            title: "Zoom out (−), or Ctrl + wheel",
            "aria-label": "Zoom out",
            onclick: () => commands.zoom(2),
          },
          "−",
        ),
        h(
          "button",
          {
            type: "button",
            title: "Zoom in (+), or Ctrl + wheel",
            "aria-label": "Zoom in",
            onclick: () => commands.zoom(0.5),
          },
          "+",
        ),
        this.whole,
      ),
    );
    for (const [kind, title] of STACKS) {
      this.stacks.append(
        h("button", { type: "button", title, "data-stack": kind, onclick: () => store.show({ stack: kind }) }, kind),
      );
    }
  }

  update(stack: Stack, focus: number, view: Window): void {
    const { options } = this.store;
    for (const button of this.stacks.querySelectorAll("button")) {
      button.setAttribute("aria-pressed", String(button.dataset.stack === options.stack));
    }
    this.weight.value = options.weight;
    this.fold.checked = options.fold;
    this.foldLabel.hidden = options.stack !== "model" || this.store.data.meta.layer_count < 2;
    this.whole.disabled = view.from === 0 && view.to === 1;
    const trail: number[] = [];
    for (let frame = focus; frame > 0; frame = stack.parent[frame]!) trail.unshift(frame);
    this.breadcrumb.hidden = trail.length === 0;
    if (trail.length === 0) return;
    replace(
      this.breadcrumb,
      ...[0, ...trail].flatMap((frame, i) => [
        i > 0 && h("span", { "aria-hidden": "true" }, "›"),
        frame === focus
          ? h("span", { class: "here", "aria-current": "true" }, stack.labels[frame]!)
          : h(
              "button",
              { type: "button", class: "link", onclick: () => this.commands.focusOn(frame) },
              stack.labels[frame]!,
            ),
      ]),
    );
  }
}
