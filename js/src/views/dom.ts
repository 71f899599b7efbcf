// Elements without markup: text only ever becomes a text node, so a name from a trace cannot become anything else.

type Child = Node | string | null | undefined | false;
type Props = Record<string, unknown>;

export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  props: Props = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  assign(element, props);
  element.append(...children.filter((child): child is Node | string => Boolean(child)));
  return element;
}

function assign(element: HTMLElement, props: Props): void {
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value as EventListener);
    else if (name === "style") {
      for (const [property, text] of Object.entries(value as Record<string, string>)) {
        element.style.setProperty(property, text);
      }
    } else element.setAttribute(name, value === true ? "" : String(value));
  }
}

export function replace(parent: Element, ...children: Child[]): void {
  parent.replaceChildren(...children.filter((child): child is Node | string => Boolean(child)));
}

/** Call once per frame at most, however often it is asked for. */
export function onFrame(work: () => void, signal: AbortSignal): () => void {
  let asked = 0;
  signal.addEventListener("abort", () => cancelAnimationFrame(asked));
  return () => {
    if (asked || signal.aborted) return;
    asked = requestAnimationFrame(() => {
      asked = 0;
      work();
    });
  };
}

/**
 * Call in a task of its own, once what has changed until now is on the screen; returns what calls it off. A page in the
 * background paints nothing: there it does not wait.
 */
export function afterPaint(work: () => void): () => void {
  let timer = 0;
  const soon = () => {
    timer = window.setTimeout(work);
  };
  const frame = document.hidden ? soon() : requestAnimationFrame(soon);
  return () => {
    cancelAnimationFrame(frame ?? 0);
    clearTimeout(timer);
  };
}

/**
 * As `replace`, but elements that stay what they are (by `data-key` or `data-group`, at the same place) are kept and
 * only take over what is new: they keep the focus, which would be lost or force a layout, and what is the same is not
 * laid out again. Their listeners stay the first ones: these may depend on nothing but the key.
 */
export function patch(parent: Element, ...children: Child[]): void {
  let old = parent.firstChild;
  for (const child of children) {
    if (!child) continue;
    const next = typeof child === "string" ? document.createTextNode(child) : child;
    if (next === old) old = old.nextSibling;
    else if (old && next.parentNode !== parent && isAlike(old, next)) {
      takeOver(old, next);
      old = old.nextSibling;
    } else parent.insertBefore(next, old);
  }
  while (old) {
    const gone = old;
    old = old.nextSibling;
    gone.remove();
  }
}

const MARKS = ["id", "data-key", "data-group"];

function isAlike(a: Node, b: Node): boolean {
  if (a.nodeName !== b.nodeName) return false;
  return !(a instanceof Element) || MARKS.every((name) => a.getAttribute(name) === (b as Element).getAttribute(name));
}

function takeOver(old: Node, next: Node): void {
  if (!(old instanceof HTMLElement && next instanceof HTMLElement)) {
    // Text; pictures stay as they are.
    if (old.nodeValue !== next.nodeValue) old.nodeValue = next.nodeValue;
    return;
  }
  for (const { name } of [...old.attributes]) if (!next.hasAttribute(name)) old.removeAttribute(name);
  for (const { name, value } of next.attributes) {
    if (old.getAttribute(name) === value) continue;
    // Pages may forbid style attributes, not so properties.
    if (name === "style") old.style.cssText = next.style.cssText;
    else old.setAttribute(name, value);
  }
  patch(old, ...next.childNodes);
}

let counter = 0;

/** An id no other element of the page has. */
export function freshId(prefix: string): string {
  counter += 1;
  return `xb-${prefix}-${counter}`;
}
