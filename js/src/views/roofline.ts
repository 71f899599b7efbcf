// Operators under the device's roof: Bokeh draws; pointer, keys and selection are ours, through one store.

import { formatCount, formatNs, formatShare, plainName } from "../data/format";
import type { RooflinePacket, RooflinePoint } from "../data/roofline";
import { inkOf } from "../draw/palette";
import { passingRows } from "../state/aggregate";
import { toggled } from "../state/clauses";
import type { Store } from "../state/store";
import type { BokehModule } from "./bokeh";
import { h, replace } from "./dom";
import { type Box, RooflineFigure } from "./rooflinefigure";
import type { Theme } from "./theme";
import { type Note, spoken, type Tooltip } from "./tooltip";

const NEAR_PX = 6;
const PREFIXES = ["", "k", "M", "G", "T", "P"];
const STEPS: Record<string, number> = {
  ArrowLeft: -1,
  ArrowUp: -1,
  ArrowRight: 1,
  ArrowDown: 1,
  Home: -1e9,
  End: 1e9,
};

export class RooflineView {
  readonly element = h("section", { class: "panel roofline", "aria-label": "Roofline" });
  private readonly packet: RooflinePacket | undefined;
  private readonly stage = h("div", { class: "stage", hidden: true });
  private readonly message = h("p", { class: "empty", role: "status" });
  private readonly marks = h("div", { class: "roof-marks", "aria-hidden": "true" });
  private readonly ring = h("span", { class: "roof-ring", hidden: true });
  private readonly live = h("div", { class: "visually-hidden", role: "status", "aria-live": "polite" });
  private readonly surface = h(
    "div",
    {
      class: "roof-overlay",
      tabindex: "0",
      role: "application",
      "aria-roledescription": "scatter plot",
      "aria-label": "Operators by work and rate, most time first. Left and right move, Enter selects the operator.",
    },
    this.marks,
    this.ring,
    this.live,
  );
  private readonly figure: RooflineFigure | null = null;
  private cursor = -1;

  constructor(
    private readonly store: Store,
    theme: Theme,
    private readonly tooltip: Tooltip,
    signal: AbortSignal,
    bokeh: () => Promise<BokehModule>,
  ) {
    const { meta } = store.data;
    this.packet = meta.roofline;
    const packet = this.packet;
    const caption = h("span", { class: "muted" }, packet?.points.length ? this.captionOf(packet) : "");
    this.element.append(h("div", { class: "panel-head" }, h("h3", {}, "Roofline"), caption), this.message);
    if (!packet?.points.length) {
      this.message.textContent =
        "No work is known: the profile holds no shapes of operators. Record with shapes; replays of graphs have none.";
      return;
    }
    this.message.textContent = "Loading the points …";
    const plot = h("div", { class: "plot" });
    this.stage.append(plot, this.surface);
    this.element.append(this.legend(packet), this.stage, h("p", { class: "muted hint" }, hintOf(packet)));
    const roles = meta.roles.map(({ key }) => key);
    this.figure = new RooflineFigure(plot, packet, roles, theme, (box) => this.cover(box), signal);
    this.listen(signal);
    this.update();
    this.start(bokeh, signal).catch((error: unknown) => {
      this.message.textContent = `The points cannot be drawn here: ${error instanceof Error ? error.message : String(error)}`;
      this.message.hidden = false;
      this.stage.hidden = true;
    });
  }

  private async start(bokeh: () => Promise<BokehModule>, signal: AbortSignal): Promise<void> {
    const module = await bokeh();
    if (signal.aborted) return;
    this.stage.hidden = false;
    await this.figure!.start(module);
    this.message.hidden = true;
  }

  useTheme = (theme: Theme): void => this.figure?.useTheme(theme);

  update(): void {
    if (!this.figure) return;
    const left = this.left();
    const chosen = this.store.clauses.op;
    this.figure.draw(
      this.packet!.points.map(({ op }) => !left.has(op) || (chosen !== undefined && !chosen.includes(op))),
    );
  }

  /** Operators of which something is selected, whichever operator is. */
  private left(): Set<string> {
    const { store } = this;
    const { strings, op } = store.data;
    // A set would take ten times as long, and there may be a million rows; -1, for none, comes first.
    const seen = new Uint8Array(strings.length + 1);
    const rows = passingRows(store.measure("op"), store.passing("op"));
    for (let i = 0; i < rows.length; i++) seen[op[rows[i]] + 1] = 1;
    const left = new Set(strings.filter((_, id) => seen[id + 1] === 1));
    if (seen[0] === 1) left.add("");
    return left;
  }

  // Pointer and keys --------------------------------------------------------------------------------------------------

  private listen(signal: AbortSignal): void {
    const on = <K extends keyof HTMLElementEventMap>(type: K, react: (event: HTMLElementEventMap[K]) => void) =>
      this.surface.addEventListener(type, react, { signal });
    on("pointermove", (event) => {
      this.moveTo(this.pointAt(event));
      const point = this.packet!.points[this.cursor];
      if (point) this.tooltip.show(this.noteOf(point), event.clientX, event.clientY);
      else this.tooltip.hide();
    });
    on("pointerleave", () => {
      this.tooltip.hide();
      this.moveTo(-1);
    });
    on("click", (event) => {
      const at = this.pointAt(event);
      if (at >= 0) this.choose(at, event.shiftKey || event.ctrlKey || event.metaKey);
      else this.store.clear("op");
    });
    on("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const step = STEPS[event.key];
      const last = this.packet!.points.length - 1;
      if (step !== undefined) {
        this.moveTo(Math.min(last, Math.max(0, this.cursor + step)));
        this.live.textContent = spoken(this.noteOf(this.packet!.points[this.cursor]!));
      } else if ((event.key === "Enter" || event.key === " ") && this.cursor >= 0) {
        this.choose(this.cursor, event.shiftKey);
      } else return;
      event.preventDefault();
    });
  }

  private choose(at: number, adds: boolean): void {
    const { op } = this.packet!.points[at]!;
    const current = this.store.clauses.op;
    const isAlone = current?.length === 1 && current[0] === op;
    this.store.set("op", adds ? toggled(current, op) : isAlone ? undefined : [op]);
  }

  /** The smallest point under the pointer: it may lie on a larger one. */
  private pointAt(event: MouseEvent): number {
    const box = this.surface.getBoundingClientRect();
    const figure = this.figure!;
    let [found, size] = [-1, Infinity];
    this.packet!.points.forEach((point, i) => {
      const across = event.clientX - box.left - figure.placeOf("x", point.x) * box.width;
      const down = event.clientY - box.top - (1 - figure.placeOf("y", point.y)) * box.height;
      const reach = figure.sizeOf(point) / 2;
      if (Math.hypot(across, down) <= reach + NEAR_PX && reach < size) [found, size] = [i, reach];
    });
    return found;
  }

  private moveTo(at: number): void {
    this.cursor = at;
    this.ring.hidden = at < 0;
    const point = this.packet!.points[at];
    if (!point) return;
    this.put(this.ring, point.x, point.y);
    const size = `${this.figure!.sizeOf(point) + 8}px`;
    Object.assign(this.ring.style, { width: size, height: size });
  }

  /** Lie exactly over the plot, and write what the roofs are. */
  private cover(box: Box): void {
    const { style } = this.surface;
    for (const side of ["left", "top", "width", "height"] as const) style[side] = `${box[side]}px`;
    const { ranges, roofs } = this.packet!;
    replace(
      this.marks,
      ...roofs.map(({ label, at }) => {
        const mark = h("span", {}, `${label} ${rate(at, "FLOP/s")}`);
        this.put(mark, ranges!.x[1], at);
        return mark;
      }),
    );
  }

  private put(element: HTMLElement, x: number, y: number): void {
    element.style.left = `${100 * this.figure!.placeOf("x", x)}%`;
    element.style.top = `${100 * (1 - this.figure!.placeOf("y", y))}%`;
  }

  // In words ----------------------------------------------------------------------------------------------------------

  private captionOf({ device, bandwidth, covered_frac: covered }: RooflinePacket): string {
    const peaks = device
      ? `${device}, memory ${rate(bandwidth!, "B/s")}`
      : "peaks of this device are unknown: no roof, no headroom";
    const weight = this.store.data.meta.weight === "device" ? "device" : "host";
    return `${peaks} · work known of ${formatShare(covered, 1)} of the ${weight} time`;
  }

  private legend({ points }: RooflinePacket): HTMLElement {
    const there = new Set(points.map(({ role }) => role));
    return h(
      "ul",
      { class: "bar-legend", "aria-label": "Backends in the roofline" },
      ...this.store.data.meta.roles
        .filter(({ key }) => there.has(key))
        .map(({ key, label }) => {
          const swatch = h("span", { class: `swatch shape-${key}`, style: { "background-color": inkOf(key).fill } });
          return h("li", {}, swatch, label);
        }),
    );
  }

  private noteOf(point: RooflinePoint): Note {
    const { time_ns: time, least_ns: least } = point;
    const lines: Note["lines"] = [
      ["inputs", plainName(point.shapes, 90)],
      ["time", `${formatNs(time)} in ${formatCount(point.calls)} calls`],
      ["achieved", `${rate(point.y, "FLOP/s")}, ${rate(point.bytes_per_s, "B/s")}`],
      ["intensity", `${point.x.toPrecision(3)} FLOP/B`],
    ];
    if (least !== null) {
      const cached = least > time ? ": a cache holds the operands" : "";
      lines.push([`${point.bound}-bound`, `${formatShare(least, time)} of what the device allows${cached}`]);
      if (least < time) lines.push(["headroom", `${formatNs(time - least)} at most`]);
    }
    if (point.note) lines.push([point.is_lower_bound ? "more than shown" : "counted", point.note]);
    return { title: plainName(point.op, 90), ink: inkOf(point.role), lines };
  }
}

function hintOf({ moving, left_out: left, points }: RooflinePacket): string {
  const more = left > 0 ? ` ${formatCount(left)} more with less time are not drawn.` : "";
  const only = moving > 0 ? ` ${formatCount(moving)} that only move data have no place here.` : "";
  return `${formatCount(points.length)} operators and shapes; across: operations for each byte; size: time.${more}${only}`;
}

function rate(value: number, unit: string): string {
  const power = Math.max(0, Math.min(PREFIXES.length - 1, Math.floor(Math.log10(value || 1) / 3)));
  return `${(value / 1000 ** power).toPrecision(3)}\u202f${PREFIXES[power]}${unit}`;
}
