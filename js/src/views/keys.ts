// What a key means in a view.

/** A letter means the same with Caps Lock and with Shift. */
export function actionOf<A>(event: KeyboardEvent, actions: Record<string, A>): A | null {
  const { key } = event;
  return event.ctrlKey || event.metaKey || event.altKey
    ? null
    : (actions[key.length === 1 ? key.toLowerCase() : key] ?? null);
}
