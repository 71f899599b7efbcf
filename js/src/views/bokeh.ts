// BokehJS of the installed bokeh wheel, evaluated in a root of its own: a Bokeh that the page has is neither used nor
// replaced, and the browser's version is always the one that wrote the document.

export interface BokehModel {
  data: Record<string, unknown>;
  name: string | null;
  [property: string]: unknown;
}

export interface BokehDocument {
  get_model_by_name(name: string): BokehModel | null;
}

export interface BokehPlotView {
  model: {
    document: BokehDocument | null;
    height?: number | null;
    properties?: Record<string, { change: Record<"connect" | "disconnect", (changed: () => void) => void> }>;
  };
  frame: { bbox: { left: number; top: number; width: number; height: number } };
  resize_layout?: () => void;
  remove(): void;
}

/** Of Bokeh: the part that asks style sheets what a line, a filling or a text looks like. */
interface Visuals {
  obj: { el: Element };
  _get_css_value(name: string): string;
}

export interface BokehModule {
  version: string;
  /** All that there are. */
  documents: BokehDocument[];
  require?(module: string): { VisualProperties?: { prototype: Visuals } };
  embed: { embed_item(item: unknown, element: HTMLElement): Promise<{ roots: BokehPlotView[] } | BokehPlotView[]> };
}

export async function gunzip(bytes: BlobPart): Promise<ArrayBuffer> {
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
}

export function evaluateBokeh(source: string): BokehModule {
  const root: { Bokeh?: BokehModule } = {};
  const had = Object.getOwnPropertyDescriptor(globalThis, "Bokeh");
  // The bundle takes `this` as its root where neither a module system nor a global of its own is in sight.
  const run = new Function("module", "exports", "define", "require", source);
  run.call(root, undefined, undefined, undefined, undefined);
  const found = root.Bokeh ?? (globalThis as { Bokeh?: BokehModule }).Bokeh;
  if (had) Object.defineProperty(globalThis, "Bokeh", had);
  else delete (globalThis as { Bokeh?: BokehModule }).Bokeh;
  if (!found) throw new Error("BokehJS did not start");
  askOnce(found);
  return found;
}

let answers = new WeakMap<Visuals, Map<string, string>>();

/** Bokeh asks style sheets for each property of each label at each painting, and each time the page is laid out first. */
function askOnce(bokeh: BokehModule): void {
  const visuals = bokeh.require?.("core/visuals/visual")?.VisualProperties?.prototype;
  const ask = visuals?._get_css_value;
  if (!ask) return;
  visuals._get_css_value = function (name) {
    const mine = answers.get(this) ?? new Map<string, string>();
    answers.set(this, mine);
    let answer = mine.get(name);
    if (answer === undefined) {
      answer = ask.call(this, name);
      if (this.obj.el.isConnected) mine.set(name, answer);
    }
    return answer;
  };
}

/** Style sheets may say something else now. */
export function askAgain(): void {
  answers = new WeakMap();
}
