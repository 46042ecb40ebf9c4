// A lucide icon as an inline SVG of 16 pixels; decorative, its control carries the name.

import type { IconNode } from "lucide";
import { createElement, type VNode } from "preact";

export function Icon({ node, size = 16 }: { node: IconNode; size?: number }): VNode {
  return (
    <svg
      class="icon"
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      stroke-width="2"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      {node.map(([tag, attributes], index) => createElement(tag, { key: index, ...attributes }))}
    </svg>
  );
}
