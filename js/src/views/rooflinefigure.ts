// Bokeh's figure of the roofline: points and colours go in, nothing comes out.

import type { RooflinePacket, RooflinePoint } from "../data/roofline";
import type { BokehModel, BokehModule, BokehPlotView } from "./bokeh";
import type { Theme } from "./theme";

export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

const [LEAST_PX, MOST_PX] = [7, 34];
const FADED = 0.12;
const SOLID = 0.75;

export class RooflineFigure {
  box: Box | null = null;
  private view: BokehPlotView | null = null;
  private fades: readonly boolean[] = [];
  /** What Bokeh paints of each role: painting the same again would take as long. */
  private readonly painted = new Map<string, string>();
  private readonly models = new Map<string, BokehModel | null>();

  constructor(
    private readonly plot: HTMLElement,
    private readonly packet: RooflinePacket,
    private readonly roles: readonly string[],
    private theme: Theme,
    private readonly placed: (box: Box) => void,
    private readonly signal: AbortSignal,
  ) {}

  async start(bokeh: BokehModule): Promise<void> {
    const views = await bokeh.embed.embed_item(this.packet.figure, this.plot);
    const root = Array.isArray(views) ? views[0] : [...views.roots][0];
    if (!root) throw new Error("Bokeh drew nothing");
    this.view = root;
    this.useTheme(this.theme);
    this.draw(this.fades);
    root.model.properties?.inner_width?.change.connect(() => this.placeSoon());
    const observer = new ResizeObserver(() => this.placeSoon());
    observer.observe(this.plot);
    this.signal.addEventListener("abort", () => observer.disconnect());
  }

  private model(name: string): BokehModel | null {
    if (!this.view) return null;
    // Bokeh would look through the whole document, each time.
    if (!this.models.has(name)) this.models.set(name, this.view.model.document?.get_model_by_name(name) ?? null);
    return this.models.get(name)!;
  }

  useTheme(theme: Theme): void {
    this.theme = theme;
    for (const side of ["x", "y"]) {
      const axis = this.model(`${side}-axis`);
      if (axis) {
        axis.major_label_text_color = theme.muted;
        axis.axis_line_color = theme.line;
        axis.major_tick_line_color = theme.line;
        axis.major_label_text_font = theme.font;
      }
      const grid = this.model(`${side}-grid`);
      if (grid) grid.grid_line_color = theme.line;
    }
    const roofs = this.model("roofs");
    if (roofs) roofs.line_color = theme.muted;
  }

  /** Points that nothing of is selected fade. */
  draw(fades: readonly boolean[]): void {
    this.fades = fades;
    if (!this.view) return;
    for (const role of this.roles) {
      const source = this.model(`points-${role}`);
      if (!source) continue;
      const data: Record<string, number[]> = { x: [], y: [], size: [], alpha: [] };
      this.packet.points.forEach((point, i) => {
        if (point.role !== role) return;
        data.x!.push(point.x);
        data.y!.push(point.y);
        data.size!.push(this.sizeOf(point));
        data.alpha!.push(fades[i] ? FADED : SOLID);
      });
      const text = data.alpha!.join();
      if (text === this.painted.get(role)) continue;
      this.painted.set(role, text);
      source.data = data;
    }
    this.placeSoon();
  }

  sizeOf(point: RooflinePoint): number {
    const most = this.packet.points[0]!.time_ns;
    return Math.max(LEAST_PX, MOST_PX * Math.sqrt(point.time_ns / most));
  }

  /** Where a value lies, in shares of the box from its left or its bottom. */
  placeOf(side: "x" | "y", value: number): number {
    const [low, high] = this.packet.ranges![side].map(Math.log) as [number, number];
    return (Math.log(value) - low) / (high - low);
  }

  /** Bokeh lays itself out some time after a change: look now, and again when it has. */
  private placeSoon(): void {
    for (const delayMs of [0, 40, 160]) setTimeout(() => this.place(), delayMs);
  }

  private place(): void {
    const box = this.view?.frame.bbox;
    if (this.signal.aborted || !box || box.width <= 0) return;
    const { left, top, width, height } = box;
    const isSame = this.box && JSON.stringify(this.box) === JSON.stringify({ left, top, width, height });
    this.box = { left, top, width, height };
    if (!isSame) this.placed(this.box);
  }
}
