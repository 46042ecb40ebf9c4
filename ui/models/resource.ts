// A value loaded from the server, with the states a view shows.

import { type ReadonlySignal, signal } from "@preact/signals";
import { errorMessage } from "../api/api_error.ts";

export interface Resource<Value> {
  /** The last loaded value: stays while it is loaded again and after a failure. */
  value: ReadonlySignal<Value | undefined>;
  error: ReadonlySignal<string | undefined>;
  /** Loads, or loads again; the last call wins. Never rejects. */
  load(): Promise<void>;
  /** Puts a value that came another way. */
  set(value: Value): void;
}

/** For use inside of a model. */
export function createResource<Value>(fetch: () => Promise<Value>): Resource<Value> {
  const value = signal<Value | undefined>(undefined);
  const error = signal<string | undefined>(undefined);
  let latest = 0;

  return {
    value,
    error,
    async load(): Promise<void> {
      const call = ++latest;
      try {
        const loaded = await fetch();
        if (call !== latest) return;
        value.value = loaded;
        error.value = undefined;
      } catch (thrown) {
        if (call === latest) error.value = errorMessage(thrown);
      }
    },
    set(next: Value): void {
      latest++;
      value.value = next;
      error.value = undefined;
    },
  };
}
