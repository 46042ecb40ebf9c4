// What becomes of running sessions when their user logs out, and what to do so that they go on.
import type { VNode } from "preact";
import type { AfterLogout } from "../../server/protocol.ts";

const KEEP = <code>loginctl enable-linger</code>;

const FATES: Record<AfterLogout["decidedBy"], VNode> = {
  lingering: <>sessions go on: lingering is on, so your systemd stays and holds them</>,
  leniency: <>sessions go on: this system leaves what a login started (KillUserProcesses=no)</>,
  nothing: <>sessions go on: they belong to no login</>,
  last_login: <>your last log-out ends sessions; run {KEEP} once and sessions go on, those that run now too
  </>,
  login: <>log-out ends sessions: this system ends what a login started (KillUserProcesses=yes)</>,
  unknown: <>not known here: the system may end sessions</>,
};

/** In words, inside of a list of facts. */
export function AfterLogoutFact({ decidedBy, scopeProblem }: AfterLogout): VNode {
  return (
    <>
      {FATES[decidedBy]}
      {decidedBy === "login" && scopeProblem === undefined && (
        <>; run {KEEP} once, then start this program again when no session runs</>
      )}
      {scopeProblem !== undefined && <>. Your systemd did not take them: {scopeProblem}</>}
    </>
  );
}
