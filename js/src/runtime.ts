// The shared runtime: one widget for each kernel holds this code and BokehJS once; explorers borrow both.

import type { AnyModel } from "@anywidget/types";
import type { Meta } from "./data/contract";
import { type BokehModule, evaluateBokeh, gunzip } from "./views/bokeh";
import { mountExplorer } from "./views/explorer";
import type { Host, Packet } from "./views/host";

interface MountProps {
  model: AnyModel;
  el: HTMLElement;
  signal: AbortSignal;
}

class Runtime {
  private bokehLoading: Promise<BokehModule> | null = null;

  constructor(private readonly model: AnyModel) {}

  /** BokehJS, asked for when the first bars are drawn. */
  private bokeh(): Promise<BokehModule> {
    this.bokehLoading ??= ask(this.model, "bokehjs").then(async ({ buffers }) => {
      const source = await gunzip(buffers[0] as DataView<ArrayBuffer>);
      return evaluateBokeh(new TextDecoder().decode(source));
    });
    return this.bokehLoading;
  }

  mount({ model, el, signal }: MountProps): void {
    const host: Host = {
      load: () => loadPacket(model),
      bokeh: () => this.bokeh(),
      readSelection: () => model.get("selection"),
      writeSelection: (selection) => {
        model.set("selection", selection);
        model.save_changes();
      },
      onSelection: (changed) => {
        model.on("change:selection", changed);
        signal.addEventListener("abort", () => model.off("change:selection", changed));
      },
      waiting: [
        { afterMs: 2000, text: "Waiting for the kernel: it sends the data when the running cells are done …" },
        {
          afterMs: 15_000,
          text: "Still waiting for the kernel. If it was restarted since, run the cell again: the data is not saved in the notebook.",
        },
      ],
      shown: () => hideStandIn(model.get("uid") as string, signal),
    };
    mountExplorer(el, host, signal);
  }
}

async function loadPacket(model: AnyModel): Promise<Packet> {
  const { content, buffers } = await ask(model, "data");
  return { meta: content.meta as Meta, bytes: buffers[0]!, bars: content.bars };
}

interface Answer {
  content: Record<string, unknown>;
  buffers: DataView[];
}

/** Ask the kernel for something by custom message: what comes that way is never saved with the notebook. */
function ask(model: AnyModel, what: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const listen = (content: Record<string, unknown>, buffers: DataView[]) => {
      if (content?.answer !== what) return;
      model.off("msg:custom", listen);
      if (typeof content.error === "string") reject(new Error(content.error));
      else resolve({ content, buffers });
    };
    model.on("msg:custom", listen);
    model.send({ ask: what });
  });
}

const living = new Map<string, number>();

/** The static table that was displayed before the widget has done its work, for as long as any view of it lives. */
function hideStandIn(uid: string, signal: AbortSignal): void {
  const show = (shown: boolean) => {
    for (const standIn of document.querySelectorAll<HTMLElement>(`[data-xpubreak-static="${CSS.escape(uid)}"]`)) {
      (standIn.closest<HTMLElement>(".jp-OutputArea-child") ?? standIn).style.display = shown ? "" : "none";
    }
  };
  living.set(uid, (living.get(uid) ?? 0) + 1);
  show(false);
  signal.addEventListener("abort", () => {
    const left = (living.get(uid) ?? 1) - 1;
    living.set(uid, left);
    show(left === 0);
  });
}

export default {
  initialize({ model }: { model: AnyModel }) {
    const runtime = new Runtime(model);
    return { mount: (props: MountProps) => runtime.mount(props) };
  },
};
