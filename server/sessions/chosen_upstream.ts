// The proxy that was chosen for a session's gated calls, as its launch has stored it.
import type { SessionRow } from "../store/sessions.ts";

/** Undefined where the calls go to wherever the agent would send them. */
export function chosenUpstreamOf({ gateway }: Pick<SessionRow, "gateway">): string | undefined {
  return gateway === null ? undefined : (JSON.parse(gateway) as { chosen?: string }).chosen;
}
