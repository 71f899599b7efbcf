// Filters, chips, and how much is left: always visible, because a filtered number without its filter is a wrong number.

import { NO_PHASE } from "../data/contract";
import { formatCount, formatRuns, formatShare, plainName } from "../data/format";
import { inkOf } from "../draw/palette";
import { sumByCode } from "../state/aggregate";
import { type Clauses, DIMENSIONS, type Dimension, toggled } from "../state/clauses";
import type { Store } from "../state/store";
import { WEIGHT_LABELS } from "../state/weight";
import { h, replace } from "./dom";

const OUTSIDE = { key: "", label: "outside steps", code: NO_PHASE };

export class FiltersView {
  readonly element = h("section", { class: "filters", "aria-label": "Filters" });
  private readonly backends = h("div", { class: "pills", role: "group", "aria-label": "Backend" });
  private readonly phases = h("div", { class: "pills", role: "group", "aria-label": "Phase" });
  private readonly share = h("output", { class: "search-share" });
  private readonly chips = h("div", { class: "chips" });
  private readonly left = h("output", { class: "left", "aria-live": "polite" });
  private readonly search: HTMLInputElement;

  constructor(private readonly store: Store) {
    let waiting = 0;
    this.search = h("input", {
      type: "search",
      placeholder: "Search kernels, operators, modules",
      "aria-label": "Search kernels, operators and modules; /…/ is a regular expression",
      spellcheck: "false",
      oninput: () => {
        clearTimeout(waiting);
        waiting = window.setTimeout(
          () => store.set("text", this.search.value.trim() ? [this.search.value.trim()] : undefined),
          120,
        );
      },
    });
    this.element.append(
      h("div", { class: "filter-row" }, this.backends, this.phases),
      h(
        "div",
        { class: "filter-row" },
        h("label", { class: "search" }, magnifier(), this.search, this.share),
        this.chips,
        this.left,
      ),
    );
    this.update();
  }

  update(): void {
    const { store } = this;
    const { roles, phases, weight } = store.data.meta;
    const { facts } = store.data;
    const byRole = sumByCode(facts.role, roles.length, store.weights, store.passing("backend"));
    const everything = store.passing(...DIMENSIONS);
    const allRoles = sumByCode(facts.role, roles.length, store.weights, everything);
    this.pills(
      this.backends,
      "backend",
      roles.map((role, code) => ({ ...role, sum: byRole[code], whole: allRoles[code], ink: inkOf(role.key) })),
    );
    const byPhase = sumByCode(facts.phase, NO_PHASE + 1, store.weights, store.passing("phase"));
    const allPhases = sumByCode(facts.phase, NO_PHASE + 1, store.weights, everything);
    const named = [...phases.map((key, code) => ({ key, label: key, code })), OUTSIDE];
    this.phases.hidden = !phases.some((_, code) => allPhases[code] > 0);
    this.pills(
      this.phases,
      "phase",
      named.map(({ key, label, code }) => ({ key, label, sum: byPhase[code], whole: allPhases[code] })),
    );

    const shown = store.clauses.text?.join(" ") ?? "";
    const root = this.search.getRootNode() as ShadowRoot | Document;
    if (root.activeElement !== this.search) this.search.value = shown;
    const remaining = store.remaining();
    const whole = store.whole;
    this.share.textContent = store.clauses.text
      ? `${formatShare(remaining.weight, store.remaining("text").weight)} match`
      : "";
    const noun = weight === "device" ? "activities" : "calls";
    replace(
      this.left,
      h("strong", {}, formatCount(remaining.calls)),
      ` of ${formatCount(whole.calls)} ${noun} · `,
      h("strong", {}, formatShare(remaining.weight, whole.weight)),
      ` of ${WEIGHT_LABELS[store.options.weight]}`,
    );
    this.updateChips();
  }

  private pills(
    group: HTMLElement,
    dimension: "backend" | "phase",
    entries: { key: string; label: string; sum: number; whole: number; ink?: { fill: string; hatched: boolean } }[],
  ): void {
    const { store } = this;
    const chosen = store.clauses[dimension];
    const focused = (group.getRootNode() as ShadowRoot).activeElement?.getAttribute("data-key");
    const total = entries.reduce((sum, entry) => sum + entry.sum, 0);
    replace(
      group,
      h("span", { class: "group-label" }, dimension),
      ...entries
        .filter((entry) => entry.whole > 0 || chosen?.includes(entry.key))
        .map((entry) =>
          h(
            "button",
            {
              type: "button",
              class: entry.sum > 0 ? "pill" : "pill nothing",
              "data-key": entry.key,
              "aria-pressed": chosen ? String(chosen.includes(entry.key)) : "false",
              onclick: () => store.set(dimension, toggled(store.clauses[dimension], entry.key)),
            },
            entry.ink &&
              h("span", {
                class: entry.ink.hatched ? "swatch hatched" : "swatch",
                style: { "background-color": entry.ink.fill },
              }),
            h("span", {}, entry.label),
            h("span", { class: "pill-share" }, entry.sum > 0 ? formatShare(entry.sum, total) : "–"),
          ),
        ),
    );
    if (focused) group.querySelector<HTMLElement>(`[data-key="${CSS.escape(focused)}"]`)?.focus();
  }

  private updateChips(): void {
    const { store, chips } = this;
    const entries = Object.keys(store.clauses) as Dimension[];
    if (entries.length === 0) {
      replace(
        chips,
        h("span", { class: "muted" }, "Nothing is filtered. Click a frame, a bar or a kernel to filter every view."),
      );
      return;
    }
    replace(
      chips,
      ...entries.map((dimension) => {
        const text = chipText(store.clauses, dimension);
        return h(
          "button",
          {
            type: "button",
            class: "chip",
            "data-dimension": dimension,
            title: `Remove: ${dimension} ${text}`,
            onclick: () => {
              if (dimension === "text") this.search.value = "";
              store.clear(dimension);
            },
          },
          h("span", { class: "chip-name" }, dimension === "path" ? "frame" : dimension),
          h("span", { class: "chip-text" }, text),
          h("span", { class: "chip-close", "aria-hidden": "true" }, "×"),
        );
      }),
      h(
        "button",
        {
          type: "button",
          class: "link reset",
          onclick: () => {
            this.search.value = "";
            store.clear();
          },
        },
        "Reset",
      ),
    );
  }
}

function chipText(clauses: Clauses, dimension: Dimension): string {
  const value = clauses[dimension];
  if (dimension === "path") return clauses.path!.frames.map((frame) => plainName(frame, 40)).join(" › ");
  if (["layer", "step", "stream", "rank"].includes(dimension)) return formatRuns(value as number[]);
  if (dimension === "node") return `${clauses.node!.length} call paths`;
  if (Array.isArray(value)) {
    if (value.length === 0) return "nothing";
    const shown = value.slice(0, 2).map((item) => (item === "" ? "none" : plainName(String(item), 48)));
    return value.length > 2 ? `${shown.join(", ")} and ${value.length - 2} more` : shown.join(", ");
  }
  return plainName(String(value), 60);
}

function magnifier(): SVGElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", "M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9ZM10.3 10.3 14 14");
  svg.append(path);
  return svg;
}
