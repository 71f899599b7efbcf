// What is taken along from the kernel table, as text.

import { describe, expect, test } from "vitest";
import { commaSeparated, fileName, tabSeparated } from "../src/state/separated";

describe("as text", () => {
  const ROWS = [
    ["name", "total_ns"],
    ['say "hi", you', 5],
    ["two\r\nlines\tand a tab", 6.5],
    ["µs → ok", 0],
  ];
  test("by tabs: one line each", () => {
    expect(tabSeparated(ROWS)).toBe('name\ttotal_ns\nsay "hi", you\t5\ntwo  lines and a tab\t6.5\nµs → ok\t0');
  });
  test("by commas: quoted, with the mark of its encoding", () => {
    expect(commaSeparated(ROWS)).toBe(
      '\ufeffname,total_ns\r\n"say ""hi"", you",5\r\n"two\r\nlines\tand a tab",6.5\r\nµs → ok,0\r\n',
    );
  });
  test.each(["=1+1", "+1", "-1", "@x", "\tx", "\rx"])("%j is no formula", (cell) => {
    expect(tabSeparated([[cell]])).toMatch(/^'/);
    expect(commaSeparated([[cell]]).replace("\ufeff", "")).toMatch(/^"?'/);
    expect(tabSeparated([[-1]])).toBe("-1"); // a number is one
  });
  test.each([
    ["Qwen3-8B · eager · 1 prefill", "Qwen3-8B-eager-1-prefill.csv"],
    ["../../etc/passwd", "etc-passwd.csv"],
    ["", "breakdown.csv"],
    ["///", "breakdown.csv"],
    ["実験 1", "実験-1.csv"],
    ["a".repeat(500), `${"a".repeat(80)}.csv`],
  ])("%j as a file", (title, name) => expect(fileName(title, ".csv")).toBe(name));
});
