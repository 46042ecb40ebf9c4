// A button that opens a menu; arrow keys move in it.

import type { IconNode } from "lucide";
import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { IconButton } from "./Button.tsx";
import { Icon } from "./Icon.tsx";
import { useOpen } from "./use_open.ts";

export interface MenuItem {
  label: string;
  icon: IconNode;
  onSelect(): void;
  danger?: boolean | undefined;
  disabled?: boolean | undefined;
  /** More about it, for hover. */
  title?: string | undefined;
  testId?: string | undefined;
}

export interface MenuProps {
  icon: IconNode;
  label: string;
  items: readonly MenuItem[];
  testId?: string | undefined;
}

export function Menu({ icon, label, items, testId }: MenuProps): VNode {
  const { open, root, close, onKeyDown } = useOpen();
  return (
    <div class="menu" ref={root} onKeyDown={onKeyDown}>
      <IconButton
        icon={icon}
        label={label}
        expanded={open.value}
        testId={testId}
        onClick={() => {
          open.value = !open.value;
        }}
      />
      {open.value && <MenuList items={items} label={label} onClose={close} />}
    </div>
  );
}

function MenuList(
  { items, label, onClose }: { items: readonly MenuItem[]; label: string; onClose(): void },
): VNode {
  const list = useRef<HTMLDivElement>(null);
  const entries = (): HTMLButtonElement[] => [
    ...list.current?.querySelectorAll<HTMLButtonElement>("button:not(:disabled)") ?? [],
  ];
  useEffect(() => entries()[0]?.focus(), []);
  const move = (event: KeyboardEvent): void => {
    const by = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (by === 0) return;
    event.preventDefault();
    const all = entries();
    const at = all.findIndex((entry) => entry === document.activeElement);
    all[(at + by + all.length) % all.length]?.focus();
  };
  return (
    <div class="menu-list" role="menu" aria-label={label} ref={list} onKeyDown={move}>
      {items.map((item) => (
        <button
          key={item.label}
          type="button"
          role="menuitem"
          tabIndex={-1}
          class={item.danger ? "menu-item menu-item-danger" : "menu-item"}
          disabled={item.disabled}
          title={item.title}
          data-testid={item.testId}
          onClick={() => {
            onClose();
            item.onSelect();
          }}
        >
          <Icon node={item.icon} />
          {item.label}
        </button>
      ))}
    </div>
  );
}
