// Going on with an agent's conversation that has ended: here with the rest of its budget, or in a terminal of one's own.

import { Copy, Play } from "lucide";
import type { VNode } from "preact";
import type { ResumeView, SessionView } from "../../server/protocol.ts";
import type { AppModels } from "../app_models.ts";
import { remainingText } from "../budget_lines.ts";
import { Button, IconButton } from "../parts/Button.tsx";

export interface ResumeActionsProps {
  models: AppModels;
  session: SessionView;
  resume: ResumeView;
}

export function ResumeActions({ models, session, resume }: ResumeActionsProps): VNode {
  const { actions, toasts } = models;
  const left = remainingText(session.budgets);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(resume.command);
    toasts.show({ tone: "success", text: "Resume command copied" });
  };
  return (
    <span class="resume">
      {left && <span class={left.isUsedUp ? "tone-text tone-red" : "muted"}>{left.text}</span>}
      <IconButton
        icon={Copy}
        label={`Copy the resume command: ${resume.command}`}
        testId="copy-resume"
        onClick={() => void copy()}
      />
      <Button
        icon={Play}
        variant="primary"
        disabled={actions.busy.value.has(session.id)}
        title={resume.confirmed
          ? "Go on with this conversation, same options, same budget"
          : "Go on with this conversation; the agent has not confirmed that it can be resumed"}
        testId="resume"
        onClick={() => void actions.resume(session)}
      >
        Resume
      </Button>
    </span>
  );
}
