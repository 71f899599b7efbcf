// Choosing by how long single activities took: two boxes under a small picture of all durations. Of several ranges,
// which Python may have asked for, the boxes are for the first; the others are told below, to be removed.

import { formatCount, formatNs } from "../data/format";
import { OPEN, type Range } from "../state/clauses";
import { durationsOf } from "../state/eventsums";
import { exactNs, rangeText } from "../state/ranges";
import { type Histogram, histogram } from "../state/spread";
import type { Store } from "../state/store";
import { durationRange, readDuration } from "../state/written";
import { freshId, h, replace } from "./dom";
import { bins } from "./histogram";

export class FilterDuration {
  readonly element = h("div", { class: "filter-duration" });
  private readonly picture = h("div", { class: "histogram", "aria-hidden": "true" });
  private readonly scale = h("div", { class: "histogram-scale muted" });
  private readonly problem = h("p", { class: "problem", role: "alert", id: freshId("problem") });
  private readonly note = h("p", { class: "muted", role: "status" });
  private readonly others = h("ul", { class: "other-ranges" });
  private readonly least = this.box("At least", "0 ns");
  private readonly most = this.box("At most", "any");
  private drawn: Histogram = { edges: [], counts: [] };
  private pressed = -1;

  constructor(private readonly store: Store) {
    this.element.append(
      this.picture,
      this.scale,
      h("div", { class: "duration-boxes" }, label("At least", this.least), label("At most", this.most)),
      this.problem,
      this.others,
      this.note,
      h(
        "div",
        { class: "choice-actions" },
        h("button", { type: "button", class: "link", onclick: () => store.clear("duration_ns") }, "Any duration"),
      ),
    );
    this.picture.addEventListener("pointerdown", (event) => {
      this.pressed = this.binAt(event);
      if (this.pressed < 0) return;
      this.picture.setPointerCapture(event.pointerId);
      this.mark(this.pressed, this.pressed);
    });
    this.picture.addEventListener("pointermove", (event) => {
      if (this.pressed >= 0) this.mark(this.pressed, this.binAt(event));
    });
    this.picture.addEventListener("pointerup", (event) => this.choose(this.binAt(event)));
    this.picture.addEventListener("pointercancel", () => {
      this.pressed = -1;
      this.update();
    });
    this.update();
  }

  update(): void {
    const { store } = this;
    const chosen = store.selectedEvents("duration_ns");
    this.note.textContent = chosen
      ? chosen.length === 0
        ? "Nothing is left under the other filters."
        : `Of ${formatCount(chosen.length)} calls under the other filters.`
      : store.missing || "Loading single events …";
    for (const box of [this.least, this.most]) box.disabled = !chosen;
    this.picture.hidden = !chosen?.length;
    this.scale.hidden = this.picture.hidden;
    if (chosen?.length) this.draw(durationsOf(store.events!, chosen));
    this.fill((this.element.getRootNode() as ShadowRoot | Document).activeElement);
    const [first, ...others] = store.clauses.duration_ns ?? [];
    replace(
      this.others,
      ...others.map((range) => this.other(range, () => [first!, ...others.filter((one) => one !== range)])),
    );
  }

  /** Write into the boxes, but for one that is being written into. */
  private fill(focused: Element | null): void {
    const [least, most] = inWords(this.store.clauses.duration_ns?.[0]);
    if (focused !== this.least) this.least.value = least;
    if (focused !== this.most) this.most.value = most;
  }

  private other(range: Range, without: () => Range[]): HTMLElement {
    const text = rangeText(range);
    const remove = () => {
      this.store.set("duration_ns", without());
      this.least.focus();
    };
    const button = { type: "button", class: "link", "aria-label": `Remove ${text}`, onclick: remove };
    return h("li", {}, `or ${text} `, h("button", button, "remove"));
  }

  private draw(durations: Float64Array): void {
    let [shortest, longest] = [Number.POSITIVE_INFINITY, 0];
    for (const duration of durations) {
      if (duration < shortest) shortest = duration;
      if (duration > longest) longest = duration;
    }
    this.drawn = histogram(durations, shortest, longest);
    const { edges } = this.drawn;
    const ranges = this.store.clauses.duration_ns;
    const isOut = (bin: number) =>
      ranges !== undefined && !ranges.some(([start, stop]) => start < edges[bin + 1]! && stop > edges[bin]!);
    replace(this.picture, ...bins(this.drawn, isOut));
    replace(this.scale, h("span", {}, formatNs(shortest)), h("span", {}, formatNs(longest)));
  }

  private binAt(event: PointerEvent): number {
    const box = this.picture.getBoundingClientRect();
    const share = (event.clientX - box.left) / Math.max(1, box.width);
    const bins = this.drawn.counts.length;
    return bins === 0 ? -1 : Math.max(0, Math.min(bins - 1, Math.floor(share * bins)));
  }

  private mark(a: number, b: number): void {
    [...this.picture.children].forEach((bin, i) => {
      bin.classList.toggle("out", i < Math.min(a, b) || i > Math.max(a, b));
    });
  }

  /** From the bin that was pressed to this one, instead of all that the picture showed; the first and last bins leave their end open. */
  private choose(bin: number): void {
    if (this.pressed < 0) return;
    const [from, to] = [Math.min(this.pressed, bin), Math.max(this.pressed, bin)];
    this.pressed = -1;
    const { edges, counts } = this.drawn;
    const least = from === 0 ? null : Math.ceil(edges[from]!);
    const most = to === counts.length - 1 ? null : Math.ceil(edges[to + 1]!) - 1;
    const range = durationRange(least, most);
    this.store.set("duration_ns", range && [range]);
    this.update();
  }

  private box(name: string, placeholder: string): HTMLInputElement {
    const read = () => this.readBoxes();
    return h("input", {
      type: "text",
      class: "box",
      "data-item": true,
      placeholder,
      "aria-label": `${name}, for example 10us or 1.5 ms`,
      "aria-describedby": this.problem.id,
      spellcheck: "false",
      onchange: read,
      onkeydown: (event: KeyboardEvent) => event.key === "Enter" && read(),
    });
  }

  /** Boxes that say what they said change nothing, even where what they say would read otherwise. */
  private readBoxes(): void {
    const { clauses } = this.store;
    const [first, ...others] = clauses.duration_ns ?? [];
    const [leastText, mostText] = inWords(first);
    const isSame = this.least.value === leastText && this.most.value === mostText;
    const [least, most] = [readDuration(this.least.value), readDuration(this.most.value)];
    const isWrong = (read: typeof least) => !isSame && "problem" in read;
    this.least.setAttribute("aria-invalid", String(isWrong(least)));
    this.most.setAttribute("aria-invalid", String(isWrong(most)));
    this.problem.textContent = "";
    if (isSame) return;
    if ("problem" in least || "problem" in most) {
      this.problem.textContent = "problem" in least ? least.problem : "problem" in most ? most.problem : "";
      return;
    }
    if (least.value !== null && most.value !== null && most.value < least.value) {
      this.problem.textContent = "The longest is shorter than the shortest.";
      return;
    }
    const range = durationRange(least.value || null, most.value);
    const next = range ? [range, ...others] : others;
    this.store.set("duration_ns", next.length > 0 ? next : undefined);
    this.fill(null);
  }
}

const plain = (ns: number): string => exactNs(ns).replace("\u202f", " ");

/** What the boxes say of a range. */
function inWords([start, stop]: Range = [0, OPEN]): [least: string, most: string] {
  return [start > 0 ? plain(start) : "", stop < OPEN ? plain(stop - 1) : ""];
}

function label(text: string, box: HTMLElement): HTMLElement {
  return h("label", {}, h("span", { class: "muted" }, text), box);
}
