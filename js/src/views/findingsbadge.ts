// How many findings there are and what is at stake, in the header; leads to their panel.

import type { Meta } from "../data/contract";
import { h } from "./dom";

export function findingsBadge({ findings }: Meta, header: HTMLElement): HTMLElement[] {
  if (!findings || findings.items.length === 0) return [];
  const worst = findings.items[0]!.severity;
  const jump = () => {
    const panel = (header.getRootNode() as ShadowRoot | Document).querySelector<HTMLElement>(".panel.findings");
    panel?.scrollIntoView({ block: "nearest" });
    panel?.querySelector<HTMLElement>("button")?.focus();
  };
  return [
    h(
      "button",
      { type: "button", class: `findings-badge ${worst}`, title: "Show the findings", onclick: jump },
      h("span", { "aria-hidden": "true" }, "●"),
      ` ${findings.summary}`,
    ),
  ];
}
