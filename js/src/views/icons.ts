// Small pictures on buttons, 16 by 16, drawn in the colour of the text.

const PATHS = {
  undo: "M6 3.5 2.8 6.7 6 9.9M3 6.7h6.2a3.6 3.6 0 0 1 0 7.2H6.5",
  redo: "M10 3.5l3.2 3.2L10 9.9M13 6.7H6.8a3.6 3.6 0 0 0 0 7.2h2.7",
  parts: "M2.5 3h11v4h-11zM2.5 9.5h5v3.5h-5zM9.5 9.5h4v3.5h-4z",
  grow: "M6 2.5H2.5V6M10 2.5h3.5V6M6 13.5H2.5V10M10 13.5h3.5V10",
  shrink: "M2.5 6H6V2.5M13.5 6H10V2.5M2.5 10H6v3.5M13.5 10H10v3.5",
  copy: "M5.5 5.5h8v8h-8zM3 10.5h-.5v-8h8V3",
  done: "M3 8.5l3.2 3.2L13 4.8",
  open: "M6 3.8 10.4 8 6 12.2",
} as const;

export type Icon = keyof typeof PATHS;

export function iconOf(icon: Icon): SVGElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("class", "icon-picture");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", PATHS[icon]);
  svg.append(path);
  return svg;
}
