// What was measured, in one line and one bar; what is wrong with the profile, above everything else.

import { formatCount, formatNs, formatShare, plainName } from "../data/format";
import { inkOf } from "../draw/palette";
import { sumByCode } from "../state/aggregate";
import { DIMENSIONS } from "../state/clauses";
import type { Store } from "../state/store";
import { WEIGHT_LABELS } from "../state/weight";
import { h, replace } from "./dom";

const DEVICE_NAMES: Record<string, string> = { xpu: "Intel XPU", cuda: "CUDA", rocm: "ROCm", cpu: "CPU" };

export class HeaderView {
  readonly element = h("header", { class: "header" });
  private readonly bar = h("div", { class: "backend-bar", role: "img" });
  private readonly shown = h("span", { class: "badge" });

  constructor(private readonly store: Store) {
    const { meta } = store.data;
    const device = DEVICE_NAMES[meta.device] ?? meta.device;
    this.element.append(
      h(
        "div",
        { class: "title-row" },
        h(
          "div",
          { class: "title" },
          h("h2", { title: plainName(meta.title) }, plainName(meta.title) || "Breakdown"),
          h("span", { class: "badge" }, meta.device_name ? `${plainName(meta.device_name, 60)} · ${device}` : device),
          this.shown,
          meta.synthetic && h("span", { class: "badge synthetic", title: "Generated, not measured" }, "synthetic"),
        ),
        this.metrics(),
      ),
      ...this.banners(),
      this.bar,
    );
    this.update();
  }

  private metrics(): HTMLElement {
    const { totals, weight, steps } = this.store.data.meta;
    const wall = totals.wall_ns;
    const entries: [string, string, string][] =
      weight === "device"
        ? [
            ["device", formatNs(totals.device_ns), "Sum over all device activities"],
            ["busy", formatNs(totals.busy_ns), "Time in which at least one activity ran"],
            ["wall", formatNs(wall), "From the first start to the last end"],
            ["idle", formatShare(Math.max(0, wall - totals.busy_ns), wall), "Share of wall time without any activity"],
          ]
        : [
            ["host", formatNs(totals.host_ns), "Sum of the self time of all host spans"],
            ["wall", formatNs(wall), "From the first start to the last end"],
          ];
    if (steps.length > 0) entries.push(["steps", formatCount(steps.length), "Engine steps found in the trace"]);
    return h(
      "dl",
      { class: "metrics" },
      ...entries.map(([name, value, title]) => h("div", { title }, h("dt", {}, name), h("dd", {}, value))),
    );
  }

  private banners(): HTMLElement[] {
    const order = ["error", "warning", "info"];
    const issues = [...this.store.data.meta.issues].sort(
      (a, b) => order.indexOf(a.severity) - order.indexOf(b.severity),
    );
    const item = (issue: (typeof issues)[number]) =>
      h(
        "li",
        { class: order.includes(issue.severity) ? issue.severity : "info" },
        h("span", { class: "severity" }, issue.severity),
        h("span", {}, plainName(issue.message, 1000)),
        issue.count > 1 && h("span", { class: "muted" }, `${formatCount(issue.count)}×`),
        issue.example && h("code", {}, plainName(issue.example, 120)),
      );
    const loud = issues.filter((issue) => issue.severity !== "info");
    const quiet = issues.filter((issue) => issue.severity === "info");
    const found: HTMLElement[] = [];
    if (loud.length > 0) found.push(h("ul", { class: "banners", role: "status" }, ...loud.map(item)));
    if (quiet.length > 0) {
      found.push(
        h(
          "details",
          { class: "notes" },
          h("summary", {}, `${quiet.length} ${quiet.length === 1 ? "note" : "notes"} about this profile`),
          h("ul", { class: "banners" }, ...quiet.map(item)),
        ),
      );
    }
    return found;
  }

  update(): void {
    const { store, bar } = this;
    const { roles } = store.data.meta;
    const { weight } = store.options;
    this.shown.textContent = `weight: ${WEIGHT_LABELS[weight]}`;
    const whole = sumByCode(store.data.facts.role, roles.length, store.weights, store.passing(...DIMENSIONS));
    const left = sumByCode(store.data.facts.role, roles.length, store.weights, store.passing());
    const total = whole.reduce((sum, value) => sum + value, 0);
    const shares = roles.map((role, code) => ({ role, whole: whole[code], left: left[code] }));
    bar.setAttribute(
      "aria-label",
      shares
        .filter((share) => share.whole > 0)
        .map((share) => `${share.role.label} ${formatShare(share.whole, total)}`)
        .join(", "),
    );
    replace(
      bar,
      ...shares
        .filter((share) => share.whole > 0)
        .map((share) => {
          const ink = inkOf(share.role.key);
          const width = (100 * share.whole) / total;
          const kept = share.whole > 0 ? (100 * share.left) / share.whole : 0;
          return h(
            "div",
            {
              class: "backend-part",
              style: { "flex-grow": `${share.whole / total}`, color: ink.text },
              title: `${share.role.label}: ${formatShare(share.whole, total)} of ${WEIGHT_LABELS[weight]}`,
            },
            h("div", {
              class: ink.hatched ? "kept hatched" : "kept",
              style: { width: `${kept}%`, "background-color": ink.fill },
            }),
            h("div", { class: "rest", style: { "background-color": ink.fill } }),
            width > 9 && kept > 60 && h("span", {}, `${share.role.label} ${formatShare(share.whole, total)}`),
          );
        }),
    );
  }
}
