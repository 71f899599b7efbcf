// What the pointer does on a flame graph: hover, click, double-click, drag, and the wheel with a modifier.

import { NONE } from "../data/contract";
import type { Window } from "../draw/layout";

export interface FlameGestures {
  frameAt(event: MouseEvent): number;
  hover(frame: number, event: PointerEvent | null): void;
  select(frame: number): void;
  focusOn(frame: number): void;
  view(): Window;
  pan(from: Window, by: number): void;
  zoom(factor: number, around: number): void;
}

const DRAG_PX = 4;

export function listenToPointer(canvas: HTMLCanvasElement, gestures: FlameGestures, signal: AbortSignal): void {
  let pressed: { x: number; view: Window; moved: boolean } | null = null;
  const on = <K extends keyof HTMLElementEventMap>(
    type: K,
    react: (event: HTMLElementEventMap[K]) => void,
    options: AddEventListenerOptions = {},
  ) => canvas.addEventListener(type, react, { signal, ...options });

  on("pointerdown", (event) => {
    if (event.button === 0) pressed = { x: event.clientX, view: gestures.view(), moved: false };
  });
  on("pointermove", (event) => {
    if (pressed && event.buttons === 1) {
      if (!pressed.moved && Math.abs(event.clientX - pressed.x) > DRAG_PX) {
        pressed.moved = true;
        canvas.setPointerCapture(event.pointerId);
      }
      if (pressed.moved) {
        const { view } = pressed;
        gestures.hover(NONE, null);
        gestures.pan(view, ((pressed.x - event.clientX) / canvas.clientWidth) * (view.to - view.from));
        return;
      }
    }
    gestures.hover(gestures.frameAt(event), event);
  });
  on("click", (event) => {
    const frame = pressed?.moved ? NONE : gestures.frameAt(event);
    pressed = null;
    // The second click of a double-click zooms; it must not undo what the first one selected.
    if (frame >= 0 && event.detail < 2) gestures.select(frame);
  });
  on("pointercancel", () => {
    pressed = null;
  });
  on("pointerleave", () => gestures.hover(NONE, null));
  on("dblclick", (event) => {
    const frame = gestures.frameAt(event);
    if (frame >= 0) gestures.focusOn(frame);
  });
  on(
    "wheel",
    (event) => {
      // Without a modifier the wheel belongs to the page.
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      const box = canvas.getBoundingClientRect();
      const { from, to } = gestures.view();
      const around = from + ((event.clientX - box.left) / box.width) * (to - from);
      gestures.zoom(Math.exp(Math.max(-1, Math.min(1, event.deltaY * 0.004))), around);
    },
    { passive: false },
  );
}
