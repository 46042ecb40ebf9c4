// A row of tabs, each with its own address; arrow keys move between them.

import type { VNode } from "preact";
import { type Route, routePath, type Router } from "../router.ts";
import { isPlainClick } from "./Link.tsx";

export interface TabItem {
  id: string;
  label: string;
  route: Route;
}

export interface TabsProps {
  label: string;
  items: readonly TabItem[];
  selected: string;
  router: Router;
}

export function tabId(id: string): string {
  return `tab-${id}`;
}

export function tabPanelId(id: string): string {
  return `panel-${id}`;
}

export function Tabs({ label, items, selected, router }: TabsProps): VNode {
  const move = (event: KeyboardEvent): void => {
    const by = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    const at = items.findIndex((item) => item.id === selected);
    const next = items[(at + by + items.length) % items.length];
    if (by === 0 || next === undefined) return;
    event.preventDefault();
    router.go(next.route);
    document.getElementById(tabId(next.id))?.focus();
  };
  return (
    <div class="tabs" role="tablist" aria-label={label} onKeyDown={move}>
      {items.map((item) => (
        <a
          key={item.id}
          id={tabId(item.id)}
          role="tab"
          class="tab"
          href={routePath(item.route)}
          aria-selected={item.id === selected}
          aria-controls={item.id === selected ? tabPanelId(item.id) : undefined}
          tabIndex={item.id === selected ? 0 : -1}
          data-testid={`tab-${item.id}`}
          onClick={(event) => {
            if (!isPlainClick(event)) return;
            event.preventDefault();
            router.go(item.route);
          }}
        >
          {item.label}
        </a>
      ))}
    </div>
  );
}
