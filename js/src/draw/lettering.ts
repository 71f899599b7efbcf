// Text in the room it has.

/** Fewer letters before the "…" say nothing. */
const SHORTEST = 3;
const REMEMBERED = 20_000;

export class Lettering {
  private readonly widths = new Map<string, number>();

  /** The text, cut to a width in CSS pixels; empty where too few letters fit. */
  fitted(context: CanvasRenderingContext2D, text: string, room: number): string {
    const full = this.measured(context, text);
    if (full <= room) return text;
    let letters = Math.floor((text.length * room) / full);
    while (letters >= SHORTEST && this.measured(context, `${text.slice(0, letters)}…`) > room) letters--;
    return letters < SHORTEST ? "" : `${text.slice(0, letters)}…`;
  }

  measured(context: CanvasRenderingContext2D, text: string): number {
    const key = `${context.font} ${text}`;
    let width = this.widths.get(key);
    if (width === undefined) {
      if (this.widths.size > REMEMBERED) this.widths.clear();
      width = context.measureText(text).width;
      this.widths.set(key, width);
    }
    return width;
  }
}
