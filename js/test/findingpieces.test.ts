import { expect, test } from "vitest";
import { cellText, titleOf } from "../src/views/findingpieces";

const narrow = (text: string) => text.replaceAll("\u202f", " ");

test("units are in the cells, not in the titles", () => {
  expect([titleOf("delay_ns"), titleOf("at_ns"), titleOf("copies")]).toEqual(["delay", "at", "copies"]);
  expect(narrow(cellText("delay_ns", 8050))).toBe("8.05 µs");
  expect(cellText("launches", 147)).toBe("147");
});

test("outside of layers is no layer", () => {
  expect(cellText("layer", -1)).toBe("outside");
  expect(cellText("layer", 3)).toBe("3");
});
