// A button that copies a text as it is in the trace, whole, whatever is shown of it.

import { h } from "./dom";
import { iconOf } from "./icons";

const SAID_MS = 1600;

export function copyButton(text: string, what: string): HTMLButtonElement {
  const label = `Copy ${what}`;
  const button: HTMLButtonElement = h(
    "button",
    { type: "button", class: "icon copy", title: label, "aria-label": label, onclick: () => void copy() },
    iconOf("copy"),
  );
  const say = (words: string, isDone: boolean) => {
    button.title = words;
    button.setAttribute("aria-label", words);
    button.replaceChildren(iconOf(isDone ? "done" : "copy"));
  };
  const copy = async () => {
    const isDone = await copyText(text, button);
    say(isDone ? "Copied" : "The page may not copy", isDone);
    setTimeout(() => say(label, false), SAID_MS);
  };
  return button;
}

/** Pages without https, and some frames, have no clipboard of their own: there the old way may work. */
export async function copyText(text: string, near: HTMLElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const box = h("textarea", { class: "visually-hidden" });
    box.value = text;
    near.after(box);
    box.select();
    const isDone = document.execCommand("copy");
    box.remove();
    near.focus();
    return isDone;
  }
}
