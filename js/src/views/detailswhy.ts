// Why the selected has its backend, and who called it.

import { formatCount, formatShare, plainName } from "../data/format";
import { type Description, operatorChain } from "../state/describe";
import type { Store } from "../state/store";
import { section } from "./detailsparts";
import { h } from "./dom";

const REASONS = 4;
const CHAINS = 3;

export function confidenceTag(confidence: string): HTMLElement {
  return h("span", { class: `confidence ${/^[a-z]+$/.test(confidence) ? confidence : ""}` }, confidence);
}

export function reasons({ data }: Store, found: Description): HTMLElement {
  const { meta } = data;
  const more = found.reasons.length - REASONS;
  return section(
    "Why this backend",
    h(
      "ul",
      { class: "reasons" },
      ...found.reasons.slice(0, REASONS).map((reason) => {
        const evidence = meta.evidences[reason.evidence];
        return h(
          "li",
          {},
          h(
            "div",
            { class: "reason-head" },
            confidenceTag(meta.confidences[reason.confidence] ?? "?"),
            h("strong", {}, evidence ? plainName(evidence.rule, 80) : "no rule"),
            found.roles.length > 1 && h("span", { class: "muted" }, meta.roles[reason.role]?.label ?? ""),
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
    ),
  );
}

export function callers({ data }: Store, found: Description): HTMLElement | null {
  const byChain = new Map<string, { chain: string[]; weight: number }>();
  for (const part of found.operators) {
    const chain = part.code < 0 ? [] : operatorChain(data, part.code);
    const key = chain.join("\n");
    const known = byChain.get(key);
    if (known) known.weight += part.weight;
    else byChain.set(key, { chain, weight: part.weight });
  }
  const chains = [...byChain.values()].sort((a, b) => b.weight - a.weight);
  if (chains.length === 0) return null;
  return section(
    "Called by",
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
  );
}
