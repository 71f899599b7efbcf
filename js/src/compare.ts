// The explorer of a comparison. A bundle of its own: whoever looks at one breakdown need not load it, and a saved
// comparison holds nothing else.

import type { AnyModel } from "@anywidget/types";
import { mountLayers, mountWaterfall } from "./compare/bars";
import sheet from "./compare/comparison.css";
import { mountFlame } from "./compare/flame";
import { mountHeader } from "./compare/header";
import type { Payload } from "./compare/payload";
import { ComparisonStore } from "./compare/store";
import { mountTable } from "./compare/table";
import { gunzip } from "./views/bokeh";
import { h } from "./views/dom";
import { ask } from "./widget/ask";
import { hideLeftover, note } from "./widget/outputs";

function mount(place: HTMLElement, payload: Payload): void {
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
  const { bytes } = await ask(model, "data");
  if (signal.aborted) return;
  const place = h("div");
  el.append(place);
  mount(place, await unpacked(bytes));
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
