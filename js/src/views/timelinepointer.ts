// What the pointer does on tracks: click, brush, pan, pinch, and the wheel with a modifier.

import type { Window } from "../draw/window";

export interface TrackGestures {
  timeAt(event: { clientX: number }): number;
  hover(event: PointerEvent | null): void;
  click(event: MouseEvent): void;
  zoomTo(event: MouseEvent): void;
  view(): Window;
  /** One of many steps of a motion, as `zoom`. */
  setView(view: Window): void;
  zoom(factor: number, around: number): void;
  brush(): Window | null;
  /** A motion is over. A wheel's has no end that could be told. */
  rest(): void;
  /** While it is drawn, and when it is done. */
  setBrush(range: Window, isDone: boolean): void;
  cancelBrush(): void;
  /** Whether one finger draws a range; else it pans. */
  fingerBrushes(): boolean;
}

const DRAG_PX = 4;
const EDGE_PX = 6;
const EDGE_FINGER_PX = 18;

type Drag =
  | { kind: "press"; x: number; y: number; anchor: number }
  | { kind: "brush"; anchor: number }
  | { kind: "pan"; x: number; view: Window }
  | { kind: "pinch"; distance: number; view: Window; around: number };

export function listenToTracks(canvas: HTMLCanvasElement, gestures: TrackGestures, signal: AbortSignal): void {
  let drag: Drag | null = null;
  let wasDragged = false;
  const touches = new Map<number, PointerEvent>();
  const on = <K extends keyof HTMLElementEventMap>(
    type: K,
    react: (event: HTMLElementEventMap[K]) => void,
    options: AddEventListenerOptions = {},
  ) => canvas.addEventListener(type, react, { signal, ...options });
  const perPixel = () => {
    const { from, to } = gestures.view();
    return (to - from) / Math.max(1, canvas.clientWidth);
  };

  const endDrag = () => {
    if (drag?.kind === "pan" || drag?.kind === "pinch") gestures.rest();
    drag = null;
  };

  on("pointerdown", (event) => {
    wasDragged = false;
    if (event.pointerType === "touch") {
      touches.set(event.pointerId, event);
      if (touches.size === 2) {
        if (drag?.kind === "brush") gestures.cancelBrush();
        const [a, b] = [...touches.values()] as [PointerEvent, PointerEvent];
        const around = gestures.timeAt({ clientX: (a.clientX + b.clientX) / 2 });
        drag = { kind: "pinch", distance: Math.max(8, Math.abs(a.clientX - b.clientX)), view: gestures.view(), around };
        return;
      }
      if (!gestures.fingerBrushes()) {
        drag = { kind: "pan", x: event.clientX, view: gestures.view() };
        return;
      }
    }
    if (event.button === 1 || (event.button === 0 && event.shiftKey)) {
      event.preventDefault();
      drag = { kind: "pan", x: event.clientX, view: gestures.view() };
    } else if (event.button === 0) {
      const at = gestures.timeAt(event);
      const range = gestures.brush();
      const near = (event.pointerType === "touch" ? EDGE_FINGER_PX : EDGE_PX) * perPixel();
      // An edge of the range is taken hold of; the other one stays.
      if (range && Math.abs(at - range.from) < near) drag = { kind: "brush", anchor: range.to };
      else if (range && Math.abs(at - range.to) < near) drag = { kind: "brush", anchor: range.from };
      else drag = { kind: "press", x: event.clientX, y: event.clientY, anchor: at };
    }
    if (drag) canvas.setPointerCapture(event.pointerId);
  });
  on("pointermove", (event) => {
    if (event.pointerType === "touch" && touches.has(event.pointerId)) touches.set(event.pointerId, event);
    if (!drag) {
      const range = gestures.brush();
      const at = gestures.timeAt(event);
      const near = EDGE_PX * perPixel();
      const onEdge = range && (Math.abs(at - range.from) < near || Math.abs(at - range.to) < near);
      canvas.style.cursor = onEdge ? "ew-resize" : "";
      gestures.hover(event);
      return;
    }
    if (drag.kind === "press" && Math.abs(event.clientX - drag.x) > DRAG_PX)
      drag = { kind: "brush", anchor: drag.anchor };
    if (drag.kind === "press") return;
    wasDragged = true;
    gestures.hover(null);
    if (drag.kind === "brush") gestures.setBrush(ordered(drag.anchor, gestures.timeAt(event)), false);
    else if (drag.kind === "pan") {
      const by = ((drag.x - event.clientX) / Math.max(1, canvas.clientWidth)) * (drag.view.to - drag.view.from);
      gestures.setView({ from: drag.view.from + by, to: drag.view.to + by });
    } else if (touches.size === 2) {
      const [a, b] = [...touches.values()] as [PointerEvent, PointerEvent];
      const factor = drag.distance / Math.max(8, Math.abs(a.clientX - b.clientX));
      const width = (drag.view.to - drag.view.from) * factor;
      const share = (drag.around - drag.view.from) / (drag.view.to - drag.view.from);
      gestures.setView({ from: drag.around - share * width, to: drag.around + (1 - share) * width });
    }
  });
  on("pointerup", (event) => {
    touches.delete(event.pointerId);
    if (drag?.kind === "brush" && wasDragged) gestures.setBrush(ordered(drag.anchor, gestures.timeAt(event)), true);
    endDrag();
  });
  on("pointercancel", (event) => {
    touches.delete(event.pointerId);
    if (drag?.kind === "brush") gestures.cancelBrush();
    endDrag();
  });
  on("pointerleave", () => gestures.hover(null));
  on("click", (event) => {
    // The second click of a double-click zooms; it must not undo what the first one selected.
    if (!wasDragged && event.detail < 2) gestures.click(event);
  });
  on("dblclick", (event) => gestures.zoomTo(event));
  on(
    "wheel",
    (event) => {
      // Without a modifier the wheel belongs to the page.
      if (event.ctrlKey || event.metaKey) {
        event.preventDefault();
        gestures.zoom(Math.exp(Math.max(-1, Math.min(1, event.deltaY * 0.004))), gestures.timeAt(event));
      } else if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
        event.preventDefault();
        const by = (event.deltaX || event.deltaY) * perPixel();
        const { from, to } = gestures.view();
        gestures.setView({ from: from + by, to: to + by });
      }
    },
    { passive: false },
  );
}

function ordered(a: number, b: number): Window {
  return { from: Math.min(a, b), to: Math.max(a, b) };
}
