// Stacks that have been looked at: each is built once for its options.

import type { Dataset } from "../data/dataset";
import type { StackWay } from "./clauses";
import { foldLayers } from "./fold";
import type { Measures } from "./measure";
import { RowShapes } from "./shapes";
import { buildStack, type Stack } from "./stack";
import type { WeightKind } from "./weight";

/** Each holds a few numbers for every row: too many would fill the memory. */
const KEPT = 8;

export interface StackOptions extends StackWay {
  weight: WeightKind;
  /** Show equal layers as one. */
  fold: boolean;
  /** Layers whose group stands apart all the same. */
  unfolded: readonly number[];
}

export class Stacks {
  private readonly built = new Map<string, Stack>();
  private readonly shapes: RowShapes;

  constructor(
    private readonly data: Dataset,
    private readonly measures: Measures,
  ) {
    this.shapes = new RowShapes(data);
  }

  of(options: StackOptions): Stack {
    const { stack, top, inverted, weight, fold, unfolded } = options;
    // Layers are frames of the model's stacks only.
    const layers = stack === "model" ? `${fold} ${unfolded.join()}` : "";
    const key = `${stack} ${top} ${inverted} ${weight} ${layers}`;
    const built = this.built.get(key) ?? this.build(options);
    this.built.delete(key);
    this.built.set(key, built);
    const [oldest] = this.built.keys();
    if (this.built.size > KEPT) this.built.delete(oldest!);
    return built;
  }

  private build({ stack, top, inverted, weight, fold, unfolded }: StackOptions): Stack {
    const { weights } = this.measures.whole(weight);
    const groups = foldLayers(this.data, weights, fold, unfolded);
    return buildStack(this.data, this.shapes, { stack, top, inverted }, weights, groups);
  }
}
