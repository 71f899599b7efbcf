// The explorer over a saved copy, in a notebook's output or in an HTML file of its own: data and BokehJS lie in the
// page, nothing is fetched.

import { type BokehModule, evaluateBokeh, gunzip } from "./views/bokeh";
import { mountExplorer } from "./views/explorer";
import type { Host, Source } from "./views/host";
import type { LaterName } from "./views/later";
import { Library, portable } from "./views/library";
import { PART_NAMES, type PartName } from "./views/parts";
import { heldIn } from "./widget/code";
import { hideLeftover, note, outputOf } from "./widget/outputs";

const library = new Library();
let bokeh: Promise<BokehModule> | null = null;
/** The first copy of a notebook holds BokehJS for all. */
let bokehHolder: HTMLElement | null = null;

function holder(root: ParentNode, name: string): HTMLElement | null {
  return root.querySelector<HTMLElement>(`script[data-xpubreak="${name}"]`);
}

const unpacked = (script: HTMLElement | null): Promise<ArrayBuffer> => gunzip(heldIn(script));

const text = (bytes: ArrayBuffer): string => new TextDecoder().decode(bytes);

async function loadBokeh(): Promise<BokehModule> {
  bokehHolder ??= holder(document, "bokehjs");
  if (!bokehHolder) throw new Error("the library that draws the bars lies in the notebook's first breakdown");
  return evaluateBokeh(text(await unpacked(bokehHolder)));
}

function sourceIn(root: HTMLElement): Source {
  return {
    load: async () => {
      const { meta, bars } = JSON.parse(text(await unpacked(holder(root, "meta"))));
      return { meta, bars, bytes: await unpacked(holder(root, "columns")) };
    },
    loadEvents: async () => {
      if (!holder(root, "events")) return null;
      return {
        meta: JSON.parse(text(await unpacked(holder(root, "events-meta")))),
        bytes: await unpacked(holder(root, "events")),
      };
    },
  };
}

/** Show the explorer in a copy. */
export function mountCopy(root: HTMLElement): void {
  const place = root.querySelector<HTMLElement>("[data-xpubreak-place]");
  if (!place || place.hasChildNodes()) return;
  bokehHolder ??= holder(root, "bokehjs");
  const { xpubreakStatic: uid = "", parts, group = uid, data = uid, selection } = root.dataset;
  const { signal } = new AbortController();
  let later: Promise<Partial<Record<LaterName, string>>> | null = null;
  const host: Host = {
    parts: parts ? (parts.split(" ") as PartName[]) : PART_NAMES,
    open: () => library.open(group, data, sourceIn(root), signal),
    bokeh: () => {
      bokeh ??= loadBokeh();
      bokeh.catch(() => {
        bokeh = null; // the first copy may be displayed later
      });
      return bokeh;
    },
    code: async (part) => {
      const script = holder(root, "later");
      if (script) later ??= unpacked(script).then((json) => JSON.parse(text(json)));
      const code = (await later)?.[part];
      if (!code) throw new Error("this copy does not hold its code");
      return code;
    },
    readSelection: () => outputOf(uid).selection ?? JSON.parse(selection || "{}"),
    writeSelection: (chosen) => {
      outputOf(uid).selection = portable(chosen as Record<string, unknown>);
    },
    onSelection: () => {},
    waiting: [],
    onProgress: () => {},
    shown: () => {
      root.querySelector<HTMLElement>("[data-xpubreak-plain]")?.setAttribute("hidden", "");
      hideLeftover(root);
      note(uid, (output) => {
        output.copy = true;
      });
    },
  };
  mountExplorer(place, host, signal);
}

// In a page of its own there is no widget to wait for.
const page = document.querySelector<HTMLElement>("main > [data-xpubreak-static][data-page]");
if (page) mountCopy(page);
