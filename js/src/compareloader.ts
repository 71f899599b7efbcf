// What a comparison's widget is saved with: it asks the kernel for the code, so that no notebook has to hold it.

import type { AnyModel } from "@anywidget/types";
import { gunzip } from "./views/bokeh";
import { h } from "./views/dom";
import { ask } from "./widget/ask";
import { importCode } from "./widget/code";
import { note } from "./widget/outputs";

interface Props {
  model: AnyModel;
  el: HTMLElement;
  signal: AbortSignal;
}
type Code = { mountLive(props: Props): Promise<void> };

/** The saved copy leaves the place to a widget whose kernel answers within this time. */
const PATIENCE_MS = 4000;

async function load(model: AnyModel): Promise<Code> {
  return importCode<Code>(await gunzip((await ask(model, "code")).bytes));
}

export default {
  async render(props: Props) {
    const { model, el, signal } = props;
    const uid = model.get("uid") as string;
    el.dataset.xpubreakWidget = uid;
    let isHeld = true;
    const claim = (by: number) =>
      note(uid, (output) => {
        output.claims += by;
      });
    const release = () => {
      if (isHeld) claim(-1);
      isHeld = false;
    };
    claim(1);
    signal.addEventListener("abort", release);
    setTimeout(release, PATIENCE_MS);
    const status = h("p", {}, "Waiting for the kernel: it sends the comparison when the running cells are done …");
    el.append(status);
    try {
      const code = await load(model);
      await code.mountLive(props);
      status.remove();
    } catch (error) {
      status.textContent = `The comparison cannot be shown: ${error instanceof Error ? error.message : String(error)}`;
    } finally {
      release();
    }
  },
};
