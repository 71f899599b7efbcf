// Where the bars of layers stand: the layers side by side, "before", "after" and "outside" set apart.

/** A layer by its number, or a position. */
export interface BarPlace {
  value: number | string;
  x: number;
}

const APART = 0.75;

export function barPlaces(layerCount: number): BarPlace[] {
  const layers: BarPlace[] = Array.from({ length: layerCount }, (_, layer) => ({ value: layer, x: layer }));
  return [
    { value: "before", x: -1 - APART },
    ...layers,
    { value: "after", x: layerCount + APART },
    { value: "outside", x: layerCount + 1 + 2 * APART },
  ];
}

export function barRange(layerCount: number): { start: number; end: number } {
  return { start: -2.5, end: layerCount + 3.5 };
}

/** Bars that lie between two points, or the one nearest to a single point. */
export function barsBetween(places: readonly BarPlace[], a: number, b: number): number[] {
  const [low, high] = a < b ? [a, b] : [b, a];
  const found: number[] = [];
  places.forEach((place, index) => {
    if (place.x + 0.5 > low && place.x - 0.5 < high) found.push(index);
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

/** What to write under a position's bar, in the room that it has. */
export function positionLabel(position: string, pixelsPerBar: number): string {
  const room = pixelsPerBar * (1 + APART);
  if (room >= 50) return position;
  const short: Record<string, string> = { before: "pre", after: "post", outside: "out" };
  return room >= 24 ? (short[position] ?? position) : "·";
}

/** Scale and unit for an axis of nanoseconds. */
export function axisUnit(largestNs: number): { divisor: number; unit: string } {
  if (largestNs < 2e3) return { divisor: 1, unit: "ns" };
  if (largestNs < 2e6) return { divisor: 1e3, unit: "µs" };
  if (largestNs < 2e9) return { divisor: 1e6, unit: "ms" };
  return { divisor: 1e9, unit: "s" };
}
