// A breakdown is displayed as several outputs of one cell: a picture, a saved copy of the explorer with a plain table,
// and the live widget. One of them is to be seen. Their scripts are bundles of their own, so what they know of each
// other hangs on the window.

export interface Output {
  /** Views of the widget that show something. */
  live: number;
  /** Views that are about to: the saved copy waits for them. */
  claims: number;
  /** Whether the saved copy shows the explorer. */
  copy: boolean;
  /** What was selected in the saved copy: the widget goes on with it. */
  selection: Record<string, unknown> | null;
}

const EVENT = "xpubreak-output";
const shared = window as unknown as { __xpubreakOutputs?: Record<string, Output> };
shared.__xpubreakOutputs ??= {};
const outputs = shared.__xpubreakOutputs;

export function outputOf(uid: string): Output {
  outputs[uid] ??= { live: 0, claims: 0, copy: false, selection: null };
  return outputs[uid];
}

/** Note something, and show what is to be seen. */
export function note(uid: string, change: (output: Output) => void): void {
  change(outputOf(uid));
  refresh(uid);
  document.dispatchEvent(new Event(EVENT));
}

/** Resolves once no view of the widget claims the output, and none did for as long as given. */
export async function whenFree(uid: string, waitMs: number): Promise<void> {
  if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
  while (outputOf(uid).claims + outputOf(uid).live > 0) {
    await new Promise((resolve) => document.addEventListener(EVENT, resolve, { once: true }));
  }
}

export function refresh(uid: string): void {
  const { live, copy } = outputOf(uid);
  for (const saved of document.querySelectorAll<HTMLElement>(`[data-xpubreak-static="${CSS.escape(uid)}"]`)) {
    show(saved, live === 0);
    const tail = saved.dataset.xpubreakPicture;
    for (const picture of tail ? document.images : []) {
      if (picture.src.trimEnd().endsWith(tail!)) show(picture, live === 0 && !copy);
    }
  }
  for (const view of document.querySelectorAll<HTMLElement>(`[data-xpubreak-widget="${CSS.escape(uid)}"]`)) {
    show(view, live > 0 || !copy);
  }
}

/** JupyterLab says "Loading widget..." for as long as there is no kernel: below a copy that explores, that is noise. */
export function hideLeftover(saved: HTMLElement): void {
  const next = placeOf(saved).nextElementSibling as HTMLElement | null;
  if (next && /^\s*(Loading|Error displaying) widget/.test(next.textContent ?? "")) show(next, false);
}

function show(element: HTMLElement, isShown: boolean): void {
  placeOf(element).style.display = isShown ? "" : "none";
}

/** The output as a whole, with its prompt: in JupyterLab, Notebook 7 and nbconvert, in classic notebooks; else itself. */
function placeOf(element: HTMLElement): HTMLElement {
  return element.closest<HTMLElement>(".jp-OutputArea-child, .output_area") ?? element;
}
