// Small numbers for pairs of integers, in order of first appearance. Typed arrays and open addressing: a million
// look-ups take some tens of milliseconds, a map with text keys takes ten times as long.

const EMPTY = -1;

export class PairIds {
  private first = new Int32Array(64);
  private second = new Int32Array(64);
  private slots = new Int32Array(128).fill(EMPTY);
  size = 0;

  /** The number of a pair, a new one where it has none. */
  of(a: number, b: number): number {
    const { slots } = this;
    const mask = slots.length - 1;
    let slot = mixed(a, b) & mask;
    for (;;) {
      const id = slots[slot];
      if (id === EMPTY) break;
      if (this.first[id] === a && this.second[id] === b) return id;
      slot = (slot + 1) & mask;
    }
    const id = this.size++;
    if (id === this.first.length) this.grow();
    this.first[id] = a;
    this.second[id] = b;
    if (this.size * 2 > this.slots.length) this.rehash();
    else slots[slot] = id;
    return id;
  }

  /** First halves of the pairs, by their number. */
  get firsts(): Int32Array {
    return this.first.subarray(0, this.size);
  }

  get seconds(): Int32Array {
    return this.second.subarray(0, this.size);
  }

  private grow(): void {
    const [first, second] = [this.first, this.second];
    this.first = new Int32Array(first.length * 2);
    this.second = new Int32Array(first.length * 2);
    this.first.set(first);
    this.second.set(second);
  }

  private rehash(): void {
    const slots = new Int32Array(this.slots.length * 2).fill(EMPTY);
    const mask = slots.length - 1;
    for (let id = 0; id < this.size; id++) {
      let slot = mixed(this.first[id], this.second[id]) & mask;
      while (slots[slot] !== EMPTY) slot = (slot + 1) & mask;
      slots[slot] = id;
    }
    this.slots = slots;
  }
}

/** Neighbouring numbers must not land in neighbouring slots: the finaliser of MurmurHash3. */
function mixed(a: number, b: number): number {
  let hash = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca77);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
