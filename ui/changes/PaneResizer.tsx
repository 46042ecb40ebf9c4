// The edge of the tree: dragged, or moved with the arrow keys.

import type { VNode } from "preact";
import { type DiffLook, MAX_TREE_PX, MIN_TREE_PX } from "../models/diff_look.ts";

const KEY_PX = 16;

export function PaneResizer({ look }: { look: DiffLook }): VNode {
  const drag = (event: PointerEvent): void => {
    const handle = event.currentTarget;
    if (!(handle instanceof HTMLElement)) return;
    handle.setPointerCapture(event.pointerId);
    const left = handle.parentElement?.getBoundingClientRect().left ?? 0;
    const move = (moved: PointerEvent): void => look.resizeTree(moved.clientX - left);
    handle.addEventListener("pointermove", move);
    handle.addEventListener("lostpointercapture", () => handle.removeEventListener("pointermove", move), {
      once: true,
    });
  };
  return (
    <div
      class="resizer"
      role="separator"
      tabIndex={0}
      aria-label="Width of the file list"
      aria-orientation="vertical"
      aria-valuemin={MIN_TREE_PX}
      aria-valuemax={MAX_TREE_PX}
      aria-valuenow={look.treePx.value}
      onPointerDown={drag}
      onKeyDown={(event) => {
        const by = event.key === "ArrowLeft" ? -KEY_PX : event.key === "ArrowRight" ? KEY_PX : 0;
        if (by !== 0) look.resizeTree(look.treePx.value + by);
      }}
    />
  );
}
