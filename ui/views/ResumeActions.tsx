// Going on with an agent's conversation that has ended: here with the rest of its budget, or in a terminal of one's own.

import { Copy, Play } from "lucide";
import type { VNode } from "preact";
import type { BudgetLineView, ResumeView, SessionView } from "../../server/protocol.ts";
import type { AppModels } from "../app_models.ts";
import { budgetExplanation, raiseLimit, raisesOf, remainingText, rulingLine } from "../budget_lines.ts";
import { limitText, NANO_PER_USD } from "../format_money.ts";
import { Button, IconButton } from "../parts/Button.tsx";
import { Icon } from "../parts/Icon.tsx";
import { Popover } from "../parts/Popover.tsx";

export interface ResumeActionsProps {
  models: AppModels;
  session: SessionView;
  resume: ResumeView;
}

export function ResumeActions({ models, session, resume }: ResumeActionsProps): VNode {
  const { toasts } = models;
  const used = session.budgets?.find((line) => line.remaining <= 0);
  const left = remainingText(session.budgets);
  const ruling = rulingLine(session.budgets);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(resume.command);
    toasts.show({ tone: "success", text: "Resume command copied" });
  };
  return (
    <span class="resume">
      {left && used?.scope !== "conversation" && (
        <span
          class={used === undefined ? "muted" : "tone-text tone-red"}
          title={ruling && budgetExplanation(ruling)}
          data-testid="resume-left"
        >
          {left}
        </span>
      )}
      <IconButton
        icon={Copy}
        label={`Copy the resume command: ${resume.command}`}
        testId="copy-resume"
        onClick={() => void copy()}
      />
      {used?.scope === "conversation"
        ? <ResumeWithMore models={models} session={session} line={used} />
        : (
          <Button
            icon={Play}
            variant="primary"
            disabled={models.actions.busy.value.has(session.id) || used !== undefined}
            title={resumeTitle(resume, used)}
            testId="resume"
            onClick={() => void models.actions.resume(session)}
          >
            Resume
          </Button>
        )}
    </span>
  );
}

/** Its own budget is used up: going on needs a new one. */
function ResumeWithMore(
  { models, session, line }: { models: AppModels; session: SessionView; line: BudgetLineView },
): VNode {
  const inUnit = (amount: number): number => line.unit === "usd" ? amount / NANO_PER_USD : amount;
  const now = { unit: line.unit, limit: inUnit(line.limit), spent: inUnit(line.used) };
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
      {(close) => (
        <div class="resume-more">
          <p>The budget of this conversation is used up. Resume it with a new one:</p>
          <div class="price-actions">
            {raisesOf(line.unit).map((raise) => {
              const limit = raiseLimit(raise, now);
              return (
                <Button
                  key={raise.label}
                  testId="resume-raise"
                  onClick={() => {
                    close();
                    void models.actions.resume(session, { budget: { [line.unit]: limit } });
                  }}
                >
                  {raise.label}: {line.unit === "usd" ? "$" : ""}
                  {limitText(line.unit, limit)}
                </Button>
              );
            })}
          </div>
        </div>
      )}
    </Popover>
  );
}

function resumeTitle(resume: ResumeView, used: BudgetLineView | undefined): string {
  if (used !== undefined) return `The budget of ${used.name} is used up: raise it first`;
  return resume.confirmed
    ? "Go on with this conversation, same options, same budget"
    : "Go on with this conversation; the agent has not confirmed that it can be resumed";
}
