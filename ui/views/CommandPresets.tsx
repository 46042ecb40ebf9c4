// Commands at one click: the agents this program knows, and a plain shell. Missing agents say how to get them.

import { SquareTerminal } from "lucide";
import type { VNode } from "preact";
import type { AgentView } from "../../server/protocol.ts";
import type { LaunchForm } from "../models/launch.ts";
import { Icon } from "../parts/Icon.tsx";
import { KindIcon } from "../parts/SessionMarks.tsx";

export function CommandPresets(
  { launch, agents }: { launch: LaunchForm; agents: readonly AgentView[] },
): VNode {
  const named = launch.commandProblem.value === undefined ? undefined : launch.check.value?.command.kind;
  const missing = agents.filter((agent) => agent.path === undefined && agent.kind !== named);
  return (
    <>
      <ul class="chips" aria-label="Common commands">
        {agents.filter((agent) => agent.path !== undefined).map((agent) => (
          <li key={agent.kind}>
            <button
              type="button"
              class="pick"
              title={agent.path}
              data-testid={`preset-${agent.kind}`}
              onClick={() => launch.setField("command", agent.command)}
            >
              <KindIcon kind={agent.kind} size={14} />
              {agent.name}
            </button>
          </li>
        ))}
        <li>
          <button
            type="button"
            class="pick"
            data-testid="preset-shell"
            onClick={() => launch.setField("command", "bash")}
          >
            <Icon node={SquareTerminal} size={14} />
            bash
          </button>
        </li>
      </ul>
      {missing.map((agent) => (
        <p key={agent.kind} class="field-note" data-testid={`missing-${agent.kind}`}>
          {agent.name} is not installed here. To get it: <code>{agent.install}</code>
        </p>
      ))}
    </>
  );
}
