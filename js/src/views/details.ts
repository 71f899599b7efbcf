// What is selected: why it has its backend, who called it, and how its time is spread.
// With nothing selected: how the profile was read.

import { formatCount, formatNs, formatRuns, formatShare, plainName } from "../data/format";
import { inkOf } from "../draw/palette";
import { type Description, describe, type Part } from "../state/describe";
import type { Store } from "../state/store";
import { WEIGHT_LABELS } from "../state/weight";
import { copyButton } from "./copybutton";
import { EventSections, MANY } from "./detailsevents";
import { otherLayers } from "./detailslayers";
import { metric, metrics, pair, places, shares } from "./detailsparts";
import { profile } from "./detailsprofile";
import { callers, reasons } from "./detailswhy";
import { afterPaint, h, replace } from "./dom";
import { swatchOf } from "./swatch";

export class DetailsView {
  readonly element = h("section", { class: "panel details", "aria-label": "Details" });
  private readonly head = h("h3", {}, "Details");
  private readonly body = h("div", { class: "details-body", tabindex: "0", role: "group", "aria-label": "Details" });
  /** What sums say at once, above single events; and what takes longer, below. */
  private readonly above = h("div", { class: "detail-group" });
  private readonly below = h("div", { class: "detail-group" });
  private readonly events: EventSections;
  private callOff = () => {};

  constructor(
    private readonly store: Store,
    signal: AbortSignal,
  ) {
    this.events = new EventSections(store, signal);
    signal.addEventListener("abort", () => this.callOff());
    this.body.append(this.above, this.events.element, this.below);
    this.element.append(h("div", { class: "panel-head" }, this.head), this.body);
    this.update();
  }

  update(): void {
    const { store } = this;
    const found = describe(store.data, store.measure(), store.passing());
    this.callOff();
    this.head.textContent = store.isFiltered ? "Details" : "How this was read";
    if (!store.isFiltered || found.weight === 0) {
      this.events.clear();
      this.below.removeAttribute("aria-busy");
      replace(this.below);
      replace(
        this.above,
        ...(store.isFiltered
          ? [h("p", { class: "empty" }, "Nothing is left under these filters.")]
          : profile(store.data.meta, found)),
      );
      return;
    }
    replace(this.above, ...this.selection(found));
    this.events.update();
    if ((store.events?.count ?? 0) > MANY) {
      this.below.setAttribute("aria-busy", "true");
      this.callOff = afterPaint(() => this.drawBelow(found));
    } else this.drawBelow(found);
  }

  /** Who called it, and how it fares in other layers: another pass over its rows, and a hundred elements to lay out. */
  private drawBelow(found: Description): void {
    const { store, below } = this;
    const focused = this.focusedLayer();
    const only = onlyName(found);
    below.removeAttribute("aria-busy");
    replace(below, only === null ? null : otherLayers(store, only), callers(store, found));
    if (focused) below.querySelector<HTMLElement>(`.peer[data-layer="${focused}"]`)?.focus();
  }

  /** Clicking through layers with the keyboard must not lose the place. */
  private focusedLayer(): string | null {
    const active = (this.body.getRootNode() as ShadowRoot | Document).activeElement;
    return this.body.contains(active) ? (active?.getAttribute("data-layer") ?? null) : null;
  }

  private selection(found: Description): (HTMLElement | null)[] {
    const { store } = this;
    const isCount = store.options.weight === "count";
    return [
      this.subject(found, onlyName(found)),
      h("div", { class: "tags" }, ...found.roles.slice(0, 7).map((part) => this.roleTag(part, found))),
      metrics(
        metric(WEIGHT_LABELS[store.options.weight], isCount ? formatCount(found.weight) : formatNs(found.weight)),
        metric("share of all", formatShare(found.weight, store.whole.weight)),
        !isCount && metric("calls", formatCount(found.calls)),
        !isCount && metric("mean", formatNs(found.weight / Math.max(1, found.calls))),
      ),
      this.places(found),
      reasons(store, found),
    ];
  }

  private subject(found: Description, only: number | null): HTMLElement {
    const { strings, meta } = this.store.data;
    if (only === null) {
      const noun = meta.weight === "host" ? "operators" : "kernels";
      return h("div", { class: "subject" }, `${formatCount(found.names.length)} distinct ${noun}`);
    }
    const name = strings[only] ?? "";
    return h(
      "div",
      { class: "subject-row" },
      h("div", { class: "subject code" }, plainName(name, 2000)),
      copyButton(name, "the full name"),
    );
  }

  /** Where and when: only what says something. */
  private places(found: Description): HTMLElement {
    const { meta } = this.store.data;
    const named = (words: readonly string[]) => (code: number) => words[code] ?? "?";
    const number = (noun: string, none: string) => (code: number) => (code < 0 ? none : `${noun} ${code}`);
    const steps = found.steps.map(({ code }) => code).filter((code) => code >= 0);
    return places(
      ...pair("category", shares(found.categories, named(meta.categories), found.weight)),
      ...(found.phases.length > 0 ? pair("phase", shares(found.phases, named(meta.phases), found.weight)) : []),
      ...(found.layers.length > 0 ? pair("layers", formatRuns(found.layers)) : []),
      ...(steps.length > 0 ? pair("steps", formatRuns(steps)) : []),
      ...(meta.weight === "device"
        ? pair("streams", shares(found.streams, number("stream", "host"), found.weight))
        : []),
      ...(meta.ranks.length > 1 ? pair("ranks", shares(found.ranks, number("rank", "none"), found.weight)) : []),
    );
  }

  private roleTag(part: Part, found: Description): HTMLElement {
    const role = this.store.data.meta.roles[part.code];
    return h(
      "span",
      { class: "tag" },
      swatchOf(inkOf(role?.key ?? "")),
      role?.label ?? "?",
      found.roles.length > 1 && h("span", { class: "muted" }, formatShare(part.weight, found.weight)),
    );
  }
}

const onlyName = ({ names }: Description): number | null => (names.length === 1 ? names[0]!.code : null);
