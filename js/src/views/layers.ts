// Time of each layer by backend. Bokeh draws; pointer, keys and selection are ours, through one store.

import { formatRuns, formatShare } from "../data/format";
import { reachOf } from "../draw/baraxis";
import { barPlaces, barRange } from "../draw/barpositions";
import { inkOf } from "../draw/palette";
import { DIMENSIONS } from "../state/clauses";
import { culpritsOf } from "../state/culprits";
import { foldLayers } from "../state/fold";
import { type BarRow, barRows, EVERY_PHASE, type Lens, phasesOf, sumLayers } from "../state/layersums";
import { outliersOf } from "../state/outliers";
import type { Store } from "../state/store";
import { WEIGHT_LABELS, type WeightKind } from "../state/weight";
import { type BarSign, BarSurface } from "./barsurface";
import { afterPaint, h, patch } from "./dom";
import { LayersControls } from "./layerscontrols";
import { type BarsSource, LayersFigure } from "./layersfigure";
import { LayersOdd, type OddLayer, oddText } from "./layersodd";
import { captionOf, placeName, stepsText, weightText } from "./layerswords";
import { swatchOf } from "./swatch";
import type { Theme } from "./theme";
import type { Note, Tooltip } from "./tooltip";

const OWN = ["layer", "position"] as const;
/** With more rows than this, what differing layers owe it to comes after the bars have been shown. */
const MANY = 100_000;

export class LayersView {
  readonly element = h("section", { class: "panel layers", "aria-label": "Layers" });
  private readonly hint = h("p", { class: "muted hint" });
  private readonly legend = h("ul", { class: "bar-legend", "aria-label": "Backends in the bars" });
  private readonly stage = h("div", { class: "stage", hidden: true });
  private readonly message = h("p", { class: "empty", role: "status" }, "Loading the bars …");
  private readonly odd = new LayersOdd((layers) => this.replace(layers, []));
  private readonly lens: Lens = { phase: EVERY_PHASE, isFaceted: false, isShare: false, isPerStep: false };
  private readonly places;
  private readonly surface: BarSurface;
  private readonly figure: LayersFigure;
  private readonly groups = new Map<WeightKind, number[][]>();
  private rows: BarRow[] = [];
  private oddLayers: OddLayer[][] = [];
  private stop = () => {};

  constructor(
    private readonly store: Store,
    theme: Theme,
    tooltip: Tooltip,
    signal: AbortSignal,
    source: BarsSource,
  ) {
    const { meta } = store.data;
    this.places = barPlaces(meta.layer_count);
    const range = barRange(meta.layer_count);
    this.surface = new BarSurface(
      this.places,
      range,
      {
        noteOf: (bar, band) => this.noteOf(bar, band),
        meant: (bars) => this.meant(bars),
        nameOf: (bars) => this.nameOf(bars),
        select: (bars, adds, toggles) => this.select(bars, adds, toggles),
        clear: () => store.clear(...OWN),
      },
      tooltip,
      signal,
    );
    const plot = h("div", { class: "plot" });
    this.stage.append(plot, this.surface.element);
    const roles = meta.roles.map((role) => role.key);
    this.figure = new LayersFigure(plot, this.places, range, roles, theme, (box) => this.surface.cover(box), signal);
    const head = h("div", { class: "panel-head" }, h("h3", {}, "Layers"));
    this.element.append(head, this.message);
    if (meta.layer_count === 0) {
      this.message.textContent = "No layers were found in this profile, so there is nothing to compare here.";
      return;
    }
    const phases = phasesOf(sumLayers(store.data, store.measure(...DIMENSIONS), store.passing(...DIMENSIONS)));
    head.append(new LayersControls(store, phases, this.lens, () => this.update()).element);
    this.element.append(this.legend, this.stage, this.hint, this.odd.element);
    signal.addEventListener("abort", () => this.stop());
    this.start(source).catch((error: unknown) => {
      this.message.textContent = `The bars cannot be drawn here: ${error instanceof Error ? error.message : String(error)}`;
      this.message.hidden = false;
      this.stage.hidden = true;
    });
  }

  private async start(source: BarsSource): Promise<void> {
    this.update();
    this.stage.hidden = false;
    await this.figure.start(source);
    this.message.hidden = true;
  }

  useTheme = (theme: Theme): void => this.figure.useTheme(theme);

  update(): void {
    const { store, lens } = this;
    const { meta } = store.data;
    if (meta.layer_count === 0) return;
    this.stop();
    const sums = sumLayers(store.data, store.measure(...OWN), store.passing(...OWN));
    this.rows = barRows(sums, lens, meta.roles.length);
    this.oddLayers = this.rows.map((row) => this.oddOf(row));
    const isMuch = store.data.rows > MANY && this.oddLayers.some((odd) => odd.length > 0);
    if (!isMuch) this.findCulprits();
    else this.stop = afterPaint(() => this.findCulprits());
    const chosen = new Set(this.chosenBars());
    const isFiltered = store.clauses.layer !== undefined || store.clauses.position !== undefined;
    const unit = lens.isShare ? "share" : store.options.weight === "count" ? "calls" : "ns";
    this.stage.style.height = `${LayersFigure.heightOf(this.rows.length)}px`;
    this.figure.draw({ rows: this.rows, unit, chosen, isFiltered });
    this.surface.annotate(this.signs(), lens.isFaceted ? this.rows.map((row) => this.rowLabel(row)) : []);
    this.drawLegend();
    this.hint.textContent = captionOf(lens, this.rows, store.options.weight, (phase) => this.phaseName(phase));
    this.tellOdd();
  }

  // Layers that stand out ---------------------------------------------------------------------------------------------

  private oddOf(row: BarRow): OddLayer[] {
    const name = this.rows.length > 1 ? this.phaseName(row.phase) : "";
    return outliersOf(row.tops.subarray(1), this.siblings()).map((odd) => ({ ...odd, row: name, culprit: null }));
  }

  /** Layers that do the same, of the whole profile. */
  private siblings(): number[][] {
    const { store } = this;
    const { weight } = store.options;
    let groups = this.groups.get(weight);
    if (!groups) {
      groups = foldLayers(store.data, store.measure(...DIMENSIONS).weights, true).members;
      this.groups.set(weight, groups);
    }
    return groups;
  }

  private findCulprits(): void {
    const { data } = this.store;
    const [measure, passing] = [this.store.measure(...OWN), this.store.passing(...OWN)];
    this.rows.forEach((row, band) => {
      const odd = this.oddLayers[band]!;
      if (odd.length === 0) return;
      const culprits = culpritsOf(data, measure, passing, row.phase, odd);
      odd.forEach((one, i) => {
        const { name, difference } = culprits[i]!;
        one.culprit = { name, difference: difference / row.divisor };
      });
    });
    this.tellOdd();
  }

  private tellOdd(): void {
    this.odd.update(this.oddLayers.flat(), (one) => `layer ${one.layer}: ${this.oddWords(one)}`);
  }

  private oddWords(odd: OddLayer): string {
    return oddText(odd, this.store.data.strings, this.show);
  }

  private signs(): BarSign[] {
    const bands = this.rows.length;
    return this.rows.flatMap((row, band) => {
      const largest = this.lens.isShare ? 1 : row.tops.reduce((most, top) => Math.max(most, top), 0);
      const reach = reachOf(largest, bands);
      return this.oddLayers[band]!.map(({ layer, frac }) => {
        const height = this.lens.isShare ? 1 : row.tops[layer + 1];
        return { bar: layer + 1, top: (bands - 1 - band + height / reach) / bands, isMore: frac > 0 };
      });
    });
  }

  // In words ----------------------------------------------------------------------------------------------------------

  private show = (weight: number): string => weightText(weight, this.store.options.weight);

  private readonly phaseName = (phase: number): string =>
    phase === EVERY_PHASE ? "all phases" : (this.store.data.meta.phases[phase] ?? "?");

  private rowLabel(row: BarRow): string {
    const total = row.tops.reduce((sum, top) => sum + top, 0);
    const weight = `${this.show(total)}${row.divisor > 1 ? " per step" : ""}`;
    return `${this.phaseName(row.phase)} · ${weight} · ${stepsText(row.steps)}`;
  }

  private drawLegend(): void {
    const { store, places } = this;
    const { roles } = store.data.meta;
    const isShown = roles.map((_, code) =>
      this.rows.some(({ sums }) =>
        sums.subarray(code * places.length, (code + 1) * places.length).some((sum) => sum > 0),
      ),
    );
    patch(
      this.legend,
      ...roles.map(({ key, label }, code) => {
        if (!isShown[code]) return null;
        return h("li", {}, swatchOf(inkOf(key)), label);
      }),
      this.oddLayers.some((odd) => odd.length > 0) &&
        h("li", {}, h("span", { class: "sign", "aria-hidden": "true" }, "▲▼"), "differs from layers like it"),
    );
  }

  private noteOf(bar: number, band: number): Note {
    const { store, places } = this;
    const row = this.rows[Math.min(band, this.rows.length - 1)]!;
    const parts = store.data.meta.roles
      .map((role, code) => ({ role, sum: row.sums[code * places.length + bar]! }))
      .filter(({ sum }) => sum > 0);
    const total = row.tops[bar];
    const all = row.tops.reduce((sum, value) => sum + value, 0);
    const where = row.phase === EVERY_PHASE ? "" : ` · ${this.phaseName(row.phase)}`;
    const weight = WEIGHT_LABELS[store.options.weight] + (row.divisor > 1 ? " per step" : "");
    const lines: Note["lines"] = [
      [weight, `${this.show(total)} · ${formatShare(total, all)}`],
      ...parts.map(({ role, sum }): [string, string] => [role.label, `${this.show(sum)} · ${formatShare(sum, total)}`]),
    ];
    const odd = this.oddLayers[Math.min(band, this.rows.length - 1)]!.find(({ layer }) => layer + 1 === bar);
    if (odd) lines.push([odd.frac > 0 ? "▲" : "▼", this.oddWords(odd)]);
    return { title: placeName(places[bar]!.value) + where, lines };
  }

  private nameOf(bars: readonly number[]): string {
    const values = bars.map((bar) => this.places[bar]!.value);
    const layers = values.filter((value) => typeof value === "number");
    const others = values.filter((value) => typeof value === "string").join(" and ");
    if (layers.length === 0) return `${others}, release Shift to select`;
    const without = others && ` without ${others}: layers are selected apart from what is around them`;
    return `${layers.length === 1 ? "layer" : "layers"} ${formatRuns(layers)}${without}, release Shift to select`;
  }

  // What a reader does ------------------------------------------------------------------------------------------------

  private chosenBars(): number[] {
    const { layer = [], position = [] } = this.store.clauses;
    const [layers, positions] = [new Set(layer), new Set(position)];
    const found: number[] = [];
    this.places.forEach(({ value }, bar) => {
      if (typeof value === "number" ? layers.has(value) : positions.has(value)) found.push(bar);
    });
    return found;
  }

  private isLayer = (bar: number): boolean => typeof this.places[bar]!.value === "number";

  /** Layers and positions are two dimensions, which cannot be joined by "or": a brush over both means the layers. */
  private meant(bars: readonly number[]): number[] {
    return bars.filter(bars.some(this.isLayer) ? this.isLayer : () => true);
  }

  private select(bars: number[], adds: boolean, toggles: boolean): void {
    const current = this.chosenBars();
    const wanted = this.meant(bars);
    const kind = this.isLayer(wanted[0]!);
    const others = current.filter((bar) => this.isLayer(bar) === kind && !wanted.includes(bar));
    const allIn = wanted.every((bar) => current.includes(bar));
    let next = wanted;
    if (adds) next = allIn && toggles ? others : [...others, ...wanted].sort((a, b) => a - b);
    else if (toggles && allIn && others.length === 0) next = [];
    const values = next.map((bar) => this.places[bar]!.value);
    this.replace(
      values.filter((value) => typeof value === "number"),
      values.filter((value) => typeof value === "string"),
    );
  }

  private replace(layers: number[], positions: string[]): void {
    const { layer: _layer, position: _position, ...rest } = this.store.clauses;
    const own = layers.length > 0 ? { layer: layers } : positions.length > 0 ? { position: positions } : {};
    this.store.replace({ ...rest, ...own });
  }
}
