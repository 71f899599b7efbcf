// The whole screen for one explorer; where the page may not have it, the whole window.

export class FullScreen {
  private isOverlay = false;

  constructor(
    /** The element outside of the shadow root. */
    private readonly anchor: HTMLElement,
    private readonly signal: AbortSignal,
    private readonly changed: (isOn: boolean) => void,
  ) {
    document.addEventListener("fullscreenchange", () => this.show(), { signal });
    addEventListener("keydown", (event) => this.leaveOn(event), { signal });
    signal.addEventListener("abort", () => {
      if (this.isNative) document.exitFullscreen().catch(() => {});
    });
  }

  get isOn(): boolean {
    return this.isOverlay || this.isNative;
  }

  async toggle(): Promise<void> {
    if (this.isNative) await document.exitFullscreen();
    else if (this.isOverlay) this.cover(false);
    else {
      try {
        await this.anchor.requestFullscreen();
      } catch {
        // Frames need to be allowed to; some pages and browsers never are.
        if (!this.signal.aborted) this.cover(true);
      }
    }
  }

  /** Escape leaves the overlay, as the browser has it leave the real full screen. */
  leaveOn(event: KeyboardEvent): void {
    if (event.key !== "Escape" || !this.isOverlay || event.defaultPrevented) return;
    event.preventDefault();
    event.stopPropagation();
    this.cover(false);
  }

  private get isNative(): boolean {
    return (this.anchor.getRootNode() as Document | ShadowRoot).fullscreenElement === this.anchor;
  }

  /** The top layer covers the page whatever the cells around the explorer cut off. */
  private cover(isOn: boolean): void {
    const { anchor } = this;
    this.isOverlay = isOn;
    if (isOn) {
      anchor.setAttribute("popover", "manual");
      anchor.showPopover?.();
    } else {
      if (anchor.matches(":popover-open")) anchor.hidePopover();
      anchor.removeAttribute("popover");
    }
    this.show();
  }

  private show(): void {
    const { anchor, isOn } = this;
    if (anchor.classList.contains("full") === isOn) return;
    anchor.classList.toggle("full", isOn);
    this.changed(isOn);
    if (!isOn) anchor.scrollIntoView({ block: "nearest" });
  }
}
