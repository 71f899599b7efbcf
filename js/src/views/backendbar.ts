// Time by backend as one bar: every part selects its backend, and shows how much of it is left under the filters.

import { formatShare } from "../data/format";
import { inked } from "../draw/hatch";
import { inkOf } from "../draw/palette";
import { sumByCode } from "../state/aggregate";
import { DIMENSIONS, toggled } from "../state/clauses";
import type { Store } from "../state/store";
import { WEIGHT_LABELS } from "../state/weight";
import { h, patch } from "./dom";
import { swatchOf } from "./swatch";

interface Share {
  key: string;
  label: string;
  whole: number;
  left: number;
}

export class BackendBar {
  readonly element = h("div", { class: "backend-bar", role: "group", "aria-label": "Time by backend" });
  /** Names and shares below the bar, for where no pills say them. */
  readonly legend = h("ul", { class: "legend", "aria-hidden": "true" });

  constructor(private readonly store: Store) {}

  update(): void {
    const { store, element } = this;
    const shares = this.shares();
    const total = shares.reduce((sum, share) => sum + share.whole, 0);
    patch(element, ...shares.map((share) => this.part(share, total)));
    patch(
      this.legend,
      ...shares.map(({ key, label, left }) => {
        return h(
          "li",
          { class: "tag" },
          swatchOf(inkOf(key)),
          label,
          h("span", { class: "muted" }, formatShare(left, store.isFiltered ? store.remaining().weight : total)),
        );
      }),
    );
  }

  private shares(): Share[] {
    const { store } = this;
    const { roles } = store.data.meta;
    const { role } = store.data.facts;
    const whole = sumByCode(role, roles.length, store.measure(...DIMENSIONS), store.passing(...DIMENSIONS));
    const left = sumByCode(role, roles.length, store.measure(), store.passing());
    return roles
      .map((one, code) => ({ ...one, whole: whole[code], left: left[code] }))
      .filter((share) => share.whole > 0);
  }

  private part({ key, label, whole, left }: Share, total: number): HTMLElement {
    const { store } = this;
    const ink = inkOf(key);
    const kept = (100 * left) / whole;
    const said = `${label}: ${formatShare(whole, total)} of ${WEIGHT_LABELS[store.options.weight]}`;
    const words = left < whole ? `${said}, ${formatShare(left, whole)} of it selected` : said;
    return h(
      "button",
      {
        type: "button",
        class: "backend-part",
        "data-key": key,
        style: { "flex-grow": `${whole / total}`, color: ink.text },
        title: words,
        "aria-label": words,
        "aria-pressed": String(store.clauses.backend?.includes(key) ?? false),
        onclick: (event: MouseEvent) => this.choose(key, event.ctrlKey || event.metaKey || event.shiftKey),
      },
      h("span", {
        class: "kept",
        style: { width: `${kept}%`, ...inked(ink) },
      }),
      h("span", { class: "rest", style: { "background-color": ink.fill } }),
      (100 * whole) / total > 9 &&
        h(
          "span",
          // Strokes through letters cannot be read.
          kept > 60 ? { class: "words", style: { "background-color": ink.fill } } : { class: "words faint" },
          `${label} ${formatShare(whole, total)}`,
        ),
    );
  }

  /** This one only, or one more; the only one again is none. */
  private choose(key: string, more: boolean): void {
    const { store } = this;
    const chosen = store.clauses.backend;
    const isOnly = chosen?.length === 1 && chosen[0] === key;
    store.set("backend", more ? toggled(chosen, key) : isOnly ? undefined : [key]);
  }
}
