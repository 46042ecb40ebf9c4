// Turns a launch or a resume into what is stored and what is started: plan, budget, the agent's own additions.
import type { AgentLauncher, AgentSetup } from "../agents/launcher.ts";
import { AppError } from "../errors.ts";
import type { SpawnCall } from "../holder/api.ts";
import type { MoneyDesk } from "../money/money_desk.ts";
import type { LaunchRequest, Limits, ResumeRequest } from "../protocol.ts";
import type { NewSession, SessionRow } from "../store/sessions.ts";
import { chosenUpstreamOf } from "./chosen_upstream.ts";
import type { LaunchPlan, LaunchPlanner } from "./launch.ts";
import { resumeCommandOf } from "./resume.ts";

export interface StartsOptions {
  planner: LaunchPlanner;
  launcher: AgentLauncher;
  money: Pick<MoneyDesk, "open" | "changeAbove">;
  newId: () => string;
  now: () => number;
}

export interface Start {
  row: NewSession;
  spawn: SpawnCall;
}

/** What a start is wished to be like, beyond its plan. */
interface Wish extends Pick<LaunchRequest, "title" | "cols" | "rows" | "additions" | "atLimit" | "upstream"> {
  conversationId: string;
  resumedFrom?: string;
  budget?: Partial<Limits>;
}

/** Size of a terminal until a page says how large it is. */
const DEFAULT_SIZE = { cols: 120, rows: 30 };

export class Starts {
  readonly #options: StartsOptions;

  constructor(options: StartsOptions) {
    this.#options = options;
  }

  /** A new conversation. Throws `invalid` for bad input, `conflict` when nothing may be spent. */
  launch(request: LaunchRequest): Start {
    const plan = this.#options.planner.plan(request);
    return this.#prepare(plan, { ...request, conversationId: this.#options.newId() });
  }

  /** Another session of the same conversation. Throws `conflict` where there is nothing to go on with. */
  resume(row: SessionRow, request: ResumeRequest): Start {
    if (row.lifecycle !== "ended") throw new AppError("conflict", "Cannot resume a running session");
    if (row.resumeCommand === null) {
      throw new AppError("conflict", "Cannot resume: the agent named no conversation to go on with");
    }
    const plan = this.#options.planner.plan({ cwd: row.cwd, command: row.resumeCommand });
    const { above = [], ...wish } = request;
    const upstream = chosenUpstreamOf(row);
    this.#options.money.changeAbove(row, above);
    return this.#prepare(plan, {
      cols: row.cols,
      rows: row.rows,
      ...wish,
      conversationId: row.conversationId,
      resumedFrom: row.id,
      ...(row.title === null ? {} : { title: row.title }),
      ...(row.additions === null ? {} : { additions: JSON.parse(row.additions) }),
      ...(upstream === undefined ? {} : { upstream }),
      atLimit: row.atLimit,
    });
  }

  #prepare(plan: LaunchPlan, wish: Wish): Start {
    const { launcher, newId } = this.#options;
    const id = newId();
    const isBudgeted = this.#openBudget(plan, wish);
    const setup = launcher.prepare(plan, {
      sessionId: id,
      switches: wish.additions ?? {},
      isBudgeted,
      holds: wish.atLimit === "hold",
      ...(wish.upstream === undefined ? {} : { upstream: wish.upstream }),
    });
    const size = { cols: wish.cols ?? DEFAULT_SIZE.cols, rows: wish.rows ?? DEFAULT_SIZE.rows };
    const { argv, env } = setup;
    return {
      row: { ...this.#describe(plan, { wish, setup }), id, ...size },
      // Without this program a gated session spends nothing: its calls find nobody who answers.
      spawn: {
        session: id,
        argv,
        cwd: plan.cwd,
        env,
        ...size,
        pauseUnsupervised: isBudgeted && setup.gateway === undefined,
      },
    };
  }

  #openBudget(plan: LaunchPlan, { conversationId, resumedFrom, budget }: Wish): boolean {
    const { root = null, name = null } = plan.repository ?? {};
    const isResumed = resumedFrom !== undefined;
    const where = { conversationId, repositoryRoot: root, repositoryName: name };
    return this.#options.money.open({ ...where, kind: plan.kind, isResumed }, budget);
  }

  #describe(
    { kind, command, cwd, repository }: LaunchPlan,
    { wish, setup }: { wish: Wish; setup: AgentSetup },
  ): Omit<NewSession, "id" | "cols" | "rows"> {
    const { conversationId, resumedFrom, additions, title, atLimit } = wish;
    const { agentSessionId } = setup;
    const resumeCommand = agentSessionId === undefined || kind === "shell"
      ? undefined
      : resumeCommandOf(command, { kind, agentSessionId, launcher: this.#options.launcher });
    return {
      ...{ conversationId, kind, command, cwd, repository },
      title: title?.trim() || undefined,
      createdAtMs: this.#options.now(),
      hasPlan: setup.signIn?.state === "subscription",
      hasTelemetry: setup.additions.some(({ id, on }) => id === "telemetry" && on),
      ...(resumedFrom === undefined ? {} : { resumedFrom }),
      ...(additions === undefined ? {} : { additions: JSON.stringify(additions) }),
      ...(setup.gateway === undefined ? {} : { gateway: JSON.stringify(setup.gateway) }),
      ...(atLimit === undefined ? {} : { atLimit }),
      ...(agentSessionId === undefined ? {} : { agentSessionId }),
      ...(resumeCommand === undefined ? {} : { resumeCommand }),
    };
  }
}
