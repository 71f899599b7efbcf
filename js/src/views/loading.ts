// Until there is something to show: how far it is, or why it failed and what to do.

import { h } from "./dom";
import type { Host, Opened } from "./host";

export function showLoading(root: HTMLElement, host: Host, signal: AbortSignal, ready: (opened: Opened) => void): void {
  const words = h("p", { role: "status" }, "Loading the breakdown …");
  const status = h("div", { class: "loading" }, words);
  const timers: number[] = [];
  const settle = () => {
    for (const timer of timers.splice(0)) clearTimeout(timer);
  };
  signal.addEventListener("abort", settle);
  host.onProgress((text) => {
    settle();
    words.textContent = text;
  });

  const attempt = () => {
    status.className = "loading";
    words.textContent = "Loading the breakdown …";
    status.replaceChildren(words);
    root.replaceChildren(status);
    for (const { afterMs, text } of host.waiting) {
      timers.push(
        window.setTimeout(() => {
          words.textContent = text;
        }, afterMs),
      );
    }
    host
      .open()
      .then((opened) => {
        settle();
        if (signal.aborted) return;
        status.remove();
        ready(opened);
      })
      .catch(fail);
  };
  const fail = (error: unknown) => {
    settle();
    status.className = "loading failed";
    words.textContent = `The breakdown cannot be shown: ${error instanceof Error ? error.message : String(error)}`;
    status.replaceChildren(words, h("button", { type: "button", class: "more", onclick: attempt }, "Try again"));
    root.replaceChildren(status);
    console.error("xpubreak", error);
  };
  attempt();
}
