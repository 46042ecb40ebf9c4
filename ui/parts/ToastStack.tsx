// The toasts on screen, in a live region that is always there.

import { CircleAlert, CircleCheck, Info, TriangleAlert, X } from "lucide";
import type { VNode } from "preact";
import type { Toast, Toasts } from "../models/toasts.ts";
import { parseRoute, type Router } from "../router.ts";
import { IconButton } from "./Button.tsx";
import { Icon } from "./Icon.tsx";
import { Link } from "./Link.tsx";

const ICONS = { info: Info, success: CircleCheck, warning: TriangleAlert, error: CircleAlert };

export function ToastStack({ toasts, router }: { toasts: Toasts; router: Router }): VNode {
  return (
    <div class="toasts" role="region" aria-label="Messages" aria-live="polite" data-testid="toasts">
      {toasts.items.value.map((toast) => (
        <ToastCard key={toast.id} toast={toast} toasts={toasts} router={router} />
      ))}
    </div>
  );
}

function ToastCard({ toast, toasts, router }: { toast: Toast; toasts: Toasts; router: Router }): VNode {
  const hold = (): void => toasts.hold(toast.id);
  const release = (): void => toasts.release(toast.id);
  return (
    <div
      class={`toast toast-${toast.tone}`}
      role={toast.tone === "error" ? "alert" : undefined}
      onMouseEnter={hold}
      onMouseLeave={release}
      onFocusIn={hold}
      onFocusOut={release}
    >
      <Icon node={ICONS[toast.tone]} />
      <span class="toast-text">
        {toast.title && <strong>{toast.title}</strong>}
        {toast.text}
      </span>
      {toast.link && (
        <Link
          to={parseRoute(toast.link.path)}
          router={router}
          class="text-link"
          onFollow={() => toasts.dismiss(toast.id)}
        >
          {toast.link.label}
        </Link>
      )}
      <IconButton icon={X} label="Dismiss" onClick={() => toasts.dismiss(toast.id)} />
    </div>
  );
}
