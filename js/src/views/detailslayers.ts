// The same kernel in other layers: one small bar for each, the odd ones marked.

import { formatCount, formatNs, formatRuns } from "../data/format";
import { inLayerOf, type Peer, peersOf } from "../state/peers";
import { median } from "../state/spread";
import type { Store } from "../state/store";
import { section } from "./detailsparts";
import { h } from "./dom";

export function otherLayers(store: Store, name: number): HTMLElement | null {
  const peers = peersOf(store, name);
  if (peers.length < 2) return null;
  const isCount = store.options.weight === "count";
  const sizeOf = (peer: Peer) => (isCount ? peer.calls : peer.mean);
  const say = (value: number) => (isCount ? `${formatCount(value)} calls` : formatNs(value));
  const most = Math.max(...peers.map(sizeOf));
  const chosen = store.clauses.layer;
  const odd = peers.filter((peer) => peer.isOdd).map((peer) => peer.layer);
  const middle = median(peers.map(sizeOf));
  const entry = Math.max(
    0,
    peers.findIndex((peer) => chosen?.includes(peer.layer)),
  );
  return section(
    "In other layers",
    h(
      "div",
      { class: "peers", role: "group", "aria-label": "Mean in each layer", onkeydown: walk },
      ...peers.map((peer, i) => {
        const isChosen = chosen?.includes(peer.layer) ?? false;
        const words = `layer ${peer.layer}: ${say(sizeOf(peer))}${isCount ? "" : ` mean of ${formatCount(peer.calls)}`}`;
        return h(
          "button",
          {
            type: "button",
            class: peer.isOdd ? "peer odd" : "peer",
            "data-layer": peer.layer,
            tabindex: i === entry ? "0" : "-1",
            title: peer.isOdd ? `${words}, stands out` : words,
            "aria-label": peer.isOdd ? `${words}, stands out` : words,
            "aria-pressed": String(isChosen),
            onclick: () => store.replace(inLayerOf(store, name, peer)),
          },
          h("span", { style: { height: `${Math.max(3, (100 * sizeOf(peer)) / most)}%` } }),
        );
      }),
    ),
    h(
      "p",
      { class: "muted" },
      `layers ${formatRuns(peers.map((peer) => peer.layer))} · median ${say(middle)}`,
      odd.length > 0 &&
        h(
          "span",
          { class: "odd-words" },
          ` · ${odd.length === 1 ? "layer" : "layers"} ${formatRuns(odd)} ${odd.length === 1 ? "stands" : "stand"} out`,
        ),
    ),
  );
}

/** One stop for Tab, arrows between the layers. */
function walk(event: KeyboardEvent): void {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  const here = event.target as HTMLElement;
  const next = (step > 0 ? here.nextElementSibling : here.previousElementSibling) as HTMLElement | null;
  if (!next) return;
  event.preventDefault();
  here.tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
}
