// Code that arrives as text: a module without an address.

export function importCode<T>(code: BlobPart): Promise<T> {
  const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
  return (import(url) as Promise<T>).finally(() => URL.revokeObjectURL(url));
}

/** What a script of a saved copy holds: gzipped, in base64. */
export function heldIn(script: Element | null): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(script?.textContent?.trim() ?? ""), (letter) => letter.charCodeAt(0));
}
