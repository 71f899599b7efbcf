// Bokeh's figure of the roofline: points and colours go in, nothing comes out.

import type { RooflinePacket, RooflinePoint } from "../data/roofline";
import type { BokehModule } from "./bokeh";
import { BokehFigure } from "./bokehfigure";
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
  private readonly figure: BokehFigure;
  private fades: readonly boolean[] = [];
  /** What Bokeh paints of each role: painting the same again would take as long. */
  private readonly painted = new Map<string, string>();

  constructor(
    plot: HTMLElement,
    private readonly packet: RooflinePacket,
    private readonly roles: readonly string[],
    private theme: Theme,
    private readonly placed: (box: Box) => void,
    signal: AbortSignal,
  ) {
    this.figure = new BokehFigure(plot, () => this.place(), signal);
  }

  async start(bokeh: BokehModule): Promise<void> {
    if (!(await this.figure.start(bokeh, this.packet.figure))) return;
    this.useTheme(this.theme);
    this.draw(this.fades);
  }

  useTheme(theme: Theme): void {
    this.theme = theme;
    for (const side of ["x", "y"]) {
      this.figure.colourAxis(`${side}-axis`, theme);
      this.figure.colourGrid(`${side}-grid`, theme);
    }
    const roofs = this.figure.model("roofs");
    if (roofs) roofs.line_color = theme.muted;
  }

  /** Points that nothing of is selected fade. */
  draw(fades: readonly boolean[]): void {
    this.fades = fades;
    for (const role of this.roles) {
      const source = this.figure.model(`points-${role}`);
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
    this.figure.lookSoon();
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

  private place(): void {
    if (!this.figure.frame) return;
    const { left, top, width, height } = this.figure.frame;
    const isSame = this.box && JSON.stringify(this.box) === JSON.stringify({ left, top, width, height });
    this.box = { left, top, width, height };
    if (!isSame) this.placed(this.box);
  }
}
