// Find in the flame graph: marks frames and steps through them; nothing is filtered.

import { formatCount, formatShare } from "../data/format";
import type { Found } from "../state/find";
import { freshId, h } from "./dom";

export interface FindCommands {
  search(text: string): void;
  step(by: 1 | -1): void;
  /** Back to the frames. */
  leave(): void;
}

const PAUSE_MS = 120;

export class FlameFind {
  readonly element: HTMLElement;
  private readonly input: HTMLInputElement;
  private readonly result = h("output", { class: "find-result", "aria-live": "polite" });
  private readonly problem = h("p", { class: "problem", role: "alert", id: freshId("problem") });
  private readonly previous: HTMLButtonElement;
  private readonly next: HTMLButtonElement;
  private waiting = 0;

  constructor(private readonly commands: FindCommands) {
    this.input = h("input", {
      type: "text",
      placeholder: "Find frames",
      "aria-label": "Find frames; /…/ is a regular expression. Nothing is filtered.",
      "aria-describedby": this.problem.id,
      title: "Marks frames, filters nothing. /…/ is a regular expression. Enter and Shift + Enter go through them.",
      spellcheck: "false",
      autocomplete: "off",
      oninput: () => {
        clearTimeout(this.waiting);
        this.waiting = window.setTimeout(() => this.search(), PAUSE_MS);
      },
      onkeydown: (event: KeyboardEvent) => this.press(event),
    });
    const button = (by: 1 | -1, sign: string, label: string) =>
      h(
        "button",
        { type: "button", "aria-label": `${label} match`, title: `${label} match`, onclick: () => commands.step(by) },
        sign,
      );
    this.previous = button(-1, "‹", "Previous");
    this.next = button(1, "›", "Next");
    this.element = h(
      "div",
      { class: "find", role: "search", "aria-label": "Find in the flame graph" },
      this.input,
      this.result,
      h("div", { class: "segments" }, this.previous, this.next),
      this.problem,
    );
    this.update(null, -1, 0);
  }

  focus(): void {
    this.input.focus();
    this.input.select();
  }

  /** Forget the search. */
  clear(): void {
    clearTimeout(this.waiting);
    this.input.value = "";
    this.commands.search("");
  }

  update(found: Found | null, at: number, whole: number): void {
    const count = found?.frames.length ?? 0;
    this.previous.disabled = this.next.disabled = count === 0;
    this.element.classList.toggle("active", found !== null);
    const problem = found?.problem;
    this.input.setAttribute("aria-invalid", String(Boolean(problem)));
    this.problem.textContent = problem ? `Not searched: ${problem}.` : "";
    this.result.title = "";
    if (!found || problem) this.result.textContent = "";
    else if (count === 0) this.result.textContent = "no match";
    else {
      const matches = count === 1 ? "1 match" : `${formatCount(count)} matches`;
      const place = at < 0 ? matches : `${formatCount(at + 1)} of ${formatCount(count)}`;
      this.result.textContent = `${place} · ${formatShare(found.weight, whole)}`;
      this.result.title = `${formatCount(count)} frames match; together they have ${formatShare(found.weight, whole)} of what is shown`;
    }
  }

  private search(): void {
    clearTimeout(this.waiting);
    this.commands.search(this.input.value.trim());
  }

  private press(event: KeyboardEvent): void {
    if (event.key === "Enter") {
      event.preventDefault();
      this.search();
      this.commands.step(event.shiftKey ? -1 : 1);
    } else if (event.key === "Escape" && this.input.value !== "") {
      // A search of ours is closed before the notebook gets the key.
      event.stopPropagation();
      this.clear();
      this.commands.leave();
    }
  }
}
