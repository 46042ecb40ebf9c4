// Room for a table that may be wider than the page: it scrolls by itself, also by key.

import type { ComponentChildren, VNode } from "preact";

export function TableScroll({ label, children }: { label: string; children: ComponentChildren }): VNode {
  return (
    <div class="table-scroll" role="region" aria-label={label} tabIndex={0}>
      {children}
    </div>
  );
}
