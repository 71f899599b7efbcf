// The explorer of a comparison. A bundle of its own: whoever looks at one breakdown need not load it, and a saved
// comparison holds nothing else.

import type { AnyModel } from "@anywidget/types";
import { mountLayers, mountWaterfall } from "./compare/bars";
import sheet from "./compare/comparison.css";
import { mountFlame } from "./compare/flame";
import { mountHeader } from "./compare/header";
import type { Payload, Selection } from "./compare/payload";
import { ComparisonStore } from "./compare/store";
import { mountTable } from "./compare/table";
import { gunzip } from "./views/bokeh";
import { h } from "./views/dom";
import { ask } from "./widget/ask";
import { hideLeftover, note } from "./widget/outputs";

interface Told {
  /** Which view the kernel has this from, and that view's how many-th message it was. */
  by: string;
  number: number;
  pair: number;
  keys: Selection;
}

function mount(place: HTMLElement, payload: Payload): ComparisonStore {
  place.dir = "ltr"; // as its words are, whatever the page around it does
  const shadow = place.attachShadow({ mode: "open" });
  const parts = {
    header: h("header"),
    flame: h("section"),
    waterfall: h("div"),
    layers: h("div"),
    table: h("section"),
  };
  const charts = h("section", { class: "charts" }, parts.waterfall, parts.layers);
  const root = h("div", { class: "comparison" }, parts.header, charts, parts.flame, parts.table);
  shadow.append(h("style", {}, sheet), root);
  const store = new ComparisonStore(payload);
  mountHeader(parts.header, store);
  mountWaterfall(parts.waterfall, store);
  mountLayers(parts.layers, store);
  mountFlame(parts.flame, store);
  mountTable(parts.table, store);
  return store;
}

/**
 * What is selected goes by message, both ways: so it is not saved, with the names in it. The kernel has the last word,
 * but for what it says of clicks after which there were others here. Returns what links a store; what comes before
 * there is one is kept for it.
 */
function listening(model: AnyModel, signal: AbortSignal): (store: ComparisonStore) => void {
  const by = Math.random().toString(36).slice(2);
  let number = 0;
  let store: ComparisonStore | undefined;
  let last: Told | undefined;
  const listen = ({ select }: { select?: Told }) => {
    if (!select || (select.by === by && select.number < number)) return;
    last = select;
    store?.follow(select.pair, select.keys);
  };
  model.on("msg:custom", listen);
  signal.addEventListener("abort", () => model.off("msg:custom", listen));
  return (made) => {
    store = made;
    if (last) made.follow(last.pair, last.keys);
    made.told = () => {
      number += 1;
      model.send({ selected: { by, number, pair: made.number, keys: made.selection } satisfies Told });
    };
  };
}

async function unpacked(bytes: Uint8Array<ArrayBuffer> | DataView<ArrayBuffer>): Promise<Payload> {
  return JSON.parse(new TextDecoder().decode(await gunzip(bytes)));
}

/** In a saved copy, started by boot.ts. */
export function mountCopy(root: HTMLElement): void {
  const place = root.querySelector<HTMLElement>("[data-xpubreak-place]");
  const text = root.querySelector('script[data-xpubreak="comparison"]')?.textContent?.trim();
  if (!place || place.hasChildNodes() || place.shadowRoot || !text) return;
  unpacked(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))).then((payload) => {
    mount(place, payload);
    root.querySelector<HTMLElement>("[data-xpubreak-plain]")?.setAttribute("hidden", "");
    hideLeftover(root);
    note(root.dataset.xpubreakStatic ?? "", (output) => {
      output.copy = true;
    });
  });
}

/** In the live widget: the kernel sends what is shown, and nothing of it is saved with the notebook. */
export async function mountLive({ model, el, signal }: { model: AnyModel; el: HTMLElement; signal: AbortSignal }) {
  const uid = model.get("uid") as string;
  const link = listening(model, signal);
  const { bytes } = await ask(model, "data");
  const payload = await unpacked(bytes);
  if (signal.aborted) return;
  const place = h("div");
  el.append(place);
  link(mount(place, payload));
  note(uid, (output) => {
    output.live += 1;
  });
  signal.addEventListener("abort", () =>
    note(uid, (output) => {
      output.live -= 1;
    }),
  );
}

const page = document.querySelector<HTMLElement>("main > [data-xpubreak-static][data-page]");
if (page) mountCopy(page);
