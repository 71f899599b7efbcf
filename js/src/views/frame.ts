// Tools of the whole explorer: which parts are shown, and the full screen.

import { h } from "./dom";
import { FullScreen } from "./fullscreen";
import { iconOf } from "./icons";
import { LABELS } from "./labels";
import type { PartName } from "./parts";
import { Popup } from "./popup";

const REMEMBERED = "xpubreak.parts-away";

export class Frame {
  readonly tools = h("div", { class: "frame-tools" });
  readonly popup: Popup;
  readonly screen: FullScreen;
  private readonly away: Set<PartName>;
  private readonly grow: HTMLButtonElement;

  constructor(
    anchor: HTMLElement,
    parts: readonly PartName[],
    signal: AbortSignal,
    private readonly shown: (name: PartName, isShown: boolean) => void,
  ) {
    this.popup = new Popup(signal);
    const choosable = parts.filter((name) => LABELS[name]);
    this.away = new Set(choosable.length > 1 ? recall().filter((name) => choosable.includes(name)) : []);
    this.grow = h("button", {
      type: "button",
      class: "icon full-screen",
      onclick: () => void this.screen.toggle(),
    });
    this.screen = new FullScreen(anchor, signal, () => this.drawGrow());
    if (choosable.length > 1) this.tools.append(this.partsButton(choosable));
    if (choosable.length > 0) this.tools.append(this.grow);
    this.drawGrow();
    for (const name of this.away) shown(name, false);
  }

  isAway(name: PartName): boolean {
    return this.away.has(name);
  }

  private partsButton(choosable: readonly PartName[]): HTMLElement {
    const button: HTMLButtonElement = h(
      "button",
      {
        type: "button",
        class: "icon parts-menu",
        title: "Parts: which views are shown",
        "aria-label": "Parts: which views are shown",
        "aria-haspopup": "dialog",
        "aria-expanded": "false",
        onclick: () => {
          if (this.popup.isOpen) this.popup.close();
          else this.popup.open(button, "Show", [this.menu(choosable)]);
        },
      },
      iconOf("parts"),
    );
    return button;
  }

  private menu(choosable: readonly PartName[]): HTMLElement {
    return h(
      "ul",
      { class: "menu" },
      ...choosable.map((name) => {
        const box = h("input", {
          type: "checkbox",
          "data-item": true,
          "data-part": name,
          onchange: () => this.put(name, box.checked),
        });
        box.checked = !this.away.has(name);
        return h("li", {}, h("label", { class: "menu-item check" }, box, LABELS[name]!));
      }),
    );
  }

  private put(name: PartName, isShown: boolean): void {
    if (isShown) this.away.delete(name);
    else this.away.add(name);
    remember([...this.away]);
    this.shown(name, isShown);
  }

  private drawGrow(): void {
    const { isOn } = this.screen;
    const title = isOn ? "Leave the full screen (Esc)" : "Full screen";
    this.grow.title = title;
    this.grow.setAttribute("aria-label", title);
    this.grow.setAttribute("aria-pressed", String(isOn));
    this.grow.replaceChildren(iconOf(isOn ? "shrink" : "grow"));
  }
}

/** A page may forbid storage altogether. */
function recall(): PartName[] {
  try {
    const names: unknown = JSON.parse(sessionStorage.getItem(REMEMBERED) ?? "[]");
    return Array.isArray(names) ? (names.filter((name) => typeof name === "string") as PartName[]) : [];
  } catch {
    return [];
  }
}

function remember(names: readonly PartName[]): void {
  try {
    sessionStorage.setItem(REMEMBERED, JSON.stringify(names));
  } catch {
    // Then it is forgotten when the page goes.
  }
}
