import type { Inked } from "../draw/hatch";
import { h, replace } from "./dom";
import { swatchOf } from "./swatch";

export interface Note {
  title: string;
  /** Beside the title; the lines name what it stands for. */
  ink?: Inked;
  lines: [label: string, value: string][];
  hint?: string;
}

/** One tooltip for a whole explorer. Text only. */
export class Tooltip {
  readonly element = h("div", { class: "tooltip", role: "presentation", hidden: true });

  constructor(private readonly root: HTMLElement) {
    root.append(this.element);
  }

  show(note: Note, clientX: number, clientY: number): void {
    const { element } = this;
    replace(
      element,
      h("div", { class: "tooltip-title" }, note.ink && swatchOf(note.ink), h("span", {}, note.title)),
      h("dl", {}, ...note.lines.flatMap(([label, value]) => [h("dt", {}, label), h("dd", {}, value)])),
      note.hint ? h("div", { class: "tooltip-hint" }, note.hint) : null,
    );
    element.hidden = false;
    const box = this.root.getBoundingClientRect();
    const { offsetWidth, offsetHeight } = element;
    const right = clientX - box.left + 14;
    const left = right + offsetWidth > box.width - 6 ? clientX - box.left - offsetWidth - 14 : right;
    const below = clientY - box.top + 16;
    const top = below + offsetHeight > box.height - 4 ? clientY - box.top - offsetHeight - 12 : below;
    element.style.transform = `translate(${Math.round(Math.max(4, left))}px, ${Math.round(Math.max(4, top))}px)`;
  }

  hide(): void {
    this.element.hidden = true;
  }
}

/** The same in one sentence, for a screen reader. */
export function spoken(note: Note): string {
  return [note.title, ...note.lines.map(([label, value]) => `${label} ${value}`)].join(", ");
}
