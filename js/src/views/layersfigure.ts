// Bokeh's figure of the layer bars: numbers, axes and colours go in, nothing comes out.

import { bandTicks, reachOf, type Unit } from "../draw/baraxis";
import { type BarPlace, positionLabel, tickLayers } from "../draw/barpositions";
import { inkOf } from "../draw/palette";
import type { BarRow } from "../state/layersums";
import type { BokehModel, BokehModule, BokehPlotView } from "./bokeh";
import { BokehFigure } from "./bokehfigure";
import type { Theme } from "./theme";

export interface BarsSource {
  /** Bokeh's JSON item of the figure. */
  item: unknown;
  bokeh(): Promise<BokehModule>;
}

export interface Drawing {
  rows: readonly BarRow[];
  unit: Unit;
  /** Bars that are selected, and whether any are. */
  chosen: ReadonlySet<number>;
  isFiltered: boolean;
}

const ONE_PX = 300;
const FACET_PX = 150;
const TICKS = 5;
const FADED = 0.28;
const HATCH_ALPHA = 0.3;
/** Where some bars are faded. One number for all pieces: Bokeh paints a pattern anew for each number it is given. */
const FADED_HATCH_ALPHA = 0.14;
/** Sides of Bokeh's tiles, where strokes are as far apart as in the flame graph: it has two slanted lines in each. */
const SCALES: Record<string, number> = { "/": 14, "\\": 14, ".": 6 };
const FACET_TICKS = 3;
const BAR_WIDTH = 0.86;
/** Pixels for each bar below which gaps between them would flicker. */
const NARROW_PX = 3;
/** Bars without gaps overlap by this much: edges between pixels would leave seams. */
const OVERLAP_PX = 0.7;

/** Rectangles as a source of Bokeh's holds them, column by column. */
type Boxes = Record<"x" | "width" | "bottom" | "top", number[]>;

const emptyBoxes = (): Boxes => ({ x: [], width: [], bottom: [], top: [] });

function add(boxes: Boxes, x: number, width: number, bottom: number, top: number): void {
  boxes.x.push(x);
  boxes.width.push(width);
  boxes.bottom.push(bottom);
  boxes.top.push(top);
}

/** By backend, the outlines of all its pieces, with gaps between them: Bokeh makes a pattern for each that it is given. */
interface Outlines {
  xs: number[][];
  ys: number[][];
  pattern: string[];
  scale: number[];
}

function outline({ xs, ys }: Outlines, code: number, x: number, width: number, bottom: number, top: number): void {
  const [left, right] = [x - width / 2, x + width / 2];
  xs[code]!.push(left, right, right, left, Number.NaN);
  ys[code]!.push(bottom, bottom, top, top, Number.NaN);
}

export class LayersFigure {
  private readonly figure: BokehFigure;
  private drawing: Drawing | null = null;
  private theme: Theme;
  private ticks = "";
  /** What Bokeh was told last: telling it the same again would make it lay out and paint all the same. */
  private readonly told: Record<string, string> = {};
  private isFaded: boolean | null = null;
  private where = "";
  private barWidth = BAR_WIDTH;

  constructor(
    plot: HTMLElement,
    private readonly places: readonly BarPlace[],
    private readonly range: { start: number; end: number },
    private readonly roles: readonly string[],
    theme: Theme,
    /** Called with Bokeh's frame whenever it may have moved. */
    private readonly placed: (box: BokehPlotView["frame"]["bbox"]) => void,
    signal: AbortSignal,
  ) {
    this.theme = theme;
    this.figure = new BokehFigure(plot, () => this.place(), signal);
  }

  static heightOf(rows: number): number {
    return rows > 1 ? rows * FACET_PX : ONE_PX;
  }

  async start(source: BarsSource): Promise<void> {
    if (!(await this.figure.start(await source.bokeh(), source.item))) return;
    Object.assign(this.figure.model("layer-range") ?? {}, this.range);
    this.useTheme(this.theme);
    if (this.drawing) this.draw(this.drawing);
  }

  useTheme(theme: Theme): void {
    this.theme = theme;
    for (const name of ["layer-axis", "value-axis"]) this.figure.colourAxis(name, theme);
    this.figure.colourGrid("value-grid", theme);
    const column = this.figure.model("column");
    if (column) column.fill_color = theme.ink;
    const hatch = this.figure.model("hatch");
    if (hatch) hatch.hatch_color = theme.dark ? theme.surface : "#000000";
  }

  draw(drawing: Drawing): void {
    this.drawing = drawing;
    if (!this.figure.model("pieces")) return;
    const { rows, unit, isFiltered } = drawing;
    const bands = rows.length;
    const largest = rows.map((row) => (unit === "share" ? 1 : row.tops.reduce((most, top) => Math.max(most, top), 0)));
    for (const [name, boxes] of Object.entries(this.boxesOf(drawing, largest))) {
      const text = JSON.stringify(boxes);
      if (this.told[name] === text) continue;
      this.told[name] = text;
      this.figure.model(name)!.data = { ...boxes };
    }
    const hatch = this.figure.model("hatch");
    if (hatch && this.isFaded !== isFiltered)
      hatch.hatch_alpha = { value: isFiltered ? FADED_HATCH_ALPHA : HATCH_ALPHA };
    this.isFaded = isFiltered;
    const range = this.figure.model("value-range");
    if (range) range.end = bands;
    this.labelValues(largest, unit);
    this.figure.setHeight(LayersFigure.heightOf(bands));
    this.place();
    this.figure.lookSoon();
  }

  /** What there is to paint, by Bokeh's source: the columns of what is selected, pieces of bars, hatched pieces. */
  private boxesOf(
    { rows, unit, chosen, isFiltered }: Drawing,
    largest: readonly number[],
  ): Record<string, Boxes | Outlines> {
    const bands = rows.length;
    const columns = emptyBoxes();
    const inks = this.roles.map(inkOf);
    const hatches: Outlines = {
      xs: inks.map(() => []),
      ys: inks.map(() => []),
      pattern: inks.map(({ hatch }) => hatch || " "),
      scale: inks.map(({ hatch }) => SCALES[hatch] ?? 8),
    };
    const [fill, alpha]: [string[], number[]] = [[], []];
    const pieces = { ...emptyBoxes(), fill, alpha };
    this.places.forEach(({ x, size }, bar) => {
      if (chosen.has(bar)) add(columns, x, size, 0, bands);
    });
    rows.forEach((row, band) => {
      this.places.forEach(({ x, size }, bar) => {
        const width = size * Math.min(1, this.barWidth) + Math.max(0, this.barWidth - 1);
        const scale = (unit === "share" ? row.tops[bar] || 1 : 1) * reachOf(largest[band]!, bands);
        let bottom = bands - 1 - band;
        inks.forEach((ink, code) => {
          const height = row.sums[code * this.places.length + bar]! / scale;
          if (!(height > 0)) return;
          const top = bottom + height;
          add(pieces, x, width, bottom, top);
          fill.push(ink.fill);
          alpha.push(!isFiltered || chosen.has(bar) ? 1 : FADED);
          if (ink.hatch) outline(hatches, code, x, size * Math.min(1, this.barWidth), bottom, top);
          bottom = top;
        });
      });
    });
    return { columns, pieces, hatches };
  }

  private labelValues(largest: readonly number[], unit: Unit): void {
    const axis = this.figure.model("value-axis");
    if (!axis) return;
    const bands = largest.length;
    const most = bands > 1 ? FACET_TICKS : TICKS;
    const ticks = largest.flatMap((value, band) => bandTicks(value, unit, band, bands, most));
    const told = JSON.stringify(ticks);
    if (told === this.told.ticks) return;
    this.told.ticks = told;
    axis.major_label_overrides = new Map(ticks.map(({ at, text }) => [at, text]));
    (axis.ticker as BokehModel).ticks = ticks.map(({ at }) => at).sort((a, b) => a - b);
  }

  /** Label what there is room for. */
  private place(): void {
    const box = this.figure.frame;
    const axis = this.figure.model("layer-axis");
    if (!box || !axis) return;
    const where = `${box.left} ${box.top} ${box.width} ${box.height}`;
    if (where !== this.where) this.placed(box);
    this.where = where;
    const perBar = box.width / (this.range.end - this.range.start);
    const layers = this.places.filter(({ value }) => typeof value === "number").length;
    const labels = new Map<number, string>();
    for (const layer of tickLayers(layers, perBar)) labels.set(layer, `${layer}`);
    for (const { x, value, size } of this.places) {
      if (typeof value === "string") labels.set(x, positionLabel(value, perBar * size));
    }
    const width = perBar < NARROW_PX ? 1 + OVERLAP_PX / perBar : BAR_WIDTH;
    if (width !== this.barWidth) {
      this.barWidth = width;
      if (this.drawing) this.draw(this.drawing);
    }
    const key = [...labels].join();
    if (key === this.ticks) return;
    this.ticks = key;
    (axis.ticker as BokehModel).ticks = [...labels.keys()].sort((a, b) => a - b);
    axis.major_label_overrides = labels;
  }
}
