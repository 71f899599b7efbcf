// What only single events can tell: how long they took, how long they waited, on what shapes.

import type { Events } from "../data/events";
import { formatCount, formatNs, formatShare, plainName } from "../data/format";
import { delaysOf, durationsOf } from "../state/eventsums";
import { type ShapeLine, shapesOf, shapeText } from "../state/inputshapes";
import { quantile, type Spread, spreadOf } from "../state/quantiles";
import { histogram } from "../state/spread";
import type { Store } from "../state/store";
import { eventFacts } from "./detailsevent";
import { metric, metrics, section } from "./detailsparts";
import { afterPaint, h, replace } from "./dom";
import { bins, placeOf } from "./histogram";

/** With more events than this, sums wait until the click itself has been shown. */
export const MANY = 200_000;
const SHAPES_AT_ONCE = 20_000;
const SHAPES_SHOWN = 5;

export class EventSections {
  readonly element = h("div", { class: "event-sections" });
  private waiting = 0;
  private callOff = () => {};

  constructor(
    private readonly store: Store,
    signal: AbortSignal,
  ) {
    signal.addEventListener("abort", () => this.stop());
  }

  stop(): void {
    this.callOff();
    clearTimeout(this.waiting);
  }

  clear(): void {
    this.stop();
    this.element.removeAttribute("aria-busy");
    replace(this.element);
  }

  update(): void {
    const { store, element } = this;
    this.stop();
    if (!store.events) {
      const why = store.missing || "Loading single events …";
      replace(element, section("Durations", h("p", { class: "muted", role: "status" }, why)));
    } else if (store.events.count > MANY) {
      element.setAttribute("aria-busy", "true");
      this.callOff = afterPaint(() => this.draw(store.events!));
    } else this.draw(store.events);
  }

  private draw(events: Events): void {
    const { store, element } = this;
    element.removeAttribute("aria-busy");
    const chosen = store.selectedEvents()!;
    if (chosen.length === 0) {
      replace(element);
      return;
    }
    if (chosen.length === 1) {
      replace(element, eventFacts(store, events, chosen[0]));
      return;
    }
    const waits = h("div", { hidden: true });
    const shapes = h("div", { hidden: true });
    replace(element, durations(durationsOf(events, chosen), store.data.meta.weight === "host"), waits, shapes);
    if (events.count > MANY) this.waiting = window.setTimeout(() => this.drawRest(events, chosen, waits, shapes));
    else this.drawRest(events, chosen, waits, shapes);
  }

  private drawRest(events: Events, chosen: Int32Array, waits: HTMLElement, shapes: HTMLElement): void {
    const { launch_ns, queue_ns } = delaysOf(events, chosen);
    if (launch_ns.length > 0) waits.replaceWith(delays(launch_ns, queue_ns, chosen.length));
    this.sumShapes(events, chosen, shapes, new Map(), 0);
  }

  /** A few thousand at a time: finding the operator around a launch takes a while. */
  private sumShapes(
    events: Events,
    chosen: Int32Array,
    place: HTMLElement,
    lines: Map<number, ShapeLine>,
    from: number,
  ): void {
    shapesOf(events).add(lines, chosen, from, from + SHAPES_AT_ONCE);
    const next = from + SHAPES_AT_ONCE;
    if (next < chosen.length) {
      this.waiting = window.setTimeout(() => this.sumShapes(events, chosen, place, lines, next));
      return;
    }
    const known = [...lines.values()].filter((line) => line.shapes >= 0).sort((a, b) => b.count - a.count);
    if (known.length === 0) return;
    place.hidden = false;
    replace(place, shapeTable(events, known, chosen.length));
  }
}

function durations(values: Float64Array, isHost: boolean): HTMLElement {
  const spread = spreadOf(values);
  const drawn = histogram(values, spread.least, spread.most);
  const marks: [string, number][] = [
    ["p50", spread.median],
    ["p95", spread.p95],
    ["max", spread.most],
  ];
  // A label beside its mark would be cut off at the right.
  const isLate = (value: number) => placeOf(drawn, value) > 88;
  const words = `${formatCount(spread.count)} calls from ${formatNs(spread.least)} to ${formatNs(spread.most)}`;
  return section(
    isHost ? "Durations, with the calls inside" : "Durations",
    spread.least < spread.most
      ? h(
          "div",
          { class: "durations" },
          h(
            "div",
            {
              class: "histogram",
              role: "img",
              "aria-label": `${words}, ${marks.map(([name, value]) => `${name} ${formatNs(value)}`).join(", ")}`,
            },
            ...bins(drawn),
            ...marks.map(([name, value]) =>
              h("div", {
                class: `mark ${name}${isLate(value) ? " late" : ""}`,
                style: { left: `${placeOf(drawn, value)}%` },
              }),
            ),
          ),
          h(
            "div",
            { class: "histogram-scale muted", "aria-hidden": "true" },
            h("span", {}, formatNs(drawn.edges[0]!)),
            h("span", {}, formatNs(drawn.edges.at(-1)!)),
          ),
        )
      : null,
    metrics(metric("min", formatNs(spread.least)), ...marks.map(([name, value]) => metric(name, formatNs(value)))),
  );
}

function delays(launch_ns: Float64Array, queue_ns: Float64Array, calls: number): HTMLElement {
  const line = (name: string, title: string, { median, p95 }: Pick<Spread, "median" | "p95">) =>
    h(
      "tr",
      { title },
      h("th", { scope: "row" }, name),
      h("td", { class: "number" }, formatNs(median)),
      h("td", { class: "number" }, formatNs(p95)),
    );
  const of = (values: Float64Array) => ({ median: quantile(values, 0.5), p95: quantile(values, 0.95) });
  return section(
    "Delays",
    h(
      "table",
      { class: "small-table" },
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          h("td", {}),
          h("th", { class: "number", scope: "col" }, "p50"),
          h("th", { class: "number", scope: "col" }, "p95"),
        ),
      ),
      h(
        "tbody",
        {},
        line("launch", "From the start of the launching call to the start of the work", of(launch_ns)),
        line("queue", "From the end of the launching call to the start of the work", of(queue_ns)),
      ),
    ),
    launch_ns.length < calls
      ? h("p", { class: "muted" }, `of ${formatCount(launch_ns.length)} with a known launch`)
      : null,
  );
}

function shapeTable(events: Events, lines: readonly ShapeLine[], calls: number): HTMLElement {
  const more = lines.length - SHAPES_SHOWN;
  return section(
    "Input shapes",
    h(
      "table",
      { class: "small-table" },
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          h("th", { scope: "col" }, "shapes"),
          h("th", { class: "number", scope: "col" }, "calls"),
          h("th", { class: "number", scope: "col" }, "mean"),
        ),
      ),
      h(
        "tbody",
        {},
        ...lines
          .slice(0, SHAPES_SHOWN)
          .map((line) =>
            h(
              "tr",
              {},
              h("td", {}, h("code", {}, plainName(shapeText(events.meta.shapes[line.shapes] ?? ""), 160))),
              h("td", { class: "number", title: formatShare(line.count, calls) }, formatCount(line.count)),
              h("td", { class: "number" }, formatNs(line.total_ns / line.count)),
            ),
          ),
      ),
    ),
    more > 0 ? h("p", { class: "muted" }, `and ${formatCount(more)} more`) : null,
  );
}
