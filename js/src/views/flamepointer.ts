// What pointers do on a flame graph: hover, click, double-click, drag, pinch, and the wheel with a modifier.

import type { Window } from "../draw/window";

export interface FlameGestures {
  hover(event: PointerEvent | null): void;
  click(event: MouseEvent): void;
  doubleClick(event: MouseEvent): void;
  view(): Window;
  isWhole(): boolean;
  /** Move a window by a share of the whole. */
  pan(from: Window, by: number): void;
  zoom(from: Window, factor: number, around: number): void;
  /** Move the lanes up by CSS pixels, as far as there are any. */
  scroll(by: number): void;
}

const DRAG_PX = 4;
const WHEEL_ZOOM = 0.004;

interface Drag {
  x: number;
  y: number;
  view: Window;
  moved: boolean;
}

export function listenToPointer(canvas: HTMLCanvasElement, gestures: FlameGestures, signal: AbortSignal): void {
  const touches = new Map<number, PointerEvent>();
  let drag: Drag | null = null;
  let pinch: { view: Window; distance: number; around: number } | null = null;
  let wasDragged = false;
  const on = <K extends keyof HTMLElementEventMap>(
    type: K,
    react: (event: HTMLElementEventMap[K]) => void,
    options: AddEventListenerOptions = {},
  ) => canvas.addEventListener(type, react, { signal, ...options });
  const share = (clientX: number) => {
    const box = canvas.getBoundingClientRect();
    return (clientX - box.left) / box.width;
  };
  const placeIn = (view: Window, clientX: number) => view.from + share(clientX) * (view.to - view.from);
  const fingers = () => [...touches.values()] as [PointerEvent, PointerEvent];

  on("pointerdown", (event) => {
    if (event.pointerType === "mouse" && event.button !== 0) return;
    wasDragged = false;
    touches.set(event.pointerId, event);
    const view = gestures.view();
    drag = touches.size === 1 ? { x: event.clientX, y: event.clientY, view, moved: false } : null;
    if (touches.size !== 2) return;
    const [a, b] = fingers();
    pinch = { view, distance: apart(a, b), around: placeIn(view, (a.clientX + b.clientX) / 2) };
    wasDragged = true;
  });
  on("pointermove", (event) => {
    if (touches.has(event.pointerId)) touches.set(event.pointerId, event);
    if (pinch && touches.size === 2) {
      const [a, b] = fingers();
      gestures.zoom(pinch.view, pinch.distance / Math.max(1, apart(a, b)), pinch.around);
      return;
    }
    if (drag && event.buttons === 1) {
      const [dx, dy] = [event.clientX - drag.x, event.clientY - drag.y];
      if (!drag.moved && Math.hypot(dx, dy) > DRAG_PX) {
        drag.moved = wasDragged = true;
        canvas.setPointerCapture(event.pointerId);
        gestures.hover(null);
      }
      if (drag.moved) {
        gestures.pan(drag.view, (-dx / canvas.clientWidth) * (drag.view.to - drag.view.from));
        if (event.pointerType === "mouse") gestures.scroll(-event.movementY);
        return;
      }
    }
    if (event.pointerType !== "touch") gestures.hover(event);
  });
  const release = (event: PointerEvent) => {
    touches.delete(event.pointerId);
    drag = null;
    if (touches.size < 2) pinch = null;
  };
  on("pointerup", release);
  on("pointercancel", (event) => {
    release(event);
    gestures.hover(null);
  });
  on("pointerleave", (event) => {
    // A finger leaves when it is lifted; what it tapped stays described.
    if (event.pointerType !== "touch") gestures.hover(null);
  });
  // A second finger pinches; the page must not scroll with it.
  on("touchstart", (event) => event.touches.length > 1 && event.preventDefault(), { passive: false });
  on("click", (event) => {
    // The second click of a double-click zooms; it must not undo what the first one selected.
    if (!wasDragged && event.detail < 2) gestures.click(event);
  });
  on("dblclick", (event) => gestures.doubleClick(event));
  on(
    "wheel",
    (event) => {
      // Without a modifier the wheel belongs to the page.
      if (event.ctrlKey || event.metaKey) {
        event.preventDefault();
        const view = gestures.view();
        const factor = Math.exp(Math.max(-1, Math.min(1, event.deltaY * WHEEL_ZOOM)));
        gestures.zoom(view, factor, placeIn(view, event.clientX));
        return;
      }
      const sideways = Math.abs(event.deltaX) > Math.abs(event.deltaY);
      const by = sideways ? event.deltaX : event.shiftKey ? event.deltaY : 0;
      if (by === 0 || gestures.isWhole()) return;
      event.preventDefault();
      const view = gestures.view();
      gestures.pan(view, (by / canvas.clientWidth) * (view.to - view.from));
    },
    { passive: false },
  );
}

function apart(a: PointerEvent, b: PointerEvent): number {
  return Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);
}
