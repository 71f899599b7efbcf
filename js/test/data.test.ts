import { describe, expect, test } from "vitest";
import { ContractError, readColumns } from "../src/data/columns";
import type { Dtype } from "../src/data/contract";
import { decode } from "../src/data/dataset";
import { formatCount, formatNs, formatRuns, formatShare, plainName } from "../src/data/format";
import { tiny } from "./tiny";

const plain = (text: string) => text.replaceAll("\u202f", " ");

describe("numbers for people", () => {
  test.each([
    [0, "0 ns"],
    [850, "850 ns"],
    [12_340, "12.3 µs"],
    [999_499, "999 µs"],
    [999_500, "1.00 ms"],
    [4_561_000, "4.56 ms"],
    [412_300_000, "412 ms"],
    [1_234_000_000, "1.23 s"],
    [4_321_000_000_000, "4,321 s"],
  ])("%d ns", (ns, text) => expect(plain(formatNs(ns))).toBe(text));

  test.each([
    [1, 1, "100 %"],
    [999_999, 1_000_000, "> 99.9 %"],
    [1, 1_000_000, "< 0.1 %"],
    [0, 10, "0.0 %"],
    [1, 3, "33.3 %"],
    [0, 0, "–"],
  ])("%d of %d", (part, whole, text) => expect(plain(formatShare(part, whole))).toBe(text));

  test("runs", () => {
    expect(formatRuns([5, 0, 1, 2])).toBe("0–2, 5");
    expect(formatRuns([0, 1])).toBe("0, 1");
    expect(formatRuns([0, 2, 4, 6, 8, 10, 12, 14], 3)).toBe("0, 2, 4 …");
    expect(formatCount(1234567)).toBe("1,234,567");
  });
});

describe("names of strangers", () => {
  test("cannot turn the line around or break it", () => {
    expect(plainName("\u202egnp.exe\u202c a\nb\x00c")).toBe("·gnp.exe· a·b·c");
    expect(plainName("שלום")).toBe("\u2068שלום\u2069");
    expect(plainName(plainName("שלום kernel")), "twice is once").toBe("\u2068שלום kernel\u2069");
    expect(plainName("\u2068שלום\u2069\u2069"), "or it would end too early").toBe("\u2068שלום·\u2069");
    expect(plainName("")).toBe("(no name)");
  });
  test("are cut in the middle, also when they are huge", () => {
    expect(plainName("abcdefghij", 5)).toBe("ab…ij");
    expect(plainName("x".repeat(10_000_000), 40)).toHaveLength(39);
  });
});

describe("decoding", () => {
  test("refuses another version and data cut short", () => {
    const { meta } = tiny([{ name: "k", ns: 1 }]);
    expect(() => decode({ ...meta, version: 99 }, new ArrayBuffer(0))).toThrow(ContractError);
    expect(() => decode(meta, new ArrayBuffer(8))).toThrow(/cut short/);
    expect(() => decode({ ...meta, columns: meta.columns.slice(1) }, new ArrayBuffer(8))).toThrow(/no column/);
  });
  test("finds operators, bars and calls", () => {
    const data = tiny([
      { name: "k", op: "aten::mm", layer: 1, ns: 5 },
      { name: "k", position: "before", ns: 5 },
      { name: "aten::mm", onHost: true, ns: 5, position: "after" },
    ]);
    expect([...data.op].map((id) => data.strings[id])).toEqual(["aten::mm", undefined, undefined]);
    expect([...data.bar]).toEqual([2, 0, 3]);
    expect([...data.isCounted]).toEqual([1, 1, 0]);
  });
  test("widens columns that travelled narrow", () => {
    const columns = [
      { table: "facts", name: "layer", dtype: "i8", length: 3, offset: 0 },
      { table: "facts", name: "device_ns", dtype: "u32", length: 2, offset: 8 },
    ] as const;
    const bytes = new Uint8Array([255, 0, 127, 0, 0, 0, 0, 0, 255, 255, 255, 255, 1, 0, 0, 0]);
    const read = (contract: [string, string, Dtype][]) => readColumns(contract, columns, bytes.buffer).facts!;
    expect(read([["facts", "layer", "i32"]]).layer).toEqual(Int32Array.of(-1, 0, 127));
    expect(read([["facts", "device_ns", "f64"]]).device_ns).toEqual(Float64Array.of(2 ** 32 - 1, 1));
    expect(() => read([["facts", "device_ns", "i32"]])).toThrow(ContractError);
  });
  test("reads columns at any address", () => {
    const { meta } = tiny([]);
    const shifted = new DataView(new ArrayBuffer(9), 1);
    expect(decode(meta, shifted).rows).toBe(0);
  });
});
