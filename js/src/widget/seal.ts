// Sealed selections: notebooks save what is synced, so texts that name people, hosts or places are synced as redaction
// writes them. What they mean goes by custom message, which is never saved. Mirrors xpubreak/view/sealed.py.

import type { AnyModel } from "@anywidget/types";
import { ask } from "./ask";

type Clauses = Record<string, unknown>;
type Texts = Record<string, string>;

/** What a search may hold of a path, an address, an assignment, a host (more than xpubreak/breakdown/privatehosts.py). */
const SUSPECT =
  /[\\/@%=]|: |\d\.\d|:\d|-\w*\d|--|c\d+s\d|nid\d|gx\d|\.(svc|local|int|lan|corp|gov|edu|mil|com|org|ac|home)|connect|host|on (machine|server)|token|key|passw|secret/i;
const page = Math.random().toString(36).slice(2, 10);
let searches = 0;

export class Seal {
  private readonly meant = new Map<string, string>();
  private readonly written = new Map<string, string>();
  private isOn = true;
  private known: Promise<void> | null = null;
  private tell: (texts: Texts) => void = () => {};

  /** Called for each view of the widget: what is known stays, so that one more needs no kernel. */
  attach(model: AnyModel, signal: AbortSignal): void {
    const listen = (content: Record<string, unknown>) => this.learn((content?.sealed ?? {}) as Texts);
    model.on("msg:custom", listen);
    signal.addEventListener("abort", () => model.off("msg:custom", listen));
    this.tell = (sealed) => model.send({ sealed });
    this.known ??= ask(model, "sealed").then(({ content }) => {
      if (content.texts) this.learn(content.texts as Texts);
      else this.isOn = false;
    });
    this.known.catch(() => {
      this.known = null; // the next view asks again
    });
  }

  /** Resolves once it is known what may be saved as it is. */
  async ready(): Promise<void> {
    await this.known;
  }

  learn(texts: Texts): void {
    for (const [short, text] of Object.entries(texts)) {
      this.meant.set(short, text);
      this.written.set(text, short);
    }
  }

  /** A selection as it may be saved. */
  close(clauses: Clauses): Clauses {
    if (!this.isOn) return clauses;
    return changed(clauses, (text, name) => this.written.get(text) ?? (name === "text" ? this.search(text) : text));
  }

  /** A selection as it is meant. */
  open(clauses: Clauses): Clauses {
    return changed(clauses, (text) => this.meant.get(text) ?? text);
  }

  private search(text: string): string {
    if (!this.isTelling(text)) return text;
    searches += 1;
    const sealed = `(search ${page}-${searches})`;
    this.learn({ [sealed]: text });
    this.tell({ [sealed]: text });
    return sealed;
  }

  /** Whether a search text looks private, or finds something that redaction hides. */
  private isTelling(text: string): boolean {
    const pattern = /^\/(.+)\/$/.exec(text)?.[1];
    if (SUSPECT.test(pattern === undefined ? text : pattern.replaceAll("\\", ""))) return true;
    const parts = (pattern?.split(/[|()^$.*+?[\]{}\\]/) ?? [text]).filter(Boolean).map((part) => part.toLowerCase());
    for (const [original, short] of this.written) {
      const [before, after] = [original.toLowerCase(), short.toLowerCase()];
      if (parts.some((part) => before.includes(part) && !after.includes(part))) return true;
    }
    return false;
  }
}

function changed(clauses: Clauses, write: (text: string, name: string) => string): Clauses {
  return Object.fromEntries(
    Object.entries(clauses ?? {}).map(([name, items]) => [
      name,
      Array.isArray(items) ? items.map((item) => (typeof item === "string" ? write(item, name) : item)) : items,
    ]),
  );
}
