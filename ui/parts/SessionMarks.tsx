// The small marks of a session: what runs in it, and how it is doing. Never by colour alone.

import type { VNode } from "preact";
import type { SessionKind, SessionView } from "../../server/protocol.ts";
import { kindName, statusOf } from "../session_status.ts";
import { Icon } from "./Icon.tsx";
import { kindIcon } from "./kind_icons.ts";

export function KindIcon({ kind, size }: { kind: SessionKind; size?: number | undefined }): VNode {
  return (
    <span class={`kind kind-${kind}`} title={kindName(kind)}>
      <Icon node={kindIcon(kind)} size={size ?? 16} />
      <span class="visually-hidden">{kindName(kind)}</span>
    </span>
  );
}

export function StatusDot({ session }: { session: SessionView }): VNode {
  const status = statusOf(session);
  return (
    <span class={`dot tone-${status.tone}`} data-status={status.label} title={status.label}>
      <span class="visually-hidden">{status.label}</span>
    </span>
  );
}

export function StatusChip({ session }: { session: SessionView }): VNode {
  const status = statusOf(session);
  return (
    <span
      class={`chip tone-${status.tone}`}
      data-testid="session-status"
      data-status={status.label}
      title={session.failure}
    >
      <span class="chip-dot" aria-hidden="true" />
      {status.label}
      {status.detail && <span class="chip-detail">{status.detail}</span>}
    </span>
  );
}
