// What the runtime widget is saved with: it asks the kernel for the code itself, so that no notebook has to hold it.

import type { AnyModel } from "@anywidget/types";
import { gunzip } from "./views/bokeh";
import { ask } from "./widget/ask";
import { importCode } from "./widget/code";
import { note } from "./widget/outputs";
import { WAITING } from "./widget/waiting";

interface MountProps {
  model: AnyModel;
  el: HTMLElement;
  signal: AbortSignal;
}

interface Code {
  default: { initialize(props: { model: AnyModel }): { mount(props: MountProps): void } };
}

/** The saved copy leaves the place to a widget whose kernel answers within this time. */
const PATIENCE_MS = 4000;

function claim(uid: string): () => void {
  let isHeld = true;
  note(uid, (output) => {
    output.claims += 1;
  });
  return () => {
    if (!isHeld) return;
    isHeld = false;
    note(uid, (output) => {
      output.claims -= 1;
    });
  };
}

async function load(model: AnyModel): Promise<Code> {
  return importCode<Code>(await gunzip((await ask(model, "code")).bytes));
}

export default {
  // Not asked for here: the page hears no message of the kernel before a widget has been initialised.
  initialize({ model }: { model: AnyModel }) {
    let loading: Promise<{ mount(props: MountProps): void }> | null = null;
    return {
      async mount(props: MountProps) {
        const uid = props.model.get("uid") as string;
        props.el.dataset.xpubreakWidget = uid;
        const release = claim(uid);
        props.signal.addEventListener("abort", release);
        setTimeout(release, PATIENCE_MS);
        loading ??= load(model).then((code) => code.default.initialize({ model }));
        const status = document.createElement("p");
        props.el.append(status);
        const timers = WAITING.map(({ afterMs, text }) =>
          setTimeout(() => {
            status.textContent = text;
          }, afterMs),
        );
        try {
          const runtime = await loading;
          status.remove();
          if (!props.signal.aborted) runtime.mount(props);
        } catch (error) {
          loading = null; // may be asked for again
          release();
          status.textContent = `The view cannot be shown: ${error instanceof Error ? error.message : String(error)}`;
        } finally {
          timers.forEach(clearTimeout);
        }
      },
    };
  },
};
