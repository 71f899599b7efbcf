// A figure that Bokeh draws: numbers and colours go in, where its frame lies comes out.

import type { BokehModel, BokehModule, BokehPlotView } from "./bokeh";
import type { Theme } from "./theme";

/** Bokeh lays itself out some time after a change. */
const LOOK_AGAIN_MS = [0, 40, 160];

export class BokehFigure {
  private view: BokehPlotView | null = null;
  private readonly models = new Map<string, BokehModel | null>();

  constructor(
    private readonly plot: HTMLElement,
    /** Called whenever the frame may have moved. */
    private readonly moved: () => void,
    private readonly signal: AbortSignal,
  ) {}

  get frame(): BokehPlotView["frame"]["bbox"] | null {
    const box = this.view?.frame.bbox;
    return box && box.width > 0 && !this.signal.aborted ? box : null;
  }

  /** False where nobody waits for the figure any more. */
  async start(bokeh: BokehModule, item: unknown): Promise<boolean> {
    if (this.signal.aborted) return false;
    const views = await bokeh.embed.embed_item(item, this.plot);
    const root = Array.isArray(views) ? views[0] : [...views.roots][0];
    if (!root) throw new Error("Bokeh drew nothing");
    this.view = root;
    this.signal.addEventListener("abort", () => this.drop(bokeh));
    if (this.signal.aborted) {
      this.drop(bokeh);
      return false;
    }
    root.model.properties?.inner_width?.change.connect(this.lookSoon);
    const observer = new ResizeObserver(() => this.lookSoon());
    observer.observe(this.plot);
    this.signal.addEventListener("abort", () => observer.disconnect());
    return true;
  }

  /**
   * Bokeh lists all that it has drawn, and goes on listening for some of it: what nobody sees any more would stay, and
   * with it the page's elements and the data of the breakdown.
   */
  private drop({ documents }: BokehModule): void {
    const { view } = this;
    this.view = null;
    this.models.clear();
    if (!view) return;
    view.model.properties?.inner_width?.change.disconnect(this.lookSoon);
    view.remove();
    this.plot.remove();
    const at = view.model.document ? documents.indexOf(view.model.document) : -1;
    if (at >= 0) documents.splice(at, 1);
  }

  model(name: string): BokehModel | null {
    if (!this.view) return null;
    // Bokeh would look through the whole document, each time.
    if (!this.models.has(name)) this.models.set(name, this.view.model.document?.get_model_by_name(name) ?? null);
    return this.models.get(name)!;
  }

  setHeight(height: number): void {
    if (this.view && this.view.model.height !== height) this.view.model.height = height;
  }

  colourAxis(name: string, theme: Theme): void {
    const axis = this.model(name);
    if (!axis) return;
    axis.major_label_text_color = theme.muted;
    axis.axis_line_color = theme.line;
    axis.major_tick_line_color = theme.line;
    axis.major_label_text_font = theme.font;
  }

  colourGrid(name: string, theme: Theme): void {
    const grid = this.model(name);
    if (grid) grid.grid_line_color = theme.line;
  }

  /** Look where the frame is, now and when Bokeh has laid it out. */
  lookSoon = (): void => {
    for (const delayMs of LOOK_AGAIN_MS) setTimeout(() => !this.signal.aborted && this.moved(), delayMs);
  };
}
