// What was measured, in one line and one bar; what is wrong with the profile, above everything else.

import type { Meta } from "../data/contract";
import { formatCount, formatNs, formatShare, plainName } from "../data/format";
import type { Store } from "../state/store";
import { WEIGHT_LABELS } from "../state/weight";
import { BackendBar } from "./backendbar";
import { coverageMeters } from "./coverage";
import { h } from "./dom";
import { findingsBadge } from "./findingsbadge";
import { banners } from "./headernotes";

const DEVICE_NAMES: Record<string, string> = { xpu: "Intel XPU", cuda: "CUDA", rocm: "ROCm", cpu: "CPU" };
/** What people ask for first when they compare two profiles. */
const FIRST_VERSIONS = ["vllm", "vllm-xpu-kernels", "torch", "triton", "triton-xpu"];
const MOST_VERSIONS = 5;

export class HeaderView {
  readonly element = h("header", { class: "header" });
  private readonly bar: BackendBar;
  private readonly shown = h("span", { class: "badge" });

  constructor(private readonly store: Store) {
    const { meta } = store.data;
    const device = DEVICE_NAMES[meta.device] ?? meta.device;
    const overhead = meta.issues.find((issue) => issue.code === "overhead");
    this.bar = new BackendBar(store);
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
          meta.synthetic &&
            h("span", { class: "badge doubtful synthetic", title: "Generated, not measured" }, "synthetic"),
          overhead &&
            h("span", { class: "badge doubtful", title: plainName(overhead.message, 400) }, "profiler overhead"),
        ),
        h("dl", { class: "metrics" }, ...metrics(meta)),
      ),
      ...banners(meta.issues),
      ...findingsBadge(meta, this.element),
      this.bar.element,
      this.bar.legend,
      h("div", { class: "header-foot" }, versions(meta), coverageMeters(meta)),
    );
    this.update();
  }

  update(): void {
    this.shown.textContent = `weight: ${WEIGHT_LABELS[this.store.options.weight]}`;
    this.bar.update();
  }
}

function metrics({ totals, weight, steps, layer_count, ranks, overhead_ratio }: Meta): HTMLElement[] {
  const wall = totals.wall_ns;
  const idle = totals.idle_frac === undefined ? Math.max(0, wall - totals.busy_ns) / (wall || 1) : totals.idle_frac;
  const entries: [name: string, value: string, title: string][] =
    weight === "device"
      ? [
          ["device", formatNs(totals.device_ns), "Sum over all device activities"],
          ["busy", totals.busy_ns < 0 ? "–" : formatNs(totals.busy_ns), "Time in which at least one activity ran"],
          ["wall", formatNs(wall), "From the first start to the last end"],
          ["idle", idle === null ? "–" : formatShare(idle, 1), "Share of wall time without any activity"],
        ]
      : [
          ["host", formatNs(totals.host_ns), "Sum of the self time of all host spans"],
          ["wall", formatNs(wall), "From the first start to the last end"],
        ];
  if (steps.length > 0) entries.push(["steps", formatCount(steps.length), "Engine steps found in the trace"]);
  if (layer_count > 0) entries.push(["layers", formatCount(layer_count), "Layers of the model found in the trace"]);
  if (ranks.length > 1) entries.push(["ranks", formatCount(ranks.length), "Processes that worked together"]);
  if (overhead_ratio) {
    const title = "Wall time of the cell with the profiler, relative to without";
    entries.push(["profiler", `${overhead_ratio.toFixed(2)}×`, title]);
  }
  return entries.map(([name, value, title]) => h("div", { title }, h("dt", {}, name), h("dd", {}, value)));
}

function versions({ versions = {} }: Meta): HTMLElement | null {
  const place = (name: string) =>
    (FIRST_VERSIONS.indexOf(name) + FIRST_VERSIONS.length + 1) % (FIRST_VERSIONS.length + 1);
  const names = Object.keys(versions).sort((a, b) => place(a) - place(b) || (a < b ? -1 : 1));
  if (names.length === 0) return null;
  const say = (name: string) => `${plainName(name, 40)} ${plainName(versions[name]!, 40)}`;
  return h(
    "p",
    { class: "versions muted", title: names.map(say).join("\n") },
    names.slice(0, MOST_VERSIONS).map(say).join(" · ") + (names.length > MOST_VERSIONS ? " …" : ""),
  );
}
