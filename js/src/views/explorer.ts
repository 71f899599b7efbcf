// Linked parts in one element: the store in the middle, the parts around it, the host outside.

import { historyOf } from "../state/history";
import type { Change, Store } from "../state/store";
import { LAST_SHEET, SHEET } from "../style/sheet";
import { askAgain } from "./bokeh";
import { afterPaint, h } from "./dom";
import { Frame } from "./frame";
import type { Host, Opened } from "./host";
import { Awaited, codeOf, isLater, LATER, type LaterName, load } from "./later";
import { showLoading } from "./loading";
import { makePart, PAIR, PART_NAMES, type Part, type PartName, type Surroundings } from "./parts";
import { StickySummary, Summary } from "./summary";
import { followTheme, readTheme } from "./theme";
import { Tooltip } from "./tooltip";

/** What the explorer takes even with Ctrl: it undoes and redoes, and a chip goes. */
const OWN = /^([yz]|Backspace)$/i;
/** And what edits the text in a box. */
const EDITING = /^([acvxyz]|Arrow.+|Backspace|Delete|Home|End)$/i;
/** These are above the board that all other parts lie on. */
const ABOVE: readonly PartName[] = ["header", "filters"];

/** With more rows than this, parts that are scrolled out of sight show a click after those that are in sight. */
const MANY = 100_000;

/** Filled by parts that come later. */
type Sheets = Record<LaterName, HTMLStyleElement>;

interface Shown {
  name: PartName;
  part: Part;
}

export function mountExplorer(parent: HTMLElement, host: Host, signal: AbortSignal): void {
  // Its words are English and its time runs to the right, whatever the page around it does: a canvas would follow it.
  const anchor = h("div", { class: "xpubreak", dir: "ltr" });
  parent.append(anchor);
  const shadow = anchor.attachShadow({ mode: "open" });
  const sheets = Object.fromEntries(LATER.map((name) => [name, h("style")])) as unknown as Sheets;
  const root = h("div", { class: "explorer", role: "region", "aria-label": "Breakdown explorer" });
  shadow.append(h("style", {}, SHEET), ...Object.values(sheets), h("style", {}, LAST_SHEET), root);
  // The notebook listens to keys that bubble; one that moves a cursor here must not insert a cell there.
  root.addEventListener("keydown", (event) => {
    if (!isNotebooks(event)) event.stopPropagation();
  });
  // Notebook 7 listens before the event gets here, and leaves keys alone only where it finds this attribute.
  addEventListener("keydown", (event) => anchor.toggleAttribute("data-lm-suppress-shortcuts", !isNotebooks(event)), {
    capture: true,
    signal,
  });
  signal.addEventListener("abort", () => anchor.remove());
  // Asked for before the data, which takes longer: mostly they are there by then. The explorer waits for none.
  for (const code of host.parts.map(codeOf)) if (code) load(code, host).catch(() => {});
  showLoading(root, host, signal, (opened) => {
    build(anchor, root, sheets, opened, host, signal);
    host.shown();
  });
}

function build(
  anchor: HTMLElement,
  root: HTMLElement,
  sheets: Sheets,
  { store, bars }: Opened,
  host: Host,
  signal: AbortSignal,
): void {
  const names = host.parts.filter((name, _, all) => PART_NAMES.includes(name) && hasSubject(store, name, all));
  const tooltip = new Tooltip(root);
  const surroundings: Surroundings = {
    store,
    theme: readTheme(root),
    tooltip,
    signal,
    bars: { item: bars, bokeh: () => host.bokeh() },
    editorOf: (dimension, came) => new Awaited("editors", host, surroundings, sheets.editors, dimension, came),
  };
  root.classList.toggle("single", names.length === 1);
  if (names.length === 1) root.dataset.part = names[0];
  if (store.data.rows === 0 || store.whole.weight === 0) {
    if (names.includes("header")) root.append(makePart("header", surroundings).element);
    root.append(h("p", { class: "empty whole" }, emptyReason(store, names.includes("header"))));
    return;
  }
  // Before anything is selected: the way back ends there.
  const history = historyOf(store);
  // A selection made in Python before anything was shown; else the one that linked views have already.
  if (Object.keys(host.readSelection() ?? {}).length > 0) store.replace(host.readSelection());
  const made = (name: PartName) =>
    isLater(name) ? new Awaited(name, host, surroundings, sheets[name]) : makePart(name, surroundings);
  const parts = names.map((name) => ({ name, part: made(name) }));
  /** Changes that parts have not shown yet. */
  const due = new Map<PartName, Set<Change>>();
  const catchUp = ({ name, part }: Shown) => {
    const changes = due.get(name) ?? [];
    due.delete(name); // first: a part that fails must not be tried for ever
    for (const change of changes) part.update(change);
  };
  const board = h("div", { class: "board" });
  const frame = new Frame(anchor, names, signal, (name, isShown) => {
    const shown = parts.find((one) => one.name === name)!;
    shown.part.element.classList.toggle("away", !isShown);
    if (isShown) catchUp(shown);
    board.classList.toggle("wide", isWide(parts));
  });
  board.classList.toggle("wide", isWide(parts));
  board.append(...arranged(parts.filter(({ name }) => !ABOVE.includes(name))));
  const above = parts.filter(({ name }) => ABOVE.includes(name));
  const line = lineAbove(store, names, above, frame);
  const sticky = stickyOver(store, root, above, signal);
  root.append(...(sticky ? [sticky.element] : []), ...above.map(({ part }) => part.element), ...line.elements);
  if (board.hasChildNodes()) root.append(board);
  root.append(frame.popup.element);

  root.addEventListener("keydown", (event) => {
    frame.screen.leaveOn(event);
    if (!(event.ctrlKey || event.metaKey) || event.altKey || isInText(event)) return;
    const key = event.key.toLowerCase();
    if (key !== "z" && key !== "y") return;
    event.preventDefault();
    if (key === "y" || event.shiftKey) history.redo();
    else history.undo();
  });

  let told = JSON.stringify(store.selection);
  const tell = () => {
    const selection = store.selection;
    const text = JSON.stringify(selection);
    if (text === told) return;
    told = text;
    host.writeSelection(selection);
  };
  let stop = () => {};
  signal.addEventListener("abort", () => stop());
  /** One part at a time, so that whatever a reader does next need not wait for all of them. */
  const catchUpNext = () => {
    const next = parts.find(({ name }) => due.has(name) && !frame.isAway(name));
    if (!next) return;
    const timer = setTimeout(catchUpNext);
    stop = () => clearTimeout(timer);
    catchUp(next);
  };
  store.subscribe((change) => {
    for (const { name } of parts) due.set(name, (due.get(name) ?? new Set()).add(change));
    // Asked before anything changes: afterwards each question would lay the page out.
    const isMuch = store.data.rows > MANY;
    const seen = parts.filter(({ name, part }) => !frame.isAway(name) && (!isMuch || isSeen(part.element)));
    seen.forEach(catchUp);
    line.summary?.update();
    sticky?.update();
    // What is scrolled out of sight follows when the rest has been painted.
    stop();
    stop = afterPaint(catchUpNext);
    if (change === "followed") told = JSON.stringify(store.selection);
    else tell();
  }, signal);
  host.onSelection(() => {
    const selection = host.readSelection();
    if (JSON.stringify(selection) === told) return;
    told = JSON.stringify(selection);
    store.replace(selection);
  });
  followTheme(() => {
    askAgain();
    surroundings.theme = readTheme(root);
    for (const { part } of parts) part.useTheme?.(surroundings.theme);
  }, signal);
}

/**
 * Whether the notebook gets a key, too. Leaving the explorer must always be possible, and so must saving, the palette
 * of commands, or running the cell from within it, as from any other output. Letters would edit cells; Shift+Enter
 * adds to what is selected here. With Alt, boxes take letters that a keyboard has no key for.
 */
function isNotebooks(event: KeyboardEvent): boolean {
  const { key, altKey } = event;
  if (key === "Tab" || key === "Escape") return true;
  const isText = isInText(event);
  return (event.ctrlKey || event.metaKey || altKey) && !(isText ? altKey || EDITING.test(key) : OWN.test(key));
}

function isInText(event: Event): boolean {
  const [target] = event.composedPath(); // outside of the shadow, the event's own target is the whole explorer
  return target instanceof HTMLInputElement && target.type !== "checkbox";
}

/** Among others, a part that has nothing to say is left out. */
function hasSubject({ data: { meta } }: Store, name: PartName, all: readonly PartName[]): boolean {
  return name !== "findings" || all.length === 1 || Boolean(meta.findings?.items.length);
}

/** The frame's tools, in the header where there is one; and what is selected, where no filters say so. */
function lineAbove(
  store: Store,
  names: readonly PartName[],
  above: readonly Shown[],
  frame: Frame,
): { elements: HTMLElement[]; summary: Summary | null } {
  const titleRow = above.find(({ name }) => name === "header")?.part.element.querySelector(".title-row");
  titleRow?.append(frame.tools);
  const summary = names.includes("filters") || names.every((name) => name === "header") ? null : new Summary(store);
  const tools = titleRow || !frame.tools.hasChildNodes() ? null : frame.tools;
  if (!summary && !tools) return { elements: [], summary };
  const line = h("div", { class: "summary-line" }, summary?.element, tools);
  return { elements: [line], summary };
}

function stickyOver(
  store: Store,
  root: HTMLElement,
  above: readonly Shown[],
  signal: AbortSignal,
): StickySummary | null {
  const left = above.find(({ name }) => name === "filters")?.part.element.querySelector<HTMLElement>(".left");
  return left ? new StickySummary(store, root, left, signal) : null;
}

/** Parts below each other; those of a pair side by side where there is room. */
function arranged(parts: readonly Shown[]): HTMLElement[] {
  const paired = parts.filter(({ name }) => PAIR.includes(name));
  const elements: HTMLElement[] = [];
  for (const { name, part } of parts) {
    if (paired.length < PAIR.length || !PAIR.includes(name)) elements.push(part.element);
    else if (name === paired[0]!.name) {
      elements.push(h("div", { class: "pair" }, ...paired.map((one) => one.part.element)));
    }
  }
  return elements;
}

/** In sight, or where the keyboard is. What has no place on the page is none of our business to judge. */
function isSeen(element: HTMLElement): boolean {
  const { top, bottom, height } = element.getBoundingClientRect();
  if (height === 0 || (bottom > 0 && top < innerHeight)) return true;
  return element.contains((element.getRootNode() as ShadowRoot).activeElement);
}

/** Whether there is something for each of the two columns of a very wide screen. */
function isWide(parts: readonly Shown[]): boolean {
  const isShown = (names: readonly PartName[]) =>
    parts.some(({ name, part }) => names.includes(name) && !part.element.classList.contains("away"));
  return isShown(["flame", "timeline"]) && isShown(PAIR);
}

function emptyReason(store: Store, isGivenAbove: boolean): string {
  const { meta } = store.data;
  const reason = meta.issues.find((issue) => issue.severity === "error")?.message;
  if (reason) return isGivenAbove ? "There is nothing to show. The reason is given above." : reason;
  return meta.totals.spans + meta.totals.activities > 0
    ? "Operators were recorded, but none of them took any time."
    : "There is nothing to show: the profile holds no operators and no device activities.";
}
