import { describe, expect, test } from "vitest";
import { categoryInk } from "../src/draw/categoryinks";
import { rgbOf } from "../src/draw/palette";

describe("colours of categories", () => {
  // Viénot's and Machado's simulations agree on what matters here: Machado et al. 2009, severity 1.
  const SIGHTS = {
    common: [1, 0, 0, 0, 1, 0, 0, 0, 1],
    protan: [0.152, 1.053, -0.205, 0.115, 0.786, 0.099, -0.004, -0.048, 1.052],
    deutan: [0.367, 0.861, -0.228, 0.28, 0.673, 0.047, -0.012, 0.043, 0.969],
    tritan: [1.256, -0.077, -0.179, -0.078, 0.931, 0.148, 0.005, 0.691, 0.304],
  };
  const times = (m: number[], v: number[]) =>
    [0, 3, 6].map((i) => m[i]! * v[0]! + m[i + 1]! * v[1]! + m[i + 2]! * v[2]!);
  const lab = (fill: string, sight: number[]) => {
    const linear = rgbOf(fill).map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
    const seen = times(sight, linear).map((c) => Math.min(1, Math.max(0, c)));
    const xyz = times([0.4124, 0.3576, 0.1805, 0.2126, 0.7152, 0.0722, 0.0193, 0.1192, 0.9505], seen);
    const [x, y, z] = [xyz[0]! / 0.9505, xyz[1]!, xyz[2]! / 1.089].map((t) => (t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116)) as [number, number, number]; // biome-ignore format: one formula
    return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
  };
  const CATEGORIES = [
    ["attention", "norm", "activation", "gemm", "moe", "quantisation", "cache", "sampling"],
    ["rotary", "embedding", "elementwise", "reduction", "softmax", "sort", "indexing", "copy"],
    ["fill", "memcpy", "memset", "collective", "state-space", "lora", "convolution", "random"],
    ["synchronisation", "allocation", "view", "annotation", "launch", "graph", "profiler", "other"],
  ].flat();
  test.each(Object.entries(SIGHTS))("no two look alike: %s", (_, sight) => {
    for (const a of CATEGORIES) {
      for (const b of CATEGORIES.slice(0, CATEGORIES.indexOf(a))) {
        const [one, other] = [categoryInk(a), categoryInk(b)];
        if (one.hatch !== other.hatch) continue;
        const [p, q] = [lab(one.fill, sight), lab(other.fill, sight)];
        expect(Math.hypot(...p.map((value, i) => value - q[i]!)), `${a} and ${b}`).toBeGreaterThan(15);
      }
    }
  });
});
