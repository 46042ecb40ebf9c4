// All sessions' usage: watches the running ones, takes what agents post, and closes the books of those that end.
import { findResumeHint } from "../agents/resume_hint.ts";
import type { Clock } from "../clock.ts";
import { errorText } from "../errors.ts";
import type { HolderApi, HolderEvent } from "../holder/api.ts";
import type { Log } from "../log.ts";
import type { Reading } from "../money/ledger.ts";
import type { MoneyDesk } from "../money/money_desk.ts";
import type { Sessions } from "../sessions/sessions.ts";
import type { LedgerTable } from "../store/ledger.ts";
import type { SessionRow, SessionTable } from "../store/sessions.ts";
import { readFailure, readHook } from "./hook_event.ts";
import { MeteredSession, ownerOf } from "./metered_session.ts";
import { OtlpReceiver } from "./otlp_receiver.ts";
import type { Seeker } from "./rollout_match.ts";
import { UncountedSessions } from "./uncounted_sessions.ts";

export interface MeteringOptions extends Pick<Clock, "now" | "wait"> {
  holder: HolderApi;
  sessions: Pick<Sessions, "get" | "setActivity" | "setResume" | "addMarker">;
  table: SessionTable;
  ledger: LedgerTable;
  money: MoneyDesk;
  /** What agents report can be priced. */
  pricesReady: () => Promise<void>;
  /** Where a session's agent keeps its files. */
  agentHomeOf: (session: SessionRow) => string;
  log: Log;
}

/** Of Codex: Claude's transcript and telemetry have what there was of a cut answer. */
const UNSEEN = "A turn was interrupted. If an answer was under way, nobody is told what it cost";
const TICK_EVERY_MS = 200;
/** What an agent writes or posts in its last moments arrives within this. */
const LATE_NEWS_MS = 1500;
/** The holder stores a session's last screen a moment after its end. */
const LAST_SCREEN_TRIES = 10;

export class Metering {
  readonly #options: MeteringOptions;
  readonly #receiver: OtlpReceiver;
  readonly #uncounted: UncountedSessions;
  readonly #metered = new Map<string, MeteredSession>();
  readonly #claims = new Map<string, string>();
  readonly #seekers = new Set<Seeker>();
  readonly #finishing = new Map<string, Promise<void>>();
  #timer: ReturnType<typeof setInterval> | undefined;
  #ticking = false;
  #closed = false;

  constructor(options: MeteringOptions) {
    this.#options = options;
    this.#uncounted = new UncountedSessions({
      ...options,
      isLimited: (session) => options.money.budgets.applies(session),
      isPaused: (id) => options.sessions.get(id).paused,
    });
    this.#receiver = new OtlpReceiver({
      ...options,
      onCalls: (id, calls) => {
        const session = options.table.get(id);
        if (session) this.#record(session, { calls });
      },
      onAgentSessions: (id, agentSessions) => this.#addAgentSessions(id, agentSessions),
    });
  }

  /** Begins to look at sessions by itself. */
  start(): void {
    this.#timer = setInterval(() => void this.tick(), TICK_EVERY_MS);
  }

  /** A session has changed: one that starts is watched, one that has ended is closed. */
  sessionChanged(id: string): void {
    const session = this.#options.table.get(id);
    if (!session || this.#closed) return;
    if (session.lifecycle === "starting" && !this.#metered.has(id)) this.#watch(session).noteBaseline();
    else if (session.lifecycle === "ended") this.#finish(session);
  }

  /** Watches whatever is not known to have ended; called before that is found out, so that those are closed too. */
  adopt(): void {
    for (const session of this.#options.table.listLive()) {
      if (!this.#metered.has(session.id)) this.#watch(session);
    }
  }

  handle(event: HolderEvent): void {
    if (event.type === "grown") this.#metered.get(event.session)?.grown(event.offset);
  }

  addInput(id: string, bytes: Uint8Array): void {
    this.#metered.get(id)?.addInput(bytes);
  }

  /** Takes the body of a `/v1/logs` request. Throws `rate_limited`. */
  receiveLogs(sessionId: string, body: unknown): void {
    this.#receiver.receiveLogs(sessionId, body);
  }

  /** Takes the body of a hook. */
  receiveHook(sessionId: string, body: unknown): void {
    const { activity, question, agentSessionId } = readHook(body);
    if (activity) {
      this.#options.sessions.setActivity(sessionId, {
        activity,
        ...(question === undefined ? {} : { question }),
      });
    }
    if (agentSessionId) this.#noteAgentSession(sessionId, agentSessionId);
  }

  /** Looks at every session whose turn it is. */
  async tick(): Promise<void> {
    if (this.#ticking) return;
    this.#ticking = true;
    try {
      await Promise.all([...this.#metered].map(([id, metered]) => this.#supervise(id, metered.tick())));
    } finally {
      this.#ticking = false;
    }
  }

  /** Resolves when the books of all ended sessions are closed. */
  async finished(): Promise<void> {
    await Promise.all(this.#finishing.values());
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#timer);
  }

  #watch(session: SessionRow): MeteredSession {
    const { money, ledger, agentHomeOf } = this.#options;
    const metered = new MeteredSession({
      ...this.#options,
      session,
      agentHome: agentHomeOf(session),
      claims: this.#claims,
      seekers: this.#seekers,
      getState: (name) => ledger.getState(name),
      record: (reading) => this.#record(session, reading),
      onContext: (context) => money.setContext(session.id, context),
      onInterrupted: () => this.#noteInterruption(session),
      onFailed: (error) => this.#options.sessions.setActivity(session.id, readFailure(error)),
      onAgentSession: (id) => this.#noteAgentSession(session.id, id),
    });
    this.#metered.set(session.id, metered);
    return metered;
  }

  /** Throws what kept it from being stored. */
  #record(session: SessionRow, reading: Reading): void {
    const { money, table } = this.#options;
    try {
      money.ledger.record(ownerOf(session), reading);
    } catch (cause) {
      this.#uncounted.failed(table.get(session.id) ?? session);
      throw cause;
    }
    this.#uncounted.stored(session.id);
  }

  /** The gate sees every answer, also one that is cut off. */
  #noteInterruption({ id, kind, gateway }: SessionRow): void {
    if (kind !== "codex" || gateway !== null) return;
    this.#options.sessions.addMarker(id, { kind: "unseen_answer", text: UNSEEN });
    this.#options.money.tellAgain(id);
  }

  #finish(session: SessionRow): void {
    const { id } = session;
    const metered = this.#metered.get(id);
    if (!metered) return;
    this.#metered.delete(id);
    if (session.startedAtMs === null) return metered.close();
    const work = this.#closeBooks(session, metered).finally(() => this.#finishing.delete(id));
    this.#finishing.set(id, this.#supervise(id, work));
  }

  async #closeBooks(session: SessionRow, metered: MeteredSession): Promise<void> {
    const { holder, sessions, money, wait } = this.#options;
    const { id, recordedBytes } = session;
    try {
      for (let tries = 0; session.kind !== "shell" && tries < LAST_SCREEN_TRIES && !this.#closed; tries++) {
        const keyframe = await holder.keyframe({ session: id, offset: recordedBytes });
        if (keyframe?.offset === recordedBytes) break;
        await wait(LATE_NEWS_MS / LAST_SCREEN_TRIES);
      }
      const hint = findResumeHint(await metered.finish(recordedBytes));
      if (hint?.kind === session.kind) {
        // Its files are known at last, if they were not before.
        metered.addAgentSession(hint.agentSessionId);
        sessions.setResume(id, { agentSessionId: hint.agentSessionId, confirmed: true });
      }
      await wait(LATE_NEWS_MS);
      if (!this.#closed) await metered.finish(recordedBytes);
    } finally {
      metered.close();
      this.#receiver.forget(id);
      this.#uncounted.forget(id);
      money.forget(id);
    }
  }

  /** Threads of an agent's helpers are among them: the first one is the conversation. */
  #addAgentSessions(id: string, agentSessions: ReadonlySet<string>): void {
    const session = this.#options.table.get(id);
    for (const agentSessionId of agentSessions) {
      this.#metered.get(id)?.addAgentSession(agentSessionId);
      // A Claude that was started by this one reports with the same key.
      if (session?.kind === "claude" && session.agentSessionId === null) {
        this.#noteAgentSession(id, agentSessionId);
      }
    }
  }

  #noteAgentSession(id: string, agentSessionId: string): void {
    this.#metered.get(id)?.addAgentSession(agentSessionId);
    this.#options.sessions.setResume(id, { agentSessionId, confirmed: false });
  }

  async #supervise(session: string, work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (cause) {
      // Whatever could not be read now is read with the next look: nothing was noted as read.
      if (!this.#closed) {
        this.#options.log.warn("Usage could not be read", { session, cause: errorText(cause) });
      }
    }
  }
}
