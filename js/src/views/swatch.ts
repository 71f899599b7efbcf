// A small piece of what a backend or a category looks like, beside its name.

import { type Inked, inked } from "../draw/hatch";
import { h } from "./dom";

export const swatchOf = (ink: Inked): HTMLElement => h("span", { class: "swatch", style: inked(ink, ".5") });
