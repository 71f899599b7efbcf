// Code that is no part of the core: of parts, and of what the filters open. It is asked for at once, since a kernel that
// is there now may be gone by the first click, but nothing waits for it. Until it has arrived, words stand in its place.

import CORE from "xpubreak:core";
import type { Dimension } from "../state/clauses";
import { importCode } from "../widget/code";
import { h } from "./dom";
import type { Host } from "./host";
import { LABELS } from "./labels";
import type { Part, PartName, Surroundings } from "./parts";

export const LATER = ["timeline", "layers", "details", "roofline", "kernels", "editors"] as const;
export type LaterName = (typeof LATER)[number];

/** What the code of a part offers; an editor is one `of` a dimension. */
export interface LaterPart {
  sheet: string;
  make(surroundings: Surroundings, of?: Dimension): Part;
}

/** As bundle/parts.mjs wraps it. */
interface Code {
  default(core: unknown, build: string, offer: (part: LaterPart) => void): void;
}

const arrived = new Map<LaterName, LaterPart>();
const arriving = new Map<LaterName, Promise<LaterPart>>();

export function isLater(name: PartName): name is LaterName {
  return (LATER as readonly string[]).includes(name);
}

/** Code that a part needs, if it is none of the core's. */
export function codeOf(name: PartName): LaterName | null {
  return name === "filters" ? "editors" : isLater(name) ? name : null;
}

/** Code of a part, loaded once for each page. What failed may be asked for again. */
export function load(name: LaterName, host: Host): Promise<LaterPart> {
  let loading = arriving.get(name);
  if (!loading) {
    loading = evaluated(name, host);
    arriving.set(name, loading);
    loading.catch(() => arriving.delete(name));
  }
  return loading;
}

async function evaluated(name: LaterName, host: Host): Promise<LaterPart> {
  const code = await importCode<Code>(await host.code(name));
  code.default(CORE, BUILD, (part) => arrived.set(name, part));
  return arrived.get(name)!;
}

/** A part that may not be there yet. */
export class Awaited implements Part {
  private readonly words = h("p", { class: "loading", role: "status" });
  private place: HTMLElement;
  private part: Part | null = null;

  constructor(
    private readonly name: LaterName,
    private readonly host: Host,
    private readonly surroundings: Surroundings,
    private readonly sheet: HTMLElement,
    private readonly of?: Dimension,
    /** Called when it has arrived after all. */
    private readonly came = () => {},
  ) {
    const label = LABELS[name]!;
    this.place = of
      ? this.words
      : h(
          "section",
          { class: `panel later ${name}`, "aria-label": label },
          h("div", { class: "panel-head" }, h("h3", {}, label)),
          this.words,
        );
    const there = arrived.get(name);
    if (there) this.mount(there);
    else this.wait();
  }

  get element(): HTMLElement {
    return this.part?.element ?? this.place;
  }

  update: Part["update"] = (change) => this.part?.update(change);

  useTheme: Part["useTheme"] = (theme) => this.part?.useTheme?.(theme);

  private wait(): void {
    const { signal } = this.surroundings;
    const label = LABELS[this.name]!.toLowerCase();
    this.words.className = "loading";
    this.words.textContent = `Loading the ${label} …`;
    const timers = this.host.waiting.map(({ afterMs, text }) =>
      setTimeout(() => {
        this.words.textContent = text;
      }, afterMs),
    );
    load(this.name, this.host)
      .then((part) => {
        if (signal.aborted) return;
        this.mount(part);
        this.came();
      })
      .catch((error: unknown) => {
        this.words.className = "loading failed";
        this.words.replaceChildren(
          `The ${label} cannot be shown: ${error instanceof Error ? error.message : String(error)} `,
          h("button", { type: "button", class: "more", onclick: () => this.wait() }, "Try again"),
        );
        console.error("xpubreak", error);
      })
      .finally(() => timers.forEach(clearTimeout));
  }

  private mount({ sheet, make }: LaterPart): void {
    this.sheet.textContent = sheet;
    this.part = make(this.surroundings, this.of);
    this.part.element.classList.toggle("away", this.place.classList.contains("away"));
    this.place.replaceWith(this.part.element);
  }
}
