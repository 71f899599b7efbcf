// The search box: plain text or a regular expression, and what is wrong with it. Of several texts, which Python may have
// asked for, it stands for one; all of them are chips.

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
  /** The text of the filter that the box stands for, "" for none, and how it was written. */
  private text = "";
  private written = "";
  /** The texts of the filter, as JSON, while what is written is broken and none of them. */
  private brokenBeside = "";

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

  /** To write something, or to change one of several texts. */
  focus(text?: string): void {
    if (text !== undefined) this.show(text);
    this.box.focus();
  }

  empty(): void {
    clearTimeout(this.waiting);
    this.show("");
    this.say("");
  }

  private show(text: string): void {
    this.text = text;
    this.box.value = text;
    this.written = this.box.value; // without line breaks
    this.brokenBeside = "";
  }

  update(): void {
    const { store, box, share } = this;
    const root = box.getRootNode() as ShadowRoot | Document;
    const texts = store.clauses.text ?? [];
    const isDraft = root.activeElement === box || this.brokenBeside === JSON.stringify(texts);
    if (!isDraft) {
      this.show(texts.includes(this.text) ? this.text : (texts.at(-1) ?? ""));
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
    const { store } = this;
    const { value } = this.box;
    const texts = store.clauses.text ?? [];
    // Blanks at the ends are lost here, those of Python are not.
    if (value === this.written && (value === "" || texts.includes(this.text))) return;
    const text = value.trim();
    const problem = text ? search(store.data, text).problem : "";
    const others = texts.filter((one) => one !== this.text);
    const next = text && !problem ? [...others, text] : others;
    this.text = problem ? "" : text;
    this.written = value;
    this.brokenBeside = problem && JSON.stringify(others);
    this.say(problem);
    store.set("text", next.length > 0 ? next : undefined);
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
