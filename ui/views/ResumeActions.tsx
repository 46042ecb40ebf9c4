// Going on with an agent's conversation that has ended: here with the rest of its budget, or in a terminal of one's own.

import { Copy, Play } from "lucide";
import type { VNode } from "preact";
import type { BudgetLineView, ResumeRequest, ResumeView, SessionView } from "../../server/protocol.ts";
import type { AppModels } from "../app_models.ts";
import { budgetExplanation, budgetUse, remainingText, rulingLine } from "../budget_lines.ts";
import { Button, IconButton } from "../parts/Button.tsx";
import { Icon } from "../parts/Icon.tsx";
import { Popover } from "../parts/Popover.tsx";
import { limitsInTheWay, resumeRaises } from "../resume_raises.ts";

export interface ResumeActionsProps {
  models: AppModels;
  session: SessionView;
  resume: ResumeView;
}

export function ResumeActions({ models, session, resume }: ResumeActionsProps): VNode {
  const { toasts } = models;
  const isUsedUp = limitsInTheWay(session).length > 0;
  const left = remainingText(session.budgets);
  const ruling = rulingLine(session.budgets);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(resume.command);
    toasts.show({ tone: "success", text: "Resume command copied" });
  };
  return (
    <span class="resume">
      {left && !isUsedUp && ruling?.scope !== "conversation" && (
        <span class="muted" title={ruling && budgetExplanation(ruling)} data-testid="resume-left">
          {left}
        </span>
      )}
      <IconButton
        icon={Copy}
        label={`Copy the resume command: ${resume.command}`}
        testId="copy-resume"
        onClick={() => void copy()}
      />
      {isUsedUp ? <ResumeWithMore models={models} session={session} /> : (
        <Button
          icon={Play}
          variant="primary"
          disabled={models.actions.busy.value.has(session.id)}
          title={resumeTitle(resume)}
          testId="resume"
          onClick={() => void models.actions.resume(session)}
        >
          Resume
        </Button>
      )}
    </span>
  );
}

/** Limits are in the way: going on needs new ones, of all that are. */
function ResumeWithMore({ models, session }: Pick<ResumeActionsProps, "models" | "session">): VNode {
  return (
    <Popover
      label="Resume with a new budget"
      align="end"
      buttonClass="button button-primary"
      testId="resume"
      button={
        <>
          <Icon node={Play} />
          <span>Resume…</span>
        </>
      }
    >
      {(close) => <Raises models={models} session={session} close={close} />}
    </Popover>
  );
}

interface RaisesProps extends Pick<ResumeActionsProps, "models" | "session"> {
  close(): void;
}

function Raises({ models, session, close }: RaisesProps): VNode {
  const lines = limitsInTheWay(session);
  const resume = (request?: ResumeRequest): void => {
    close();
    void models.actions.resume(session, request);
  };
  return (
    <div class="resume-more">
      <p>{whatIsInTheWay(lines)}</p>
      <ul class="resume-limits">
        {lines.map((line) => <li key={`${line.budgetId} ${line.unit}`}>{budgetUse(line)}</li>)}
      </ul>
      <p>Raise {lines.length > 1 ? "all of them" : "it"} and resume:</p>
      <div class="price-actions">
        {resumeRaises(session).map(({ label, limits, request }) => (
          <Button
            key={label}
            testId="resume-raise"
            title={`New limits: ${limits.join("; ")}`}
            onClick={() => resume(request)}
          >
            {label} → {limits.join(" · ")}
          </Button>
        ))}
        {lines.every(({ remaining }) => remaining > 0) && (
          <Button variant="ghost" onClick={() => resume()}>With what is left</Button>
        )}
      </div>
    </div>
  );
}

function whatIsInTheWay(lines: readonly BudgetLineView[]): string {
  if (lines.some(({ remaining }) => remaining > 0)) return "It was stopped because too little was left:";
  return lines.length > 1 ? "These limits are used up:" : "This limit is used up:";
}

function resumeTitle(resume: ResumeView): string {
  return resume.confirmed
    ? "Go on with this conversation, same options, same budget"
    : "Go on with this conversation; the agent has not confirmed that it can be resumed";
}
