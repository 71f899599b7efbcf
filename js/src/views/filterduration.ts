// Choosing by how long single activities took: two boxes over a small picture of all durations.

import { formatCount, formatNs } from "../data/format";
import { OPEN } from "../state/clauses";
import { durationsOf } from "../state/eventsums";
import { exactNs } from "../state/ranges";
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
    const [start, stop] = store.clauses.duration_ns?.[0] ?? [0, OPEN];
    const root = this.element.getRootNode() as ShadowRoot | Document;
    if (root.activeElement !== this.least) this.least.value = start > 0 ? plain(start) : "";
    if (root.activeElement !== this.most) this.most.value = stop < OPEN ? plain(stop - 1) : "";
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

  /** From the bin that was pressed to this one; the first and last bins leave their end open. */
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

  private readBoxes(): void {
    const [least, most] = [readDuration(this.least.value), readDuration(this.most.value)];
    const problem = "problem" in least ? least.problem : "problem" in most ? most.problem : "";
    this.least.setAttribute("aria-invalid", String("problem" in least));
    this.most.setAttribute("aria-invalid", String("problem" in most));
    this.problem.textContent = problem;
    if ("problem" in least || "problem" in most) return;
    if (least.value !== null && most.value !== null && most.value < least.value) {
      this.problem.textContent = "The longest is shorter than the shortest.";
      return;
    }
    const range = durationRange(least.value || null, most.value);
    this.store.set("duration_ns", range && [range]);
  }
}

const plain = (ns: number): string => exactNs(ns).replace("\u202f", " ");

function label(text: string, box: HTMLElement): HTMLElement {
  return h("label", {}, h("span", { class: "muted" }, text), box);
}
