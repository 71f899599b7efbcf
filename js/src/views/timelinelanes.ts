// Names of lanes beside the tracks; a button folds a thread to its first rows, or unfolds it.

import type { Lane } from "../data/contract";
import { formatShare, plainName } from "../data/format";
import type { Fold, Tracks } from "../draw/tracks";
import type { TrackSource } from "../draw/trackstrip";
import type { Window } from "../draw/window";
import { h, replace } from "./dom";

export class LaneNames {
  readonly element = h("div", { class: "lane-names" });
  private readonly shares: HTMLElement[] = [];

  constructor(
    private readonly lanes: readonly Lane[],
    private readonly ranks: number,
    private readonly fold: (lane: number, fold: Fold) => void,
  ) {}

  draw(tracks: Tracks): void {
    const focused = (this.element.getRootNode() as ShadowRoot).activeElement?.getAttribute("data-lane");
    this.shares.length = 0;
    replace(
      this.element,
      ...this.lanes.map((lane, index) => {
        const { top, height, hidden } = tracks.lanes[index]!;
        const label = plainName(lane.label, 60);
        const rank = this.ranks > 1 ? `rank ${lane.rank} · ` : "";
        const share = h("span", { class: "lane-share" });
        this.shares.push(share);
        const next: Fold = hidden > 0 ? "open" : "closed";
        const canFold = lane.height > 1;
        return h(
          "div",
          { class: `lane-name ${lane.kind}`, style: { top: `${top}px`, height: `${height}px` } },
          canFold
            ? h(
                "button",
                {
                  type: "button",
                  class: "lane-fold",
                  "data-lane": index,
                  "aria-expanded": String(hidden === 0),
                  title: hidden > 0 ? `${rank}${label}: ${hidden} more rows` : `${rank}${label}: fold`,
                  onclick: () => this.fold(index, next),
                },
                h("span", { class: "lane-label" }, `${rank}${label}`),
                h("span", { class: "lane-more" }, hidden > 0 ? `+${hidden}` : "−"),
              )
            : h("span", { class: "lane-label", title: `${rank}${label}` }, `${rank}${label}`),
          share,
        );
      }),
    );
    if (focused) this.element.querySelector<HTMLElement>(`[data-lane="${focused}"]`)?.focus();
  }

  /** How busy each stream is in the window. */
  measure({ busy }: TrackSource, view: Window): void {
    this.lanes.forEach((lane, index) => {
      const time = busy[index];
      if (!time || lane.kind !== "stream") return;
      const share = this.shares[index];
      const text = `${formatShare(time.within(view), view.to - view.from)} busy`;
      if (share && share.textContent !== text) share.textContent = text;
    });
  }
}
