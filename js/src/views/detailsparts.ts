// Small pieces that the details pane is made of.

import { formatShare, plainName } from "../data/format";
import type { Part } from "../state/describe";
import { h } from "./dom";

export function section(title: string, ...content: (HTMLElement | null)[]): HTMLElement {
  return h("section", { class: "detail" }, h("h4", {}, title), ...content);
}

export function metric(name: string, value: string, title = ""): HTMLElement {
  return h("div", { title: title || undefined }, h("dt", {}, name), h("dd", {}, value));
}

export function pair(name: string, value: string): HTMLElement[] {
  return [h("dt", {}, name), h("dd", {}, value)];
}

export const metrics = (...entries: (HTMLElement | false | null)[]): HTMLElement =>
  h("dl", { class: "metrics" }, ...entries);

export const facts = (...entries: HTMLElement[]): HTMLElement => h("dl", { class: "facts" }, ...entries);

/** Pairs one after another, as many as fit on a line. */
export function places(...entries: HTMLElement[]): HTMLElement {
  const list = h("dl", { class: "places" });
  for (let i = 0; i < entries.length; i += 2) list.append(h("div", {}, entries[i], entries[i + 1]));
  return list;
}

/** "gemm 61.0 %, norm 30.2 %, other 8.8 %": the heaviest few. */
export function shares(parts: readonly Part[], nameOf: (code: number) => string, whole: number): string {
  if (parts.length === 1) return plainName(nameOf(parts[0]!.code), 80);
  const shown = parts
    .slice(0, 3)
    .map((part) => `${plainName(nameOf(part.code), 80)}\u00a0${formatShare(part.weight, whole)}`);
  return parts.length > 3 ? `${shown.join(", ")} …` : shown.join(", ");
}
