// Who carries out a shortcut right now: views register while they are on screen, the newest one wins.

import type { ShortcutId } from "./shortcuts.ts";

export class Commands {
  readonly #handlers = new Map<ShortcutId, (() => void)[]>();

  /** Returns the function that takes the handler away again. */
  register(id: ShortcutId, handler: () => void): () => void {
    const handlers = this.#handlers.get(id) ?? [];
    this.#handlers.set(id, [...handlers, handler]);
    return () => {
      this.#handlers.set(id, (this.#handlers.get(id) ?? []).filter((each) => each !== handler));
    };
  }

  /** Whether anybody would do it. */
  has(id: ShortcutId): boolean {
    return (this.#handlers.get(id)?.length ?? 0) > 0;
  }

  /** Returns whether anybody did it. */
  run(id: ShortcutId): boolean {
    const handler = this.#handlers.get(id)?.at(-1);
    handler?.();
    return handler !== undefined;
  }
}
