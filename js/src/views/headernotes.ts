// What is wrong with the profile: errors and warnings in sight, notes folded.

import type { IssueNote } from "../data/contract";
import { formatCount, plainName } from "../data/format";
import { h } from "./dom";

const ORDER = ["error", "warning", "info"];

export function banners(issues: readonly IssueNote[]): HTMLElement[] {
  const sorted = [...issues].sort((a, b) => ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity));
  const loud = sorted.filter((issue) => issue.severity !== "info");
  const quiet = sorted.filter((issue) => issue.severity === "info");
  const found: HTMLElement[] = [];
  if (loud.length > 0) found.push(h("ul", { class: "banners", role: "status" }, ...loud.map(banner)));
  if (quiet.length > 0) {
    found.push(
      h(
        "details",
        { class: "notes" },
        h("summary", {}, `${quiet.length} ${quiet.length === 1 ? "note" : "notes"} about this profile`),
        h("ul", { class: "banners" }, ...quiet.map(banner)),
      ),
    );
  }
  return found;
}

function banner(issue: IssueNote): HTMLElement {
  return h(
    "li",
    { class: ORDER.includes(issue.severity) ? issue.severity : "info" },
    h("span", { class: "severity" }, issue.severity),
    h("span", {}, plainName(issue.message, 1000)),
    issue.count > 1 && h("span", { class: "muted" }, `${formatCount(issue.count)}×`),
    issue.example && h("code", {}, plainName(issue.example, 120)),
  );
}
