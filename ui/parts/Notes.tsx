// What a view shows in place of content: an error with a way on, nothing yet, or the shape of what comes.

import { CircleAlert, RotateCw } from "lucide";
import type { ComponentChildren, VNode } from "preact";
import { Button } from "./Button.tsx";
import { Icon } from "./Icon.tsx";

export function ErrorNote(
  { what, error, onRetry }: { what: string; error: string; onRetry?: (() => void) | undefined },
): VNode {
  return (
    <div class="note note-error" role="alert">
      <Icon node={CircleAlert} />
      <div class="note-text">
        <strong>{what}</strong>
        <span>{error}</span>
      </div>
      {onRetry && <Button icon={RotateCw} onClick={onRetry}>Try again</Button>}
    </div>
  );
}

/** In the place of what is not loaded: its shape while it comes, or why it does not. */
export function NotLoaded(
  { rows, what, error, onRetry }: {
    rows: number;
    /** A sentence for when it failed. */
    what: string;
    error: string | undefined;
    onRetry: () => void;
  },
): VNode {
  return error === undefined
    ? <SkeletonRows count={rows} />
    : <ErrorNote what={what} error={error} onRetry={onRetry} />;
}

export function EmptyNote({ title, children }: { title: string; children?: ComponentChildren }): VNode {
  return (
    <div class="note-empty">
      <strong>{title}</strong>
      {children}
    </div>
  );
}

/** Grey bars in the place of rows; they appear only when loading takes noticeably long. */
export function SkeletonRows({ count }: { count: number }): VNode {
  return (
    <div class="skeleton" role="status" aria-label="Loading">
      {Array.from({ length: count }, (_, index) => (
        <div key={index} class="skeleton-row">
          <span />
          <span />
        </div>
      ))}
    </div>
  );
}
