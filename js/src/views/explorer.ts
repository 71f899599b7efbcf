// One linked explorer: the store in the middle, the views around it, the host outside.

import { decode } from "../data/dataset";
import { Store } from "../state/store";
import { DetailsView } from "./details";
import { h } from "./dom";
import { FiltersView } from "./filters";
import { FlameView } from "./flame";
import { HeaderView } from "./header";
import type { Host, Packet } from "./host";
import { LayersView } from "./layers";
import style from "./style.css";
import { TableView } from "./table";
import { followTheme, readTheme } from "./theme";
import { Tooltip } from "./tooltip";

/** Keys that stay the notebook's: leaving the widget must always be possible. */
const NOTEBOOK_KEYS = ["Tab", "Escape"];

export function mountExplorer(parent: HTMLElement, host: Host, signal: AbortSignal): void {
  const anchor = h("div", { class: "xpubreak" });
  parent.append(anchor);
  const shadow = anchor.attachShadow({ mode: "open" });
  const sheet = document.createElement("style");
  sheet.textContent = style;
  const root = h("div", { class: "explorer", role: "region", "aria-label": "Breakdown explorer" });
  shadow.append(sheet, root);
  // The notebook listens to keys that bubble; one that moves a cursor here must not insert a cell there.
  root.addEventListener("keydown", (event) => {
    if (!NOTEBOOK_KEYS.includes(event.key)) event.stopPropagation();
  });
  signal.addEventListener("abort", () => anchor.remove());

  const status = h("p", { class: "loading", role: "status" }, "Loading the breakdown …");
  root.append(status);
  const timers = host.waiting.map(({ afterMs, text }) =>
    setTimeout(() => {
      status.textContent = text;
    }, afterMs),
  );
  const settle = () => timers.forEach(clearTimeout);
  signal.addEventListener("abort", settle);
  host
    .load()
    .then((packet) => {
      settle();
      if (signal.aborted) return;
      status.remove();
      build(root, packet, host, signal);
      host.shown();
    })
    .catch((error: unknown) => {
      settle();
      status.className = "loading failed";
      status.textContent = `The breakdown cannot be shown: ${error instanceof Error ? error.message : String(error)}`;
      if (!status.isConnected) root.replaceChildren(status);
      console.error("xpubreak", error);
    });
}

function build(root: HTMLElement, packet: Packet, host: Host, signal: AbortSignal): void {
  const store = new Store(decode(packet.meta, packet.bytes));
  const header = new HeaderView(store);
  root.append(header.element);
  if (store.data.rows === 0 || store.whole.weight === 0) {
    root.append(h("p", { class: "empty whole" }, emptyReason(store)));
    return;
  }
  store.replace(host.readSelection());
  const tooltip = new Tooltip(root);
  const filters = new FiltersView(store);
  root.append(filters.element);
  const theme = readTheme(root);
  const flame = new FlameView(store, theme, tooltip, signal);
  const layers = new LayersView(store, theme, tooltip, signal, { item: packet.bars, bokeh: () => host.bokeh() });
  const details = new DetailsView(store);
  const table = new TableView(store);
  root.append(flame.element, h("div", { class: "pair" }, layers.element, details.element), table.element);

  let told = JSON.stringify(store.selection);
  store.subscribe(() => {
    for (const view of [header, filters, flame, layers, details, table]) view.update();
    const selection = store.selection;
    const text = JSON.stringify(selection);
    if (text !== told) {
      told = text;
      host.writeSelection(selection);
    }
  }, signal);
  host.onSelection(() => {
    const selection = host.readSelection();
    if (JSON.stringify(selection) === told) return;
    told = JSON.stringify(selection);
    store.replace(selection);
  });
  followTheme(() => {
    const changed = readTheme(root);
    flame.useTheme(changed);
    layers.useTheme(changed);
  }, signal);
}

function emptyReason(store: Store): string {
  const { meta } = store.data;
  const reason = meta.issues.find((issue) => issue.severity === "error")?.message;
  if (reason) return "There is nothing to show. The reason is given above.";
  return meta.totals.spans + meta.totals.activities > 0
    ? "Operators were recorded, but none of them took any time."
    : "There is nothing to show: the profile holds no operators and no device activities.";
}
