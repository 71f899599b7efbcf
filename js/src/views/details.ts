// Why: the rule, the evidence and the confidence behind what is selected; how the whole profile was read otherwise.

import { formatCount, formatNs, formatRuns, formatShare, plainName } from "../data/format";
import { inkOf } from "../draw/palette";
import { type Description, describe, operatorChain, type Part } from "../state/describe";
import type { Store } from "../state/store";
import { WEIGHT_LABELS } from "../state/weight";
import { h, replace } from "./dom";

const REASONS = 4;
const CHAINS = 3;

export class DetailsView {
  readonly element = h("section", { class: "panel details", "aria-label": "Details" });
  private readonly head = h("h3", {}, "Details");
  private readonly body = h("div", { class: "details-body" });

  constructor(private readonly store: Store) {
    this.element.append(h("div", { class: "panel-head" }, this.head), this.body);
    this.update();
  }

  update(): void {
    const { store } = this;
    const found = describe(store.data, store.weights, store.passing());
    if (!store.isFiltered) {
      this.head.textContent = "How this was read";
      replace(this.body, ...this.profile(found));
    } else {
      this.head.textContent = "Details";
      replace(this.body, ...this.selection(found));
    }
  }

  private selection(found: Description): HTMLElement[] {
    const { store } = this;
    const { meta, strings } = store.data;
    if (found.weight === 0) return [h("p", { class: "empty" }, "Nothing is left under these filters.")];
    const isCount = store.options.weight === "count";
    const title =
      found.names.length === 1
        ? h("div", { class: "subject code" }, plainName(strings[found.names[0]!.code] ?? "", 2000))
        : h(
            "div",
            { class: "subject" },
            `${formatCount(found.names.length)} distinct ${meta.weight === "host" ? "operators" : "kernels"}`,
          );
    return [
      title,
      h("div", { class: "tags" }, ...found.roles.slice(0, 7).map((part) => this.roleTag(part, found))),
      h(
        "dl",
        { class: "metrics" },
        metric(WEIGHT_LABELS[store.options.weight], isCount ? formatCount(found.weight) : formatNs(found.weight)),
        metric("share of all", formatShare(found.weight, store.whole.weight)),
        !isCount && metric("calls", formatCount(found.calls)),
        !isCount && metric("mean", formatNs(found.weight / Math.max(1, found.calls))),
      ),
      h(
        "dl",
        { class: "facts" },
        ...pair("category", this.list(found.categories, meta.categories, found.weight)),
        ...(found.phases.length > 0 ? pair("phase", this.list(found.phases, meta.phases, found.weight)) : []),
        ...(found.layers.length > 0 ? pair("layers", formatRuns(found.layers)) : []),
      ),
      h("h4", {}, "Why this backend"),
      this.reasons(found),
      ...this.chains(found),
    ];
  }

  private roleTag(part: Part, found: Description): HTMLElement {
    const role = this.store.data.meta.roles[part.code];
    const ink = inkOf(role?.key ?? "");
    return h(
      "span",
      { class: "tag" },
      h("span", { class: ink.hatched ? "swatch hatched" : "swatch", style: { "background-color": ink.fill } }),
      role?.label ?? "?",
      found.roles.length > 1 && h("span", { class: "muted" }, formatShare(part.weight, found.weight)),
    );
  }

  private list(parts: Part[], names: readonly string[], whole: number): string {
    if (parts.length === 1) return names[parts[0]!.code] ?? "?";
    const shown = parts.slice(0, 3).map((part) => `${names[part.code] ?? "?"} ${formatShare(part.weight, whole)}`);
    return parts.length > 3 ? `${shown.join(", ")} …` : shown.join(", ");
  }

  private reasons(found: Description): HTMLElement {
    const { meta } = this.store.data;
    const more = found.reasons.length - REASONS;
    return h(
      "ul",
      { class: "reasons" },
      ...found.reasons.slice(0, REASONS).map((reason) => {
        const evidence = meta.evidences[reason.evidence];
        const confidence = meta.confidences[reason.confidence] ?? "?";
        return h(
          "li",
          {},
          h(
            "div",
            { class: "reason-head" },
            h("span", { class: `confidence ${/^[a-z]+$/.test(confidence) ? confidence : ""}` }, confidence),
            h("strong", {}, evidence ? plainName(evidence.rule, 80) : "no rule"),
            found.reasons.length > 1 && h("span", { class: "muted" }, formatShare(reason.weight, found.weight)),
          ),
          evidence?.key && h("code", {}, plainName(evidence.key, 200)),
          evidence &&
            h(
              "div",
              { class: "muted" },
              [evidence.source, evidence.note]
                .filter(Boolean)
                .map((text) => plainName(text, 300))
                .join(" · "),
            ),
        );
      }),
      more > 0 && h("li", { class: "muted" }, `and ${formatCount(more)} more`),
    );
  }

  private chains(found: Description): HTMLElement[] {
    const { data } = this.store;
    const byChain = new Map<string, { chain: string[]; weight: number }>();
    for (const part of found.operators) {
      const chain = part.code < 0 ? [] : operatorChain(data, part.code);
      const key = chain.join("\n");
      const known = byChain.get(key);
      if (known) known.weight += part.weight;
      else byChain.set(key, { chain, weight: part.weight });
    }
    const chains = [...byChain.values()].sort((a, b) => b.weight - a.weight);
    if (chains.length === 0) return [];
    return [
      h("h4", {}, "Called by"),
      h(
        "ul",
        { class: "chains" },
        ...chains
          .slice(0, CHAINS)
          .map(({ chain, weight }) =>
            h(
              "li",
              {},
              chain.length > 0
                ? h("code", {}, chain.map((name) => plainName(name, 80)).join(" › "))
                : h("span", { class: "muted" }, "no operator: graph replay or a launch outside of any"),
              h("span", { class: "muted" }, formatShare(weight, found.weight)),
            ),
          ),
        chains.length > CHAINS && h("li", { class: "muted" }, `and ${formatCount(chains.length - CHAINS)} more`),
      ),
    ];
  }

  private profile(found: Description): HTMLElement[] {
    const { meta } = this.store.data;
    const { coverage, sources } = meta;
    const device = meta.totals.device_ns;
    return [
      h("h4", {}, "Confidence in the backends"),
      h(
        "ul",
        { class: "levels" },
        ...[...found.confidences]
          .sort((a, b) => b.code - a.code)
          .map((part) =>
            h(
              "li",
              {},
              h(
                "span",
                { class: `confidence ${meta.confidences[part.code] ?? ""}` },
                meta.confidences[part.code] ?? "?",
              ),
              h("span", { class: "level" }, h("span", { style: { width: `${(100 * part.weight) / found.weight}%` } })),
              h("span", { class: "number" }, formatShare(part.weight, found.weight)),
            ),
          ),
      ),
      h(
        "div",
        { class: "columns" },
        titled("Coverage", [
          ...(device > 0
            ? [
                ...pair("linked to a host call", formatShare(coverage.linked_ns, device)),
                ...pair("not linked", formatShare(coverage.unlinked_ns, device)),
                ...pair("decided by name alone", formatShare(coverage.weak_ns, device)),
                ...pair("unattributed", formatShare(coverage.unattributed_ns, device)),
              ]
            : pair("unattributed", formatShare(coverage.unattributed_ns, meta.totals.host_ns))),
        ]),
        titled("Where labels come from", [
          ...pair("steps", source(sources.step)),
          ...pair("phases", source(sources.phase)),
          ...pair("layers", source(sources.layer) + (meta.layer_count > 0 ? ` (${meta.layer_count})` : "")),
          ...pair("modules", source(sources.module)),
        ]),
      ),
    ];
  }
}

const source = (name: string): string => (name && name !== "none" ? plainName(name, 60) : "not found");

function titled(title: string, pairs: HTMLElement[]): HTMLElement {
  return h("div", {}, h("h4", {}, title), h("dl", { class: "facts" }, ...pairs));
}

function metric(name: string, value: string): HTMLElement {
  return h("div", {}, h("dt", {}, name), h("dd", {}, value));
}

function pair(name: string, value: string): HTMLElement[] {
  return [h("dt", {}, name), h("dd", {}, value)];
}
