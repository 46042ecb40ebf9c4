// Buttons: with text, and with only an icon that is named for everybody.

import type { IconNode } from "lucide";
import type { ComponentChildren, VNode } from "preact";
import { Icon } from "./Icon.tsx";

export interface ButtonProps {
  children: ComponentChildren;
  onClick?: ((event: MouseEvent) => void) | undefined;
  icon?: IconNode | undefined;
  variant?: "plain" | "primary" | "danger" | "ghost" | undefined;
  type?: "button" | "submit" | undefined;
  disabled?: boolean | undefined;
  title?: string | undefined;
  testId?: string | undefined;
}

export function Button(props: ButtonProps): VNode {
  return (
    <button
      type={props.type ?? "button"}
      class={`button button-${props.variant ?? "plain"}`}
      onClick={props.onClick}
      disabled={props.disabled}
      title={props.title}
      data-testid={props.testId}
    >
      {props.icon && <Icon node={props.icon} />}
      <span>{props.children}</span>
    </button>
  );
}

export interface IconButtonProps {
  icon: IconNode;
  label: string;
  onClick?: ((event: MouseEvent) => void) | undefined;
  /** For toggles. */
  pressed?: boolean | undefined;
  /** For buttons that show or hide something. */
  expanded?: boolean | undefined;
  disabled?: boolean | undefined;
  shortcut?: string | undefined;
  danger?: boolean | undefined;
  testId?: string | undefined;
}

export function IconButton(props: IconButtonProps): VNode {
  return (
    <button
      type="button"
      class={props.danger ? "icon-button icon-button-danger" : "icon-button"}
      aria-label={props.label}
      aria-pressed={props.pressed}
      aria-expanded={props.expanded}
      title={props.shortcut === undefined ? props.label : `${props.label} (${props.shortcut})`}
      onClick={props.onClick}
      disabled={props.disabled}
      data-testid={props.testId}
    >
      <Icon node={props.icon} />
    </button>
  );
}
