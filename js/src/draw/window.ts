// The part of a flame graph that is shown, as fractions of the whole.

export interface Window {
  from: number;
  to: number;
}

const WHOLE: Window = { from: 0, to: 1 };
const NARROWEST = 1e-9;

/** Zoom around a point that stays where it is. */
export function zoomed(view: Window, factor: number, around: number): Window {
  const width = Math.min(1, Math.max(NARROWEST, (view.to - view.from) * factor));
  if (width >= 1) return WHOLE;
  const share = (around - view.from) / (view.to - view.from);
  return clamped({ from: around - share * width, to: around + (1 - share) * width });
}

export function panned(view: Window, by: number): Window {
  return clamped({ from: view.from + by, to: view.to + by });
}

function clamped(view: Window): Window {
  const width = view.to - view.from;
  const from = Math.min(Math.max(0, view.from), 1 - width);
  return { from, to: from + width };
}
