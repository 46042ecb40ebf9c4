// What becomes of running sessions when their user logs out, and what to do so that they go on.
import type { VNode } from "preact";
import type { AfterLogout } from "../../server/protocol.ts";

/** In words, inside of a list of facts. */
export function AfterLogoutFact({ decidedBy, scopeProblem }: AfterLogout): VNode {
  return (
    <>
      <Fate decidedBy={decidedBy} />
      {decidedBy === "login" && scopeProblem === undefined && (
        <>
          ; run <EnableLinger /> once, then start this program again when no session runs
        </>
      )}
      {scopeProblem !== undefined && <>. Your systemd did not take them: {scopeProblem}</>}
    </>
  );
}

function Fate({ decidedBy }: Pick<AfterLogout, "decidedBy">): VNode {
  switch (decidedBy) {
    case "lingering":
      return <>sessions go on: lingering is on, so your systemd stays and holds them</>;
    case "leniency":
      return <>sessions go on: this system leaves what a login started (KillUserProcesses=no)</>;
    case "nothing":
      return <>sessions go on: they belong to no login</>;
    case "last_login":
      return (
        <>
          your last log-out ends sessions; run <EnableLinger />{" "}
          once and sessions go on, those that run now too
        </>
      );
    case "login":
      return <>log-out ends sessions: this system ends what a login started (KillUserProcesses=yes)</>;
    case "unknown":
      return <>not known here: the system may end sessions</>;
  }
}

function EnableLinger(): VNode {
  return <code>loginctl enable-linger</code>;
}
