// What a notebook saves of a selection names nothing that redaction hides, and means the same to page and kernel.

import type { AnyModel } from "@anywidget/types";
import { describe, expect, it } from "vitest";
import { Seal } from "../src/widget/seal";
import hosts from "./fixtures/hosts.json"; // tests/view/test_js_hosts.py

const FRAME = "/home/bob/acme/x.py(1): f";
const SHORT = "…/x.py(1): f";

function kernel(texts: Record<string, string> | null) {
  const told: Record<string, string> = {};
  const listeners: ((content: unknown, buffers: unknown[]) => void)[] = [];
  const model = {
    on: (_: string, listener: (content: unknown, buffers: unknown[]) => void) => listeners.push(listener),
    off: () => {},
    send: (content: { ask?: string; sealed?: Record<string, string> }) => {
      Object.assign(told, content.sealed ?? {});
      if (content.ask) queueMicrotask(() => say({ answer: content.ask, texts }));
    },
  } as unknown as AnyModel;
  const say = (content: unknown) => {
    for (const listener of [...listeners]) listener(content, []);
  };
  return { model, told, say };
}

async function sealed(texts: Record<string, string> | null) {
  const peer = kernel(texts);
  const seal = new Seal();
  seal.attach(peer.model, new AbortController().signal);
  await seal.ready();
  return { seal, ...peer };
}

describe("sealed selections", () => {
  it("writes names as redaction does, and reads them back", async () => {
    const { seal } = await sealed({ [SHORT]: FRAME });
    const meant = { op: [FRAME, "aten::mm"], layer: [1, 2], duration_ns: [[0, 5]] };
    const saved = seal.close(meant);
    expect(saved).toEqual({ ...meant, op: [SHORT, "aten::mm"] });
    expect(seal.open(saved)).toEqual(meant);
  });

  it("tells the kernel alone what a search for something private means", async () => {
    const { seal, told } = await sealed({ [SHORT]: FRAME });
    for (const text of ["acme", "/bob|eve/", "/home/eve/x", "10.0.0.7", "HOST=node7", ...hosts]) {
      const saved = seal.close({ text: [text] });
      const [written] = saved.text as string[];
      expect(written).not.toContain(text);
      expect(told[written!]).toBe(text);
      expect(seal.open(saved)).toEqual({ text: [text] });
    }
    for (const text of ["gemm", "/fmha|attn/", "aten::mm", "x.py", "m64n128", "c10::add"])
      expect(seal.close({ text: [text] }).text).toEqual([text]);
  });

  it("learns what Python selects later", async () => {
    const { seal, say } = await sealed({});
    say({ sealed: { "…/y": "/home/bob/y" } });
    expect(seal.open({ text: ["…/y"] })).toEqual({ text: ["/home/bob/y"] });
  });

  it("leaves everything as it is where nothing is redacted", async () => {
    const { seal, told } = await sealed(null);
    expect(seal.close({ text: ["/home/bob"], op: [FRAME] })).toEqual({ text: ["/home/bob"], op: [FRAME] });
    expect(told).toEqual({});
  });
});
