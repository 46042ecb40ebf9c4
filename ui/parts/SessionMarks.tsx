// The small marks of a session: what runs in it, and how it is doing. Never by colour alone.

import { Asterisk, Hexagon, SquareTerminal } from "lucide";
import type { VNode } from "preact";
import type { SessionKind, SessionView } from "../../server/protocol.ts";
import { statusOf } from "../session_status.ts";
import { Icon } from "./Icon.tsx";

const KINDS = {
  claude: { icon: Asterisk, name: "Claude Code" },
  codex: { icon: Hexagon, name: "Codex" },
  shell: { icon: SquareTerminal, name: "Shell" },
};

export function kindName(kind: SessionKind): string {
  return KINDS[kind].name;
}

export function KindIcon({ kind, size }: { kind: SessionKind; size?: number | undefined }): VNode {
  return (
    <span class={`kind kind-${kind}`} title={KINDS[kind].name}>
      <Icon node={KINDS[kind].icon} size={size ?? 16} />
      <span class="visually-hidden">{KINDS[kind].name}</span>
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
