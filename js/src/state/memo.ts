// Results by the objects they were computed from: kept for as long as those live, forgotten with them.

interface Place<T> {
  value?: T;
  next: WeakMap<object, Place<T>>;
}

export class Memo<T> {
  private readonly root: Place<T> = { next: new WeakMap() };

  of(keys: readonly object[], compute: () => T): T {
    let place = this.root;
    for (const key of keys) {
      let next = place.next.get(key);
      if (!next) {
        next = { next: new WeakMap() };
        place.next.set(key, next);
      }
      place = next;
    }
    if (place.value === undefined) place.value = compute();
    return place.value;
  }
}
