// The explorer in an HTML file of its own: data and BokehJS lie in the page, nothing is fetched.

import { type BokehModule, evaluateBokeh, gunzip } from "./views/bokeh";
import { mountExplorer } from "./views/explorer";
import type { Host } from "./views/host";

async function embedded(id: string): Promise<ArrayBuffer> {
  const text = document.getElementById(id)?.textContent?.trim() ?? "";
  return gunzip(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)));
}

const text = (bytes: ArrayBuffer): string => new TextDecoder().decode(bytes);

function boot(): void {
  const place = document.getElementById("xpubreak-explorer");
  if (!place) return;
  let bokeh: Promise<BokehModule> | null = null;
  const host: Host = {
    load: async () => {
      const { meta, bars } = JSON.parse(text(await embedded("xpubreak-meta")));
      return { meta, bars, bytes: await embedded("xpubreak-columns") };
    },
    bokeh: () => {
      bokeh ??= embedded("xpubreak-bokehjs").then((source) => evaluateBokeh(text(source)));
      return bokeh;
    },
    readSelection: () => ({}),
    writeSelection: () => {},
    onSelection: () => {},
    waiting: [],
    shown: () => document.getElementById("xpubreak-static")?.setAttribute("hidden", ""),
  };
  mountExplorer(place, host, new AbortController().signal);
}

boot();
