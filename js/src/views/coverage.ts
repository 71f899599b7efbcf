// How far the numbers can be trusted, as three small meters with their text.

import type { Meta } from "../data/contract";
import { formatShare } from "../data/format";
import { h } from "./dom";

interface Cover {
  name: string;
  part: number;
  whole: number;
  /** Much of it is good, or bad. */
  isGood: boolean;
  title: string;
}

export function coverageMeters({ coverage, totals, weight }: Meta): HTMLElement {
  const whole = weight === "device" ? totals.device_ns : totals.host_ns;
  const covers: Cover[] = [
    {
      name: "unattributed",
      part: coverage.unattributed_ns,
      whole,
      isGood: false,
      title: "Share of the time that no rule could give a backend",
    },
  ];
  if (weight === "device") {
    covers.unshift({
      name: "linked",
      part: coverage.linked_ns,
      whole,
      isGood: true,
      title: "Share of device time whose launch on the host is known",
    });
    covers.push({
      name: "weak",
      part: coverage.weak_ns,
      whole,
      isGood: false,
      title: "Share of device time whose backend was decided by the name alone",
    });
  }
  return h(
    "dl",
    { class: "coverage", "aria-label": "Coverage" },
    ...covers.filter((cover) => cover.whole > 0).map(meter),
  );
}

function meter({ name, part, whole, isGood, title }: Cover): HTMLElement {
  const percent = Math.min(100, (100 * part) / whole);
  const isDoubtful = isGood ? percent < 95 : percent > 5;
  return h(
    "div",
    { class: isDoubtful ? "cover doubtful" : "cover", title },
    h("dt", {}, name),
    h(
      "dd",
      {},
      h("span", { class: "cover-bar", "aria-hidden": "true" }, h("span", { style: { width: `${percent}%` } })),
      part > 0 ? formatShare(part, whole) : "none",
    ),
  );
}
