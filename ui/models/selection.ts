// Which rows of the session list are chosen, for doing one thing to several.

import { createModel, signal } from "@preact/signals";

export const SelectionModel = createModel(() => {
  const ids = signal<ReadonlySet<string>>(new Set());
  let anchor: string | undefined;

  return {
    ids,
    /** Chooses or unchooses one. */
    toggle(id: string): void {
      const next = new Set(ids.value);
      if (!next.delete(id)) next.add(id);
      anchor = id;
      ids.value = next;
    },
    /** Chooses everything from the row chosen last to this one, in the order shown. */
    extendTo(id: string, order: readonly string[]): void {
      const from = order.indexOf(anchor ?? id);
      const to = order.indexOf(id);
      const range = order.slice(Math.min(from, to), Math.max(from, to) + 1);
      ids.value = new Set([...ids.value, ...range]);
    },
    clear(): void {
      ids.value = new Set();
      anchor = undefined;
    },
  };
});

export type Selection = InstanceType<typeof SelectionModel>;
