// The notebook's colours, read back from the page, for what CSS cannot reach: canvas and Bokeh.

import { luminance, mix } from "../draw/palette";

export interface Theme {
  dark: boolean;
  ink: string;
  muted: string;
  surface: string;
  line: string;
  accent: string;
  font: string;
}

export function readTheme(root: HTMLElement): Theme {
  const style = getComputedStyle(root);
  const surface = solid(style.backgroundColor, "#ffffff");
  const dark = luminance(surface) < 0.4;
  const ink = solid(style.color, dark ? "#e8e8e8" : "#1b1b1b", surface);
  return {
    dark,
    ink,
    surface,
    muted: mix(ink, surface, 0.68),
    line: mix(ink, surface, 0.16),
    accent: solid(style.accentColor, "#2f6fde"),
    font: style.fontFamily,
  };
}

/** Colours of a theme may be translucent or named otherwise; a canvas needs them laid on the surface. */
function solid(colour: string, fallback: string, under = "#ffffff"): string {
  const rgb = /^rgba?\(([^)]+)\)/.exec(colour);
  if (rgb) {
    const [r, g, b, alpha = 1] = rgb[1]!.split(/[\s,/]+/).map(Number);
    return alpha === 0 ? fallback : mix(`rgb(${r},${g},${b})`, under, alpha);
  }
  const srgb = /^color\(srgb ([^)]+)\)/.exec(colour);
  if (srgb) {
    const [r, g, b, alpha = 1] = srgb[1]!.split(/[\s/]+/).map(Number);
    return mix(`rgb(${r! * 255},${g! * 255},${b! * 255})`, under, alpha);
  }
  return fallback;
}

/** Call back when the page's theme changes: JupyterLab, VS Code and marimo mark it on body or html. */
export function followTheme(changed: () => void, signal: AbortSignal): void {
  const react = () => {
    changed();
    // JupyterLab marks the body before the new style sheet has been applied.
    setTimeout(() => !signal.aborted && changed(), 150);
  };
  const observer = new MutationObserver(react);
  const attributes = {
    attributes: true,
    attributeFilter: [
      "class",
      "style",
      "data-theme",
      "data-jp-theme-light",
      "data-jp-theme-name",
      "data-vscode-theme-kind",
    ],
  };
  observer.observe(document.body, attributes);
  observer.observe(document.documentElement, attributes);
  const scheme = matchMedia("(prefers-color-scheme: dark)");
  scheme.addEventListener("change", react, { signal });
  signal.addEventListener("abort", () => observer.disconnect());
}

export const prefersStillness = (): boolean => matchMedia("(prefers-reduced-motion: reduce)").matches;
