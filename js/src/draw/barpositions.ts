// Where the bars of layers stand: the layers side by side, "before", "after" and "outside" set apart.

/** A layer by its number, or a position. */
export interface BarPlace {
  value: number | string;
  x: number;
  /** Room from edge to edge; a layer has 1. */
  size: number;
}

/** Between places that stand apart, relative to their size. */
const APART = 0.75;
/** Beside more layers than this, places that are none grow: they would be too thin to see. */
const MANY_LAYERS = 28;

export function barPlaces(layerCount: number): BarPlace[] {
  const layers: BarPlace[] = Array.from({ length: layerCount }, (_, layer) => ({ value: layer, x: layer, size: 1 }));
  const size = Math.max(1, layerCount / MANY_LAYERS);
  const pitch = size * (1 + APART);
  const first = layerCount - 0.5 + pitch - size / 2;
  return [
    { value: "before", x: size / 2 - 0.5 - pitch, size },
    ...layers,
    { value: "after", x: first, size },
    { value: "outside", x: first + pitch, size },
  ];
}

export function barRange(layerCount: number): { start: number; end: number } {
  const places = barPlaces(layerCount);
  const [first, last] = [places[0]!, places.at(-1)!];
  return { start: first.x - first.size * 0.75, end: last.x + last.size };
}

/** Bars that lie between two points, or the one nearest to a single point. */
export function barsBetween(places: readonly BarPlace[], a: number, b: number): number[] {
  const [low, high] = a < b ? [a, b] : [b, a];
  const found: number[] = [];
  places.forEach((place, index) => {
    if (place.x + place.size / 2 > low && place.x - place.size / 2 < high) found.push(index);
  });
  return found;
}

/** Layers to write under the axis so that labels have `room` pixels each. */
export function tickLayers(layerCount: number, pixelsPerBar: number, room = 26): number[] {
  const steps = [1, 2, 4, 5, 10, 20, 50, 100, 200, 500, 1000];
  const step = steps.find((candidate) => candidate * pixelsPerBar >= room) ?? layerCount;
  const ticks: number[] = [];
  for (let layer = 0; layer < layerCount; layer += step) ticks.push(layer);
  return ticks;
}

/** What to write under a position's bar of that width. */
export function positionLabel(position: string, pixels: number): string {
  const room = pixels * (1 + APART);
  if (room >= 50) return position;
  const short: Record<string, string> = { before: "pre", after: "post", outside: "out" };
  return room >= 24 ? (short[position] ?? position) : "·";
}
