// Time of each layer by backend. Bokeh draws; pointer, keys and selection are ours, through one store.

import { formatCount, formatNs, formatShare } from "../data/format";
import { axisUnit, barPlaces, barRange, positionLabel, tickLayers } from "../draw/barpositions";
import { sumByBar } from "../state/aggregate";
import type { Store } from "../state/store";
import { WEIGHT_LABELS } from "../state/weight";
import { BarSurface } from "./barsurface";
import type { BokehModel, BokehModule, BokehPlotView } from "./bokeh";
import { h } from "./dom";
import type { Theme } from "./theme";
import type { Note, Tooltip } from "./tooltip";

export interface BarsSource {
  /** Bokeh's JSON item of the figure. */
  item: unknown;
  bokeh(): Promise<BokehModule>;
}

export class LayersView {
  readonly element = h("section", { class: "panel layers", "aria-label": "Layers" });
  private readonly hint = h("span", { class: "muted" });
  private readonly plot = h("div", { class: "plot" });
  private readonly surface: BarSurface;
  private readonly stage = h("div", { class: "stage", hidden: true }, this.plot);
  private readonly message = h("p", { class: "empty", role: "status" }, "Loading the bars …");
  private readonly places;
  private readonly range;
  private view: BokehPlotView | null = null;
  private sums: Float64Array = new Float64Array(0);

  constructor(
    private readonly store: Store,
    private theme: Theme,
    tooltip: Tooltip,
    private readonly signal: AbortSignal,
    source: BarsSource,
  ) {
    const layerCount = store.data.meta.layer_count;
    this.places = barPlaces(layerCount);
    this.range = barRange(layerCount);
    this.element.append(h("div", { class: "panel-head" }, h("h3", {}, "Layers"), this.hint), this.stage, this.message);
    this.surface = new BarSurface(
      this.places,
      this.range,
      {
        noteOf: (bar) => this.noteOf(bar),
        select: (bars, adds) => this.select(bars, adds),
        clear: () => store.clear("layer", "position"),
      },
      tooltip,
      signal,
    );
    this.stage.append(this.surface.element);
    if (layerCount === 0) {
      this.message.textContent = "No layers were found in this profile, so there is nothing to compare here.";
      return;
    }
    this.start(source).catch((error: unknown) => {
      this.message.textContent = `The bars cannot be drawn here: ${error instanceof Error ? error.message : String(error)}`;
      this.message.hidden = false;
      this.stage.hidden = true;
    });
  }

  private async start(source: BarsSource): Promise<void> {
    const bokeh = await source.bokeh();
    if (this.signal.aborted) return;
    this.stage.hidden = false;
    const views = await bokeh.embed.embed_item(source.item, this.plot);
    const root = Array.isArray(views) ? views[0] : [...views.roots][0];
    if (!root) throw new Error("Bokeh drew nothing");
    this.view = root;
    this.message.hidden = true;
    this.useTheme(this.theme);
    this.update();
    root.model.properties?.inner_width?.change.connect(() => this.placeSoon());
    const observer = new ResizeObserver(() => this.placeSoon());
    observer.observe(this.stage);
    this.signal.addEventListener("abort", () => observer.disconnect());
  }

  private model(name: string): BokehModel | null {
    return this.view?.model.document?.get_model_by_name(name) ?? null;
  }

  useTheme(theme: Theme): void {
    this.theme = theme;
    for (const name of ["layer-axis", "value-axis"]) {
      const axis = this.model(name);
      if (!axis) continue;
      axis.axis_label_text_color = theme.muted;
      axis.major_label_text_color = theme.muted;
      axis.axis_line_color = theme.line;
      axis.major_tick_line_color = theme.line;
      axis.axis_label_text_font = theme.font;
      axis.major_label_text_font = theme.font;
    }
    const grid = this.model("value-grid");
    if (grid) grid.grid_line_color = theme.line;
    const column = this.model("column");
    if (column) column.fill_color = theme.ink;
  }

  update(): void {
    const { store } = this;
    const { roles, layer_count } = store.data.meta;
    if (layer_count === 0) return;
    this.hint.textContent = `${WEIGHT_LABELS[store.options.weight]} · click or drag to select`;
    this.sums = sumByBar(store.data, store.weights, store.passing("layer", "position"));
    const source = this.model("bars");
    if (!source) return;
    const bars = this.places.length;
    const isCount = store.options.weight === "count";
    const tops = this.places.map((_, bar) => roles.reduce((sum, _role, role) => sum + this.sums[role * bars + bar], 0));
    const largest = Math.max(...tops, 0);
    const { divisor, unit } = isCount ? { divisor: 1, unit: "calls" } : axisUnit(largest);
    const { layer, position } = store.clauses;
    const chosen = this.chosenBars();
    const isChosen = (bar: number) => (layer || position ? chosen.includes(bar) : true);
    const data: Record<string, number[]> = {
      x: this.places.map((place) => place.x),
      reach: this.places.map(() => (largest / divisor || 1) * 1.04),
      chosen: this.places.map((_, bar) => (chosen.includes(bar) ? 0.09 : 0)),
      alpha: this.places.map((_, bar) => (isChosen(bar) ? 1 : 0.24)),
    };
    const base = this.places.map(() => 0);
    roles.forEach((role, code) => {
      data[`bottom_${role.key}`] = [...base];
      for (let bar = 0; bar < bars; bar++) base[bar]! += this.sums[code * bars + bar] / divisor;
      data[`top_${role.key}`] = [...base];
    });
    source.data = data;
    const range = this.model("value-range");
    if (range) range.end = (largest / divisor || 1) * 1.04;
    const axis = this.model("value-axis");
    if (axis) axis.axis_label = unit;
    this.placeSoon();
  }

  /** Bokeh lays itself out some time after a change: look now, and again when it has. */
  private placeSoon(): void {
    this.placeOverlay();
    for (const delayMs of [40, 160]) setTimeout(() => !this.signal.aborted && this.placeOverlay(), delayMs);
  }

  /** Lay the surface that takes pointer and keys exactly over Bokeh's frame, and label what there is room for. */
  private placeOverlay(): void {
    const box = this.view?.frame.bbox;
    if (!box || box.width <= 0) return;
    this.surface.cover(box);
    const perBar = box.width / (this.range.end - this.range.start);
    const { layer_count } = this.store.data.meta;
    const layers = tickLayers(layer_count, perBar);
    const axis = this.model("layer-axis");
    if (!axis) return;
    const labels = new Map<number, string>();
    for (const layer of layers) labels.set(layer, `${layer}`);
    for (const { x, value } of this.places) if (typeof value === "string") labels.set(x, positionLabel(value, perBar));
    const key = [...labels].join();
    if (key === this.ticks) return;
    this.ticks = key;
    (axis.ticker as BokehModel).ticks = [...labels.keys()].sort((a, b) => a - b);
    axis.major_label_overrides = labels;
  }

  private ticks = "";

  // What a reader does ------------------------------------------------------------------------------------------------

  private noteOf(bar: number): Note {
    const { store, places, sums } = this;
    const show = store.options.weight === "count" ? formatCount : formatNs;
    const { roles } = store.data.meta;
    const parts = roles
      .map((role, code) => ({ role, sum: sums[code * places.length + bar]! }))
      .filter(({ sum }) => sum > 0);
    const total = parts.reduce((sum, part) => sum + part.sum, 0);
    const all = sums.reduce((sum, value) => sum + value, 0);
    const { value } = places[bar]!;
    return {
      title:
        typeof value === "number"
          ? `layer ${value}`
          : value === "outside"
            ? "outside the layers"
            : `${value} the layers`,
      lines: [
        [WEIGHT_LABELS[store.options.weight], `${show(total)} · ${formatShare(total, all)}`],
        ...parts.map(({ role, sum }): [string, string] => [role.label, `${show(sum)} · ${formatShare(sum, total)}`]),
      ],
    };
  }

  private chosenBars(): number[] {
    const { layer = [], position = [] } = this.store.clauses;
    const found: number[] = [];
    this.places.forEach(({ value }, bar) => {
      if (typeof value === "number" ? layer.includes(value) : position.includes(value)) found.push(bar);
    });
    return found;
  }

  /** Layers and positions are two dimensions, which cannot be joined by "or": a brush over both means the layers. */
  private select(bars: number[], adds: boolean): void {
    const current = this.chosenBars();
    const isLayer = (bar: number) => typeof this.places[bar]!.value === "number";
    const wanted = bars.some(isLayer) ? bars.filter(isLayer) : bars;
    const kind = isLayer(wanted[0]!);
    const others = current.filter((bar) => isLayer(bar) === kind && !wanted.includes(bar));
    const allIn = wanted.every((bar) => current.includes(bar));
    let next = wanted;
    if (adds) next = allIn ? others : [...others, ...wanted].sort((a, b) => a - b);
    else if (allIn && others.length === 0) next = [];
    const values = next.map((bar) => this.places[bar]!.value);
    const { layer: _layer, position: _position, ...rest } = this.store.clauses;
    this.store.replace(values.length === 0 ? rest : { ...rest, [kind ? "layer" : "position"]: values });
  }
}
