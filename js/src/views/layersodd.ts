// Layers that differ from their siblings, in words under the bars.

import { formatCount, formatRuns, plainName } from "../data/format";
import type { Culprit } from "../state/culprits";
import type { Outlier } from "../state/outliers";
import { h, replace } from "./dom";

/** One of them, as one row of bars shows it. */
export interface OddLayer extends Outlier {
  /** Name of the row of bars; empty where there is only one. */
  row: string;
  /** Null until it is known. */
  culprit: Culprit | null;
}

const TOLD = 3;
const NARROW_SPACE = "\u202f";

export class LayersOdd {
  readonly element = h("div", { class: "odd-layers" });

  constructor(private readonly select: (layers: number[]) => void) {}

  update(odd: readonly OddLayer[], say: (odd: OddLayer) => string): void {
    const layers = [...new Set(odd.map(({ layer }) => layer))].sort((a, b) => a - b);
    const strongest = [...odd].sort((a, b) => Math.abs(b.frac) - Math.abs(a.frac)).slice(0, TOLD);
    const left = odd.length - strongest.length;
    replace(
      this.element,
      ...(layers.length === 0
        ? []
        : [
            h(
              "ul",
              {},
              ...strongest.map((one) =>
                h(
                  "li",
                  {},
                  h("span", { class: "sign", "aria-hidden": "true" }, one.frac > 0 ? "▲" : "▼"),
                  `${one.row ? `${one.row}, ` : ""}${say(one)}`,
                ),
              ),
              left > 0 && h("li", { class: "muted" }, `and ${formatCount(left)} more that differ`),
            ),
            h(
              "button",
              {
                type: "button",
                class: "toggle",
                title: `layers ${formatRuns(layers, 12)}`,
                onclick: () => this.select(layers),
              },
              layers.length === 1 ? `Select layer ${layers[0]}` : `Select these ${formatCount(layers.length)} layers`,
            ),
          ]),
    );
  }
}

/** "+34 %", "−12 %"; large ones as a multiple. */
export function fracText(frac: number): string {
  if (frac >= 2) return `${(1 + frac).toFixed(frac >= 9 ? 0 : 1)}${NARROW_SPACE}times`;
  const percent = Math.abs(100 * frac);
  const text = `${percent < 9.95 ? percent.toFixed(1) : Math.round(percent)}${NARROW_SPACE}%`;
  return `${frac < 0 ? "\u2212" : "+"}${text}`;
}

/** "+34 % against the median of its 27 siblings, mostly gemm_kernel +2.1 ms" */
export function oddText(
  { frac, siblings, culprit }: OddLayer,
  strings: readonly string[],
  show: (weight: number) => string,
): string {
  const compared = `${fracText(frac)}${frac >= 2 ? " the" : " against the"} median of its ${siblings.length} siblings`;
  if (!culprit) return compared;
  const name = culprit.name < 0 ? "its own spans" : plainName(strings[culprit.name] ?? "", 80);
  const sign = culprit.difference < 0 ? "\u2212" : "+";
  return `${compared}, mostly ${name} ${sign}${show(Math.abs(culprit.difference))}`;
}
