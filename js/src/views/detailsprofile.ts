// How the whole profile was read: shown while nothing is selected.

import type { Meta } from "../data/contract";
import { formatShare, plainName } from "../data/format";
import type { Description } from "../state/describe";
import { facts, pair, section } from "./detailsparts";
import { confidenceTag } from "./detailswhy";
import { h } from "./dom";

export function profile(meta: Meta, found: Description): HTMLElement[] {
  const { coverage, sources } = meta;
  const device = meta.totals.device_ns;
  return [
    section(
      "Confidence in the backends",
      h(
        "ul",
        { class: "levels" },
        ...[...found.confidences]
          .sort((a, b) => b.code - a.code)
          .map((part) =>
            h(
              "li",
              {},
              confidenceTag(meta.confidences[part.code] ?? "?"),
              h("span", { class: "level" }, h("span", { style: { width: `${(100 * part.weight) / found.weight}%` } })),
              h("span", { class: "number" }, formatShare(part.weight, found.weight)),
            ),
          ),
      ),
    ),
    h(
      "div",
      { class: "columns" },
      section(
        "Coverage",
        device > 0
          ? facts(
              ...pair("linked to a host call", formatShare(coverage.linked_ns, device)),
              ...pair("not linked", formatShare(coverage.unlinked_ns, device)),
              ...pair("decided by name alone", formatShare(coverage.weak_ns, device)),
              ...pair("unattributed", formatShare(coverage.unattributed_ns, device)),
            )
          : facts(...pair("unattributed", formatShare(coverage.unattributed_ns, meta.totals.host_ns))),
      ),
      section(
        "Where labels come from",
        facts(
          ...pair("steps", source(sources.step)),
          ...pair("phases", source(sources.phase)),
          ...pair("layers", source(sources.layer) + (meta.layer_count > 0 ? ` (${meta.layer_count})` : "")),
          ...pair("modules", source(sources.module)),
        ),
      ),
    ),
    h("p", { class: "muted hint" }, "Click a frame, a bar or a kernel to see the details of it."),
  ];
}

const source = (name: string): string => (name && name !== "none" ? plainName(name, 60) : "not found");
