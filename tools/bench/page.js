// In the page: stands in for the widget manager and the kernel, delivers the data on request, and measures.
// Everything else is the shipped runtime.js, with its own messages.
"use strict";

const PART_BYTES = 8 << 20; // as in xpubreak/view/answer.py
/** Code that the explorer asks for on its own: as in js/src/views/later.ts. */
const LATER = ["timeline", "layers", "details", "roofline", "kernels", "editors"].map((name) => `part-${name}`);
const CALM_FRAMES = 6;
const CALM_MS = 34;

const nextFrame = globalThis.requestAnimationFrame.bind(globalThis);

// Time that the page's own code spends in animation frames.
let inFramesMs = 0;
globalThis.requestAnimationFrame = (work) =>
  nextFrame((now) => {
    const began = performance.now();
    try {
      work(now);
    } finally {
      inFramesMs += performance.now() - began;
    }
  });

const frame = () => new Promise((resolve) => nextFrame(resolve));
/** Runs right behind the current task: before timers that are due, which is where views put what may come later. */
const afterTask = (react) => scheduler.postTask(() => react(performance.now()), { priority: "user-blocking" });
/** Resolves when the next frame has been painted: a task queued within it runs right behind. */
const painted = () => new Promise((resolve) => nextFrame(() => afterTask(resolve)));

/** When the page came to rest: the end of the last frame that took longer than two refreshes. */
async function settled(since) {
  let busyUntil = since;
  let last = performance.now();
  for (let calm = 0; calm < CALM_FRAMES; ) {
    await frame();
    const now = performance.now();
    if (now - last > CALM_MS) {
      busyUntil = now;
      calm = 0;
    } else calm++;
    last = now;
  }
  return busyUntil;
}

const root = () => document.querySelector(".xpubreak").shadowRoot;

function modelOf(state, asked) {
  const listeners = {};
  const tell = (event, ...args) => (listeners[event] || []).slice().forEach((listener) => listener(...args));
  return {
    get: (key) => state[key],
    set(key, value) {
      state[key] = value;
      tell(`change:${key}`);
    },
    save_changes() {},
    on: (event, listener) => (listeners[event] ||= []).push(listener),
    off: (event, listener) => {
      listeners[event] = (listeners[event] || []).filter((one) => one !== listener);
    },
    send: ({ ask }) => asked(ask, tell),
  };
}

class Bench {
  #blobs = {};
  #metas = {};
  #waiting = {};
  #model;

  /** Fetch what a kernel would send; nothing of this is measured. */
  async load() {
    const fetched = async (name) => (await fetch(`/${name}`)).arrayBuffer();
    for (const name of ["data", "events", "bokehjs", ...LATER]) this.#blobs[name] = await fetched(name);
    for (const name of ["data", "events"]) {
      this.#metas[name] = JSON.parse(new TextDecoder().decode(await fetched(`${name}.json`)));
    }
    await import("/runtime.js"); // parsing the code is no part of showing a breakdown: a kernel does it once
  }

  /** Mount the explorer. It asks for its data at once and is left waiting. */
  async mount(parts) {
    const { default: runtime } = await import("/runtime.js");
    const asked = (what, tell) => {
      if (what === "sealed") setTimeout(() => tell("msg:custom", { answer: what, texts: null }, []));
      if (what === "bokehjs" || LATER.includes(what)) setTimeout(() => tell("msg:custom", { answer: what }, [this.#view(what, 0, Infinity)]));
      else this.#waiting[what] = tell;
    };
    const { mount } = runtime.initialize({ model: modelOf({}, asked) });
    const state = { uid: "bench", data: "bench", group: "bench", stamp: "", selection: {}, parts };
    this.#model = modelOf(state, asked);
    const el = document.createElement("div");
    document.body.append(el);
    mount({ model: this.#model, el, signal: new AbortController().signal });
    await frame();
  }

  #view(name, start, end) {
    return new DataView(this.#blobs[name].slice(start, Math.min(end, this.#blobs[name].byteLength)));
  }

  /** Hand an answer over, in parts as the kernel does; the clock starts with the last of them. */
  async arrive(what) {
    while (!this.#waiting[what]) await frame();
    const tell = this.#waiting[what];
    delete this.#waiting[what];
    const size = this.#blobs[what].byteLength;
    const parts = Math.max(1, Math.ceil(size / PART_BYTES));
    let began = 0;
    for (let part = 0; part < parts; part++) {
      const head = { answer: what, part, parts, bytes: size };
      const bytes = this.#view(what, part * PART_BYTES, (part + 1) * PART_BYTES);
      if (part === parts - 1) {
        Object.assign(head, this.#metas[what]);
        await settled(0);
        began = performance.now();
      }
      tell("msg:custom", head, [bytes]);
    }
    let first = 0;
    if (what === "data") {
      while (!root().querySelector(".header, .panel, .filters")) await frame();
      first = await new Promise(afterTask);
    } else {
      await new Promise((resolve) => setTimeout(resolve));
      first = await painted();
    }
    return { painted: first - began, settled: (await settled(first)) - began };
  }

  /** Measure the click that comes next. */
  arm() {
    this.measured = new Promise((resolve) => {
      const start = (event) => {
        const began = event.timeStamp;
        performance.mark("bench began");
        let handled = Number.NaN;
        // The last stop of the last event of a click: every other handler has returned.
        const stop = () => {
          handled = performance.now();
        };
        addEventListener("click", stop, { once: true });
        painted().then(async (first) => {
          performance.mark("bench painted");
          removeEventListener("click", stop);
          resolve({ handled: handled - began, painted: first - began, settled: (await settled(first)) - began });
        });
      };
      addEventListener("pointerup", start, { capture: true, once: true });
    });
  }

  /** Set the selection as Python would, and wait until all views show it. */
  async select(selection) {
    root().activeElement?.blur(); // whoever writes Python has the focus in a cell
    await settled(0);
    await new Promise((resolve) => setTimeout(resolve)); // a message of the kernel comes in a task, not in a frame
    const began = performance.now();
    performance.mark("bench began");
    this.#model.set("selection", selection);
    const handled = performance.now();
    const first = await painted();
    performance.mark("bench painted");
    return { handled: handled - began, painted: first - began, settled: (await settled(first)) - began };
  }

  get selection() {
    return JSON.stringify(this.#model.get("selection"));
  }

  async rest() {
    await settled(0);
  }

  /** Move over an element, one event in each frame; how long frames are, and the code in them. */
  async gesture(selector, kind, frames) {
    const element = root().querySelector(selector);
    if (!element || element.getClientRects().length === 0) return null;
    element.setPointerCapture = () => {}; // made-up pointers cannot be captured
    await settled(0);
    const box = element.getBoundingClientRect();
    const moves = MOVES[kind](element, box, frames);
    const deltas = [];
    const scripts = [];
    let last = await frame();
    for (const move of moves) {
      inFramesMs = 0;
      const began = performance.now();
      move();
      const own = performance.now() - began;
      const now = await frame(); // what the move asked for was drawn in this frame, before us
      deltas.push(now - last);
      scripts.push(own + inFramesMs);
      last = now;
    }
    return { deltas, scripts };
  }

  /** A loop over one column of as many numbers: what this machine and this browser can do. */
  reference(length) {
    const column = new Float64Array(length).map((_, i) => i % 1000);
    const times = [];
    const passes = Math.ceil(1e7 / length); // the clock is coarse
    for (let run = 0; run < 15; run++) {
      const began = performance.now();
      let sum = 0;
      for (let pass = 0; pass < passes; pass++) for (let i = 0; i < length; i++) sum += column[i];
      times.push((performance.now() - began) / passes);
      if (sum < 0) throw new Error("unreachable");
    }
    return times.sort((a, b) => a - b)[7];
  }
}

const wheel = (element, box, x, more) => () =>
  element.dispatchEvent(
    new WheelEvent("wheel", {
      bubbles: true,
      cancelable: true,
      composed: true,
      clientX: box.left + box.width * x,
      clientY: box.top + Math.min(30, box.height / 2),
      ...more,
    }),
  );

const pointer = (element, box, type, x, more = {}) => () =>
  element.dispatchEvent(
    new PointerEvent(type, {
      bubbles: true,
      cancelable: true,
      composed: true,
      pointerId: 1,
      isPrimary: true,
      pointerType: "mouse",
      button: type === "pointermove" ? -1 : 0,
      buttons: type === "pointerup" ? 0 : 1,
      clientX: box.left + box.width * x,
      clientY: box.top + Math.min(30, box.height / 2),
      ...more,
    }),
  );

const zooming = (element, box, frames, by) =>
  Array.from({ length: frames }, (_, i) =>
    wheel(element, box, 0.35 + (0.3 * i) / frames, { deltaY: by, ctrlKey: true }),
  );

const MOVES = {
  /** Deep into it, and out again. */
  zoom: (element, box, frames) => [
    ...zooming(element, box, frames / 2, -40),
    ...zooming(element, box, frames / 2, 40),
  ],
  /** Zoomed in and left there. */
  closer: (element, box, frames) => zooming(element, box, frames, -40),
  out: (element, box, frames) => zooming(element, box, frames, 80),
  drag: (element, box, frames) => [
    pointer(element, box, "pointerdown", 0.5),
    ...Array.from({ length: frames }, (_, i) =>
      pointer(element, box, "pointermove", 0.5 + 0.45 * Math.sin((6 * i) / frames)),
    ),
    pointer(element, box, "pointerup", 0.5),
  ],
  scroll: (element, box, frames) =>
    Array.from({ length: frames }, (_, i) => wheel(element, box, 0.5, { deltaX: i < frames / 2 ? 60 : -60 })),
};

globalThis.bench = new Bench();
