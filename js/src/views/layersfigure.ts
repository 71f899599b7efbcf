// Bokeh's figure of the layer bars: numbers, axes and colours go in, nothing comes out.

import { bandTicks, reachOf, type Unit } from "../draw/baraxis";
import { type BarPlace, positionLabel, tickLayers } from "../draw/barpositions";
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
const HATCH_ALPHA = 0.45;
/** Where some bars are faded. One number for all bars: Bokeh paints a pattern anew for each number it is given. */
const FADED_HATCH_ALPHA = 0.2;
const FACET_TICKS = 3;
const BAR_WIDTH = 0.86;
/** Pixels for each bar below which gaps between them would flicker. */
const NARROW_PX = 3;
/** Bars without gaps overlap by this much: edges between pixels would leave seams. */
const OVERLAP_PX = 0.7;

export class LayersFigure {
  private readonly figure: BokehFigure;
  private drawing: Drawing | null = null;
  private theme: Theme;
  private ticks = "";
  /** What Bokeh was told last: telling it the same again would make it lay out and paint all the same. */
  private told = { data: "", values: "", isFiltered: false };
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
    for (const role of this.roles) {
      const glyph = this.figure.model(`bar-${role}`);
      if (glyph?.hatch_pattern) glyph.hatch_color = theme.dark ? theme.surface : "#000000";
    }
  }

  draw(drawing: Drawing): void {
    this.drawing = drawing;
    const source = this.figure.model("bars");
    if (!source) return;
    const { rows, unit, chosen, isFiltered } = drawing;
    const bands = rows.length;
    const largest = rows.map((row) => (unit === "share" ? 1 : row.tops.reduce((most, top) => Math.max(most, top), 0)));
    const data: Record<string, number[]> = { x: [], width: [], room: [], reach: [], chosen: [], alpha: [] };
    for (const role of this.roles) {
      data[`bottom_${role}`] = [];
      data[`top_${role}`] = [];
    }
    rows.forEach((row, band) => {
      const floor = bands - 1 - band;
      this.places.forEach(({ x, size }, bar) => {
        data.x!.push(x);
        data.width!.push(size * Math.min(1, this.barWidth) + Math.max(0, this.barWidth - 1));
        data.room!.push(size);
        data.reach!.push(bands);
        data.chosen!.push(band === 0 && chosen.has(bar) ? 0.09 : 0);
        data.alpha!.push(!isFiltered || chosen.has(bar) ? 1 : FADED);
        const scale = (unit === "share" ? row.tops[bar] || 1 : 1) * reachOf(largest[band]!, bands);
        let height = floor;
        this.roles.forEach((role, code) => {
          data[`bottom_${role}`]!.push(height);
          height += row.sums[code * this.places.length + bar] / scale;
          data[`top_${role}`]!.push(height);
        });
      });
    });
    const text = JSON.stringify(data);
    if (text !== this.told.data) {
      source.data = data;
      this.hideUnseen(data);
    }
    this.told.data = text;
    for (const role of this.roles) {
      const glyph = this.told.isFiltered === isFiltered ? null : this.figure.model(`bar-${role}`);
      if (glyph?.hatch_pattern) glyph.hatch_alpha = { value: isFiltered ? FADED_HATCH_ALPHA : HATCH_ALPHA };
    }
    this.told.isFiltered = isFiltered;
    const range = this.figure.model("value-range");
    if (range) range.end = bands;
    this.labelValues(largest, unit);
    this.figure.setHeight(LayersFigure.heightOf(bands));
    this.place();
    this.figure.lookSoon();
  }

  /** Bars of no height, and columns that are clear: Bokeh takes as long to paint them as any. */
  private hideUnseen(data: Record<string, number[]>): void {
    const isSeen: Record<string, boolean> = { column: data.chosen!.some((alpha) => alpha > 0) };
    for (const role of this.roles)
      isSeen[role] = data[`top_${role}`]!.some((top, i) => top > data[`bottom_${role}`]![i]!);
    for (const [name, visible] of Object.entries(isSeen)) {
      const drawn = this.figure.model(`drawn-${name}`);
      if (drawn && drawn.visible !== visible) drawn.visible = visible;
    }
  }

  private labelValues(largest: readonly number[], unit: Unit): void {
    const axis = this.figure.model("value-axis");
    if (!axis) return;
    const bands = largest.length;
    const most = bands > 1 ? FACET_TICKS : TICKS;
    const ticks = largest.flatMap((value, band) => bandTicks(value, unit, band, bands, most));
    const told = JSON.stringify(ticks);
    if (told === this.told.values) return;
    this.told.values = told;
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
