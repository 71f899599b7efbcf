// Lies in each saved copy, runs wherever scripts do: starts the explorer, unless the live widget takes over. Beside a
// plain table without a copy it only hides what is left of the widget.

import { gunzip } from "./views/bokeh";
import { heldIn, importCode } from "./widget/code";
import { hideLeftover, whenFree } from "./widget/outputs";

interface Copy {
  mountCopy(root: HTMLElement): void;
}

/** How long a live widget may take to say that it is there. */
const GRACE_MS = 2500;

/** Copies of one version share their code, and so what is selected. */
const shared = window as unknown as { __xpubreakCodes?: Record<string, Promise<Copy>> };
shared.__xpubreakCodes ??= {};
const codes = shared.__xpubreakCodes;

async function start(root: HTMLElement): Promise<void> {
  // In a page that nbconvert wrote there is nothing to wait for.
  const isNotebook = !document.querySelector("body.jp-Notebook, #notebook-container");
  await whenFree(root.dataset.xpubreakStatic ?? "", isNotebook ? GRACE_MS : 0);
  const script = root.querySelector<HTMLElement>('script[data-xpubreak="code"]');
  if (!script) return hideLeftover(root);
  const version = script.dataset.version ?? "";
  codes[version] ??= gunzip(heldIn(script)).then(importCode<Copy>);
  (await codes[version]).mountCopy(root);
}

for (const root of document.querySelectorAll<HTMLElement>("[data-xpubreak-static]:not([data-booted])")) {
  root.dataset.booted = "";
  // The picture and the table stay where this fails.
  start(root).catch((error) => console.error("xpubreak", error));
}
