import { describe, expect, test } from "vitest";
import { contrast, inkOf, mix, pixelOf } from "../src/draw/palette";

describe("colours", () => {
  const roles = ["vllm", "torch", "triton", "cpu", "framework", "collectives", "unattributed"];
  test("text on every backend is readable", () => {
    for (const role of roles) expect(contrast(inkOf(role).text, inkOf(role).fill)).toBeGreaterThanOrEqual(4.5);
  });
  test("mixing and pixels", () => {
    expect(mix("#ffffff", "#000000", 0.5)).toBe("#808080");
    expect(pixelOf("#010203")).toBe(0xff030201);
  });
});
