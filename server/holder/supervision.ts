// Watches whether a server is there: unsupervised sessions are paused after a while, an unneeded holder leaves.

export interface SupervisionOptions {
  isBusy: () => boolean;
  /** No server for a while, and sessions run. */
  onUnsupervised: () => void;
  /** No server for a while, and nothing runs. */
  onUnneeded: () => void;
  /** How long a server may be away; for tests. */
  patienceMs?: number;
}

/** A restart or an upgrade of the server takes less. */
const PATIENCE_MS = 60_000;

export class Supervision {
  readonly #options: SupervisionOptions;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Begins without a client. */
  constructor(options: SupervisionOptions) {
    this.#options = options;
    this.setClients(0);
  }

  setClients(count: number): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (count === 0) this.#wait();
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #wait(): void {
    this.#timer = setTimeout(() => {
      if (!this.#options.isBusy()) return this.#options.onUnneeded();
      this.#options.onUnsupervised();
      this.#wait();
    }, this.#options.patienceMs ?? PATIENCE_MS);
  }
}
