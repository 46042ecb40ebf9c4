// Tells when the pointer drags nothing in an element: rows must not move under a selection or scroll bar that is held.

export class PointerHold {
  readonly #listening = new AbortController();
  #isHeld = false;
  #waiting: (() => void)[] = [];

  constructor(element: HTMLElement) {
    const { signal } = this.#listening;
    element.addEventListener("pointerdown", () => this.#isHeld = true, { capture: true, signal });
    for (const end of ["pointerup", "pointercancel"]) {
      globalThis.addEventListener(end, () => this.#release(), { capture: true, signal });
    }
  }

  /** Resolves at once when nothing is held. */
  released(): Promise<void> {
    if (!this.#isHeld) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  dispose(): void {
    this.#listening.abort();
    this.#release();
  }

  #release(): void {
    this.#isHeld = false;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
