// The search box: plain text or a regular expression, and what is wrong with it.

import { formatShare } from "../data/format";
import { search } from "../state/match";
import type { Store } from "../state/store";
import { freshId, h } from "./dom";

const PAUSE_MS = 120;

export class FilterSearch {
  readonly element: HTMLElement;
  /** Below the box. */
  readonly problem = h("p", { class: "problem search-problem", role: "alert", id: freshId("problem") });
  private readonly share = h("output", { class: "search-share" });
  private readonly box: HTMLInputElement;
  private waiting = 0;

  constructor(
    private readonly store: Store,
    signal: AbortSignal,
  ) {
    this.box = h("input", {
      type: "search",
      placeholder: "Search names or /regex/",
      "aria-label": "Search kernels, operators and modules; /…/ is a regular expression",
      "aria-describedby": this.problem.id,
      spellcheck: "false",
      oninput: () => {
        clearTimeout(this.waiting);
        this.waiting = window.setTimeout(() => this.read(), PAUSE_MS);
      },
      onkeydown: (event: KeyboardEvent) => event.key === "Enter" && this.read(),
    });
    signal.addEventListener("abort", () => clearTimeout(this.waiting));
    this.element = h("label", { class: "search" }, magnifier(), this.box, this.share);
  }

  focus(): void {
    this.box.focus();
  }

  empty(): void {
    clearTimeout(this.waiting);
    this.box.value = "";
    this.say("");
  }

  update(): void {
    const { store, box, share } = this;
    const root = box.getRootNode() as ShadowRoot | Document;
    const texts = store.clauses.text ?? [];
    const isDraft = root.activeElement === box || (box.getAttribute("aria-invalid") === "true" && !store.clauses.text);
    if (!isDraft) {
      box.value = texts.join(" ");
      // A search that Python made is as likely to be broken as one that was written here.
      const problem = texts.map((text) => search(store.data, text).problem).find(Boolean) ?? "";
      this.say(problem, "Found nothing here");
    }
    share.textContent = store.clauses.text
      ? `${formatShare(store.remaining().weight, store.remaining("text").weight)} match`
      : "";
  }

  /** A broken pattern is no filter, and says so: showing nothing would look like an answer. */
  private read(): void {
    clearTimeout(this.waiting);
    const text = this.box.value.trim();
    const problem = text ? search(this.store.data, text).problem : "";
    this.say(problem);
    this.store.set("text", text && !problem ? [text] : undefined);
  }

  private say(problem: string, outcome = "Not searched"): void {
    this.problem.textContent = problem ? `${outcome}: ${problem}.` : "";
    this.problem.hidden = !problem;
    if (problem) this.box.setAttribute("aria-invalid", "true");
    else this.box.removeAttribute("aria-invalid");
  }
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
