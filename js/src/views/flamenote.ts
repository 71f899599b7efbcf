import { NONE } from "../data/contract";
import { formatCount, formatNs, formatShare } from "../data/format";
import { keyInks } from "../draw/frameinks";
import type { Block } from "../draw/smaller";
import { type ColourKind, divided } from "../state/framesums";
import type { Store } from "../state/store";
import type { FrameKind } from "../state/tokens";
import { WEIGHT_LABELS } from "../state/weight";
import type { FlameState } from "./flamestate";
import type { Note } from "./tooltip";

const LISTED = 3;
const KIND_LABELS: Partial<Record<FrameKind, string>> = {
  root: "everything shown",
  call: "Python function",
  span: "host span",
  place: "part of a step",
  more: "callers that were put together",
};

/** What a frame is and how much it weighs, or how many stand in a block with it. */
export function frameNote(store: Store, state: FlameState, frame: number): Note {
  const block = state.blockAt(frame);
  if (block) return blockNote(store, state, block);
  const { stack, sums } = state;
  const value = sums.value[frame];
  const parent = stack.parent[frame];
  const lines: [string, string][] = [
    [WEIGHT_LABELS[store.options.weight], shown(store, value)],
    ["share", formatShare(value, sums.value[0])],
  ];
  if (parent > 0) lines.push(["of parent", formatShare(value, sums.value[parent])]);
  lines.push(["backend", list(store, state, frame, "backend")], ["category", list(store, state, frame, "category")]);
  const kind = stack.kindOf(frame);
  lines.push(["kind", KIND_LABELS[kind] ?? kind]);
  const { roles, categories } = store.data.meta;
  const ink = keyInks(state.colour, roles, categories)[sums.key[frame]];
  return { title: stack.labels[frame]!, ink: kind === "root" ? undefined : ink, lines };
}

function blockNote(store: Store, { layout, sums, stack, least }: FlameState, block: Block): Note {
  let value = 0;
  let heaviest = NONE;
  for (let position = block.from; position < block.to; position++) {
    const frame = layout.frames[position];
    value += sums.value[frame];
    if (heaviest < 0 || sums.value[frame] > sums.value[heaviest]) heaviest = frame;
  }
  const count = block.to - block.from;
  return {
    title: count === 1 ? "1 smaller frame" : `${formatCount(count)} smaller frames`,
    lines: [
      [`${WEIGHT_LABELS[store.options.weight]}, together`, shown(store, value)],
      ["share", formatShare(value, sums.value[0])],
      ["each", `below ${formatShare(least, 1)} of what is shown`],
      ["largest", `${stack.labels[heaviest]!}, ${shown(store, sums.value[heaviest])}`],
    ],
  };
}

function shown(store: Store, value: number): string {
  return store.options.weight === "count" ? formatCount(value) : formatNs(value);
}

function list(store: Store, { stack, sums }: FlameState, frame: number, by: ColourKind): string {
  const { roles, categories } = store.data.meta;
  const name = (code: number) => (by === "backend" ? roles[code]?.label : categories[code]) ?? "?";
  const parts = divided(stack, sums, frame, by);
  if (parts.length === 1) return name(parts[0]!.code);
  const named = parts
    .slice(0, LISTED)
    .map(({ code, weight }) => `${name(code)} ${formatShare(weight, sums.value[frame])}`);
  return parts.length > LISTED ? `${named.join(", ")} …` : named.join(", ");
}
