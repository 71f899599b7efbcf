// How much is left under the filters, in words.

import { formatCount, formatShare } from "../data/format";
import type { Store } from "../state/store";
import { WEIGHT_LABELS } from "../state/weight";
import { h } from "./dom";

/** "70 of 2,009 activities · 3.2 % of device time" */
export function remainderWords(store: Store): (HTMLElement | string)[] {
  const remaining = store.remaining();
  const whole = store.whole;
  // Host time is that of calls, on a device's profile too.
  const isOfHost = store.data.meta.weight === "host" || store.options.weight === "host";
  const noun = isOfHost ? "calls" : "activities";
  return [
    h("strong", {}, formatCount(remaining.calls)),
    ` of ${formatCount(whole.calls)} ${noun} · `,
    h("strong", {}, formatShare(remaining.weight, whole.weight)),
    ` of ${WEIGHT_LABELS[store.options.weight]}`,
  ];
}
