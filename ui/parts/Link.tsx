// A link to a place of the page: a plain click stays in the page, anything else is the browser's.

import type { ComponentChildren, VNode } from "preact";
import { type Route, routePath, type Router } from "../router.ts";

export interface LinkProps {
  to: Route;
  router: Router;
  children: ComponentChildren;
  class?: string | undefined;
  current?: boolean | undefined;
  label?: string | undefined;
  testId?: string | undefined;
  onFollow?: (() => void) | undefined;
}

/** Whether a click is one that the page handles itself. */
export function isPlainClick(event: MouseEvent): boolean {
  return event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
}

export function Link(props: LinkProps): VNode {
  return (
    <a
      href={routePath(props.to)}
      class={props.class}
      aria-current={props.current ? "page" : undefined}
      aria-label={props.label}
      data-testid={props.testId}
      onClick={(event) => {
        if (!isPlainClick(event)) return;
        event.preventDefault();
        props.onFollow?.();
        props.router.go(props.to);
      }}
    >
      {props.children}
    </a>
  );
}
