// The first lines of a long table in some order, without sorting the rest.

type Compare = (a: number, b: number) => number;

/** The first `count` items in the order of `compare`, sorted; all of them where there are fewer. */
export function firstOf(items: ArrayLike<number>, count: number, compare: Compare): number[] {
  if (count <= 0) return [];
  if (items.length <= count * 2) return Array.from(items).sort(compare).slice(0, count);
  // A heap with the last of the first ones on top: most items are turned away after one look at it.
  const heap: number[] = [];
  for (let i = 0; i < items.length; i++) {
    const item = items[i]!;
    if (heap.length < count) rise(heap, item, compare);
    else if (compare(item, heap[0]!) < 0) sink(heap, item, compare);
  }
  return heap.sort(compare);
}

function rise(heap: number[], item: number, compare: Compare): void {
  let at = heap.push(item) - 1;
  while (at > 0) {
    const above = (at - 1) >> 1;
    if (compare(heap[above]!, item) >= 0) break;
    heap[at] = heap[above]!;
    at = above;
  }
  heap[at] = item;
}

function sink(heap: number[], item: number, compare: Compare): void {
  let at = 0;
  for (;;) {
    let below = at * 2 + 1;
    if (below >= heap.length) break;
    if (below + 1 < heap.length && compare(heap[below + 1]!, heap[below]!) > 0) below++;
    if (compare(heap[below]!, item) <= 0) break;
    heap[at] = heap[below]!;
    at = below;
  }
  heap[at] = item;
}
