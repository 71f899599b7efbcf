// Who wrote a selection last. Linked widgets hear of each other through the kernel, too: by the time an older value of
// this page comes back that way, the reader may be further, and must not be thrown back.

const page = Math.random().toString(36).slice(2, 10);
let written = 0;

export function nextStamp(): string {
  written += 1;
  return `${page}:${written}`;
}

/** Whether a stamp is of this page and not its last one. */
export function isOutdated(stamp: unknown): boolean {
  const [by, number] = String(stamp).split(":");
  return by === page && Number(number) < written;
}
