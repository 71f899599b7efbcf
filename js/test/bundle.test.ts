// The bundle shortens names of ours: none of them may be one that Python, the browser or BokehJS knows.

import { expect, test } from "vitest";
import { ownNames } from "../bundle/ownnames.mjs";
import { COLUMNS, EVENT_COLUMNS } from "../src/data/contract";
import compiled from "./fixtures/cpu-vllm-compiled.json";
import graph from "./fixtures/h200-torch-graph.json";

const own = new Set(await ownNames());

function* keysIn(value: unknown): Generator<string> {
  if (typeof value !== "object" || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    if (!Array.isArray(value)) yield key;
    yield* keysIn(inner);
  }
}

test("no name that Python sends", () => {
  const sent = [compiled, graph].flatMap((fixture) => [...keysIn(fixture)]);
  expect(sent).toContain("layer_count");
  expect(sent.filter((name) => own.has(name))).toEqual([]);
  expect([...COLUMNS, ...EVENT_COLUMNS].flat().filter((name) => own.has(name))).toEqual([]);
});

test("no name of the platform, of BokehJS, of messages and of what lies on the window", () => {
  const foreign =
    "addEventListener clientX dataset setPointerCapture subarray fillRect group get_model_by_name embed_item";
  const between = "mount mountCopy initialize ask answer sealed texts selection uid stamp claims live copy";
  expect(`${foreign} ${between}`.split(" ").filter((name) => own.has(name))).toEqual([]);
});

test("what is shortened are members of classes, never keys of the keyboard", () => {
  expect(own.size).toBeGreaterThan(150);
  expect(own).toContain("drawPager");
  expect([...own].filter((name) => /^[A-Z]/.test(name))).toEqual([]);
});
