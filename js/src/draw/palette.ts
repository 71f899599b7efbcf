// Colours of the backends: Paul Tol's "vibrant" scheme, distinct for the common kinds of colour blindness
// (https://sronpersonalpages.nl/~pault/), with its red and cyan set apart further in lightness.
// Colour is never the only sign: every place that uses it also writes the name, and all backends but one are hatched,
// each in its own way, since several are alike in grey, and more once they are mixed with the page.

import type { Hatch } from "./hatch";

export interface Ink {
  fill: string;
  /** Text on the fill, with a contrast of at least 4.5. */
  text: string;
  hatch: Hatch;
}

const FILLS: Record<string, string> = {
  vllm: "#0077bb",
  torch: "#ee8a3c",
  triton: "#009988",
  cpu: "#cc3311",
  framework: "#a3a9b3",
  collectives: "#aa4499",
  unattributed: "#ddcc77",
};
const HATCHES: Record<string, Hatch> = {
  torch: ".",
  triton: "\\",
  cpu: "/",
  framework: "-",
  collectives: "x",
  unattributed: "|",
};
const FALLBACK = "#888888";

export function inkOf(key: string): Ink {
  const fill = FILLS[key] ?? FALLBACK;
  return { fill, text: readableOn(fill), hatch: HATCHES[key] ?? "" };
}

export function rgbOf(colour: string): [number, number, number] {
  const hex = /^#([0-9a-f]{6})$/i.exec(colour.trim());
  if (hex) {
    const value = Number.parseInt(hex[1]!, 16);
    return [value >> 16, (value >> 8) & 255, value & 255];
  }
  const parts = colour.match(/[\d.]+/g)?.map(Number) ?? [];
  return [parts[0] ?? 0, parts[1] ?? 0, parts[2] ?? 0];
}

/** Relative luminance, WCAG 2. */
export function luminance(colour: string): number {
  const [r, g, b] = rgbOf(colour).map((channel) => {
    const c = channel / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}

export function contrast(a: string, b: string): number {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high! + 0.05) / (low! + 0.05);
}

export function readableOn(fill: string): string {
  return contrast("#ffffff", fill) >= 4.5 ? "#ffffff" : "#14161a";
}

/** A pixel as ImageData wants it, on a little-endian machine. */
export function pixelOf(colour: string, alpha = 1): number {
  const [r, g, b] = rgbOf(colour);
  return ((Math.round(alpha * 255) << 24) | (b << 16) | (g << 8) | r) >>> 0;
}

/** `over` laid on `under` with an opacity. */
export function mix(over: string, under: string, opacity: number): string {
  const [top, bottom] = [rgbOf(over), rgbOf(under)];
  const channel = (i: 0 | 1 | 2) => Math.round(top[i] * opacity + bottom[i] * (1 - opacity));
  return `#${[channel(0), channel(1), channel(2)].map((c) => c.toString(16).padStart(2, "0")).join("")}`;
}
