// What the build wraps around each part that comes later: bundle/parts.mjs.

/** Called once by the part's code. */
declare function OFFER(part: import("../views/later").LaterPart): void;

/** What parts take from the core, by name: bundle/parts.mjs finds out what that is. */
declare module "xpubreak:core" {
  const core: Record<string, unknown>;
  export default core;
}

/** Tells the sources that a bundle was made of: a part and a core of different ones must not meet. */
declare const BUILD: string;
