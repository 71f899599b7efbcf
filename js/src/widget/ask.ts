// Asking the kernel by custom message: what comes that way is never saved with the notebook.

import type { AnyModel } from "@anywidget/types";

export interface Answer {
  content: Record<string, unknown>;
  bytes: DataView<ArrayBuffer>;
}

/** Called with the number of bytes that have arrived, and of all. */
export type Told = (bytes: number, ofBytes: number) => void;

/** Large answers come in parts, so that the page can say how far they are. */
export function ask(model: AnyModel, what: string, told: Told = () => {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const parts: DataView[] = [];
    let arrived = 0;
    const listen = (content: Record<string, unknown>, buffers: DataView[]) => {
      if (content?.answer !== what) return;
      if (typeof content.error === "string") {
        model.off("msg:custom", listen);
        reject(new Error(content.error));
        return;
      }
      const part = Number(content.part ?? 0);
      // Another view of the same widget may have asked too: a first part starts over.
      if (part === 0) {
        parts.length = 0;
        arrived = 0;
      }
      if (part !== parts.length) return;
      const bytes = buffers[0] ?? new DataView(new ArrayBuffer(0));
      parts.push(bytes);
      arrived += bytes.byteLength;
      told(arrived, Number(content.bytes ?? arrived));
      if (parts.length < Number(content.parts ?? 1)) return;
      model.off("msg:custom", listen);
      resolve({ content, bytes: joined(parts, arrived) });
    };
    model.on("msg:custom", listen);
    model.send({ ask: what });
  });
}

function joined(parts: readonly DataView[], size: number): DataView<ArrayBuffer> {
  const whole = new Uint8Array(size);
  let offset = 0;
  for (const part of parts) {
    whole.set(new Uint8Array(part.buffer, part.byteOffset, part.byteLength), offset);
    offset += part.byteLength;
  }
  return new DataView(whole.buffer);
}
