// What the colours stand for: the backends or categories that are shown, heaviest first.

import type { Dataset } from "../data/dataset";
import { formatShare } from "../data/format";
import { keyInks } from "../draw/frameinks";
import { divided } from "../state/framesums";
import { h, patch } from "./dom";
import type { FlameState } from "./flamestate";
import { swatchOf } from "./swatch";

const LISTED = 14;

export class FlameLegend {
  readonly element = h("ul", { class: "legend" });

  constructor(private readonly data: Dataset) {}

  update({ stack, sums, colour, least }: FlameState): void {
    const { roles, categories } = this.data.meta;
    const inks = keyInks(colour, roles, categories);
    const parts = divided(stack, sums, 0, colour);
    this.element.setAttribute("aria-label", `Colours by ${colour}`);
    patch(
      this.element,
      ...parts.slice(0, LISTED).map(({ code, weight }) => {
        const ink = inks[code];
        return h(
          "li",
          { title: `${ink?.label ?? "?"}: ${formatShare(weight, sums.value[0])} of what is shown` },
          ink && swatchOf(ink),
          ink?.label ?? "?",
        );
      }),
      parts.length > LISTED && h("li", {}, `and ${parts.length - LISTED} more`),
      h(
        "li",
        { title: "Steps, layers, modules and Python functions hold work of several kinds" },
        swatch("neutral"),
        "container",
      ),
      least > 0 &&
        h(
          "li",
          { title: `Frames below ${formatShare(least, 1)} of what is shown stand together` },
          swatch("smaller"),
          "smaller frames",
        ),
    );
  }
}

const swatch = (kind: string): HTMLElement => h("span", { class: `swatch ${kind}` });
