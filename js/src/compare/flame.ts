// Difference flame graph: chosen levels, then kernels; red is slower, blue and hatched faster, grey within noise.

import { formatNs, plainName } from "../data/format";
import { h, replace } from "../views/dom";
import { type Box, boxes, grow, LEVELS, type Mode, mostDelta, singles } from "./flametree";
import { brief, type Dimension, nameOf, type Pair } from "./payload";
import { isSure, MARKS, signedNs, signedShare } from "./signs";
import type { ComparisonStore } from "./store";

const MODES: Record<Mode, string> = { difference: "difference", a: "A", b: "B" };
const ROW = 22;

export function mountFlame(root: HTMLElement, store: ComparisonStore): void {
  let mode: Mode = "difference";
  const levels = new Set<Dimension>(["category", "op"]);
  let focus: string[] = [];
  let shown = store.pair;
  const zoom = (path: string[]) => {
    focus = path;
    draw();
    root.querySelectorAll<HTMLButtonElement>(".flame .frame")[path.length]?.focus();
  };
  const draw = () => {
    if (store.pair !== shown) [shown, focus] = [store.pair, []];
    const tree = grow(store.pair, store.selection, levels);
    const most = mostDelta(tree);
    const found = boxes(tree, mode, focus);
    const stage = h("div", { class: "flame", role: "group", "aria-label": "Difference flame graph" });
    stage.append(...found.map((one) => box(one, most, store, mode, zoom)));
    stage.style.height = `${(Math.max(...found.map(({ depth }) => depth)) + 1) * ROW}px`;
    stage.addEventListener("keydown", (event) => {
      if (event.key !== "0" && !(event.key === "Escape" && focus.length > 0)) return;
      event.stopPropagation();
      zoom([]);
    });
    const buttons = (Object.keys(MODES) as Mode[]).map((one) =>
      h(
        "button",
        {
          "aria-pressed": String(one === mode),
          onclick: () => {
            mode = one;
            draw();
          },
        },
        MODES[one],
      ),
    );
    const choices = LEVELS.filter((one) => tells(store.pair, one)).map((one) =>
      h(
        "button",
        {
          "aria-pressed": String(levels.has(one)),
          onclick: () => {
            if (!levels.delete(one)) levels.add(one);
            focus = [];
            draw();
            [...root.querySelectorAll<HTMLButtonElement>(".levels button")]
              .find(({ textContent }) => textContent === nameOf(one))
              ?.focus();
          },
        },
        nameOf(one),
      ),
    );
    replace(
      root,
      h(
        "div",
        { class: "bar" },
        h("h3", {}, "Flame graph"),
        h("div", { class: "modes" }, ...buttons),
        h("div", { class: "modes levels", role: "group", "aria-label": "Levels" }, h("span", {}, "levels"), ...choices),
        focus.length > 0 ? h("button", { onclick: () => zoom([]) }, "show all") : null,
        legend(),
      ),
      stage,
    );
  };
  store.listen(draw);
}

/** Whether a level would tell anything apart. */
function tells(pair: Pair, one: Dimension): boolean {
  if (one === "phase") return pair.within.length > 0;
  if (one === "layer") return pair.layer.some(({ label }) => /^\d/.test(label));
  return one !== "op" || singles(pair).size < pair.op.length;
}

function legend(): HTMLElement {
  const item = (tone: string, text: string) => h("span", {}, h("i", { class: `key ${tone}` }), text);
  return h(
    "span",
    { class: "legend muted" },
    item("slow", "▲ slower"),
    item("fast", "▼ faster (hatched)"),
    item("even", "≈ within noise"),
    h("span", {}, "double-click or Z zooms, 0 shows all"),
  );
}

function box(
  { frame, path, from, width, depth, isAbove }: Box,
  most: number,
  store: ComparisonStore,
  mode: Mode,
  zoom: (path: string[]) => void,
): HTMLElement {
  const delta = frame.b - frame.a;
  const isUnsure = frame.row !== undefined && !isSure(frame.row);
  const tone = mode !== "difference" || isUnsure || !delta ? "even" : delta > 0 ? "slow" : "fast";
  const mark = tone === "slow" ? `${MARKS.slower} ` : tone === "fast" ? `${MARKS.faster} ` : "";
  const { row, dimension } = frame;
  const isChosen = row && dimension && store.selection[dimension] === row.key;
  const text = `${plainName(frame.label, 120)}: A ${formatNs(frame.a)}, B ${formatNs(frame.b)}, ${signedNs(delta)} (${signedShare(frame.a, delta)})${row ? `; as a whole: ${row.verdict}` : ""}`;
  return h(
    "button",
    {
      class: `frame ${tone}${frame.lit ? "" : " faint"}${isChosen ? " chosen" : ""}`,
      title: text,
      "aria-label": text,
      style: {
        left: `${from}%`,
        width: `${width}%`,
        top: `${depth * ROW}px`,
        "--strength": `${Math.round(35 + 65 * Math.min(1, Math.abs(delta) / most))}%`,
      },
      // The first click selects and draws anew, the second one zooms. What holds the zoomed frame leads back to it.
      onclick: (event: MouseEvent) => {
        if (isAbove || event.detail === 2 || !dimension) zoom(path);
        else if (event.detail < 2 && row) store.toggle(dimension, row.key);
      },
      onkeydown: (event: KeyboardEvent) => {
        if (event.key.toLowerCase() !== "z" || event.ctrlKey || event.metaKey) return;
        event.stopPropagation();
        event.preventDefault();
        zoom(path);
      },
    },
    width > 3 ? `${mark}${plainName(brief(frame.label), 90)}` : "",
  );
}
