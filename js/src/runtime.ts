// The shared runtime: one widget for each kernel holds this code and BokehJS once; views borrow both. Saved copies hold
// the same code, and begin with `mountCopy`.

import type { AnyModel } from "@anywidget/types";
import type { EventsMeta, Meta } from "./data/contract";
import { type BokehModule, evaluateBokeh, gunzip } from "./views/bokeh";
import { mountExplorer } from "./views/explorer";
import type { Host, Source } from "./views/host";
import { Library } from "./views/library";
import type { PartName } from "./views/parts";
import { ask, type Told } from "./widget/ask";
import { note, outputOf } from "./widget/outputs";
import { Seal } from "./widget/seal";
import { isOutdated, nextStamp } from "./widget/stamp";
import { WAITING } from "./widget/waiting";

export { mountCopy } from "./standalone";

interface MountProps {
  model: AnyModel;
  el: HTMLElement;
  signal: AbortSignal;
}

class Runtime {
  private bokehLoading: Promise<BokehModule> | null = null;
  private readonly library = new Library();
  private readonly seals = new Map<string, Seal>();

  constructor(private readonly model: AnyModel) {}

  /** BokehJS, asked for when the first bars are drawn. */
  private bokeh(): Promise<BokehModule> {
    this.bokehLoading ??= ask(this.model, "bokehjs").then(async ({ bytes }) =>
      evaluateBokeh(new TextDecoder().decode(await gunzip(bytes))),
    );
    return this.bokehLoading;
  }

  private sealOf(uid: string): Seal {
    const seal = this.seals.get(uid) ?? new Seal();
    this.seals.set(uid, seal);
    return seal;
  }

  mount({ model, el, signal }: MountProps): void {
    const uid = model.get("uid") as string;
    goOnWith(model, outputOf(uid).selection);
    const seal = this.sealOf(uid);
    seal.attach(model, signal);
    let tell: (text: string) => void = () => {};
    const source = sourceOf(model, (bytes, ofBytes) => tell(`Loading the breakdown: ${megabytes(bytes, ofBytes)} …`));
    const host: Host = {
      parts: model.get("parts") as PartName[],
      open: async () => {
        const opened = await this.library.open(
          model.get("group") as string,
          model.get("data") as string,
          source,
          signal,
        );
        await seal.ready();
        return opened;
      },
      bokeh: () => this.bokeh(),
      code: async (part) => gunzip((await ask(this.model, `part-${part}`)).bytes),
      readSelection: () => seal.open((model.get("selection") ?? {}) as Record<string, unknown>),
      writeSelection: (selection) => {
        model.set("selection", seal.close(selection as Record<string, unknown>));
        model.set("stamp", nextStamp());
        model.save_changes();
      },
      onSelection: (changed) => {
        const react = () => {
          if (!isOutdated(model.get("stamp"))) changed();
        };
        model.on("change:selection", react);
        signal.addEventListener("abort", () => model.off("change:selection", react));
      },
      waiting: WAITING,
      onProgress: (told) => {
        tell = told;
      },
      shown: () => takeOver(uid, signal),
    };
    mountExplorer(el, host, signal);
  }
}

/** What a reader selected in the saved copy while the kernel was busy. */
function goOnWith(model: AnyModel, selection: Record<string, unknown> | null): void {
  if (!selection || Object.keys(model.get("selection") ?? {}).length > 0) return;
  model.set("selection", selection);
  model.save_changes();
}

/** The picture and the saved copy are hidden for as long as any view of the widget lives. */
function takeOver(uid: string, signal: AbortSignal): void {
  note(uid, (output) => {
    output.live += 1;
  });
  signal.addEventListener("abort", () =>
    note(uid, (output) => {
      output.live -= 1;
    }),
  );
}

function sourceOf(model: AnyModel, told: Told): Source {
  return {
    load: async () => {
      const { content, bytes } = await ask(model, "data", told);
      return { meta: content.meta as Meta, bytes, bars: content.bars };
    },
    loadEvents: async () => {
      const { content, bytes } = await ask(model, "events");
      return { meta: content.meta as EventsMeta, bytes };
    },
  };
}

function megabytes(bytes: number, ofBytes: number): string {
  return `${Math.round(bytes / 1e6)} of ${Math.round(ofBytes / 1e6)} MB`;
}

export default {
  initialize({ model }: { model: AnyModel }) {
    const runtime = new Runtime(model);
    return { mount: (props: MountProps) => runtime.mount(props) };
  },
};
