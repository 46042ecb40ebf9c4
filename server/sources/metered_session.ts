// Every way of seeing what one running session uses, each looked at as often as it is worth.
import type { HolderApi } from "../holder/api.ts";
import type { ContextView } from "../protocol.ts";
import type { SourceState } from "../store/ledger.ts";
import type { LedgerOwner } from "../store/ledger_rows.ts";
import type { SessionRow } from "../store/sessions.ts";
import { AnsiStripper } from "../usage/ansi_stripper.ts";
import type { ModelCall } from "../usage/model_call.ts";
import { AgentLogs } from "./agent_logs.ts";
import { OutputEstimate } from "./output_estimate.ts";
import type { Seeker } from "./rollout_match.ts";
import { ScreenStatus } from "./screen_status.ts";

export interface MeteredSessionOptions {
  session: SessionRow;
  holder: Pick<HolderApi, "read" | "screenText" | "keyframe">;
  /** `~/.claude` or `~/.codex`, as the session's environment has it. */
  agentHome: string;
  claims: Map<string, string>;
  seekers: Set<Seeker>;
  getState: (name: string) => unknown;
  record: (reading: { calls: ModelCall[]; states: SourceState[] }) => void;
  /** What agents report can be priced. */
  pricesReady: () => Promise<void>;
  onContext: (context: ContextView) => void;
  onInterrupted: () => void;
  onFailed: (error: string) => void;
  onAgentSession: (agentSessionId: string) => void;
  now: () => number;
}

/** How often logs are looked at while the terminal moves, and while it rests; screens and output are slower to read. */
const LOGS_EVERY_MS = 400;
const IDLE_LOGS_EVERY_MS = 3000;
const SCREEN_EVERY_MS = 1000;
const ACTIVE_FOR_MS = 10_000;
/** The end of a recording in which an agent's last words are looked for. */
const TAIL_BYTES = 64 * 1024;
// deno-lint-ignore no-control-regex -- the escape character is what is looked for
const CURSOR_FORWARD = /\x1b\[(\d*)C/g;

export class MeteredSession {
  readonly #options: MeteredSessionOptions;
  readonly #logs: AgentLogs | undefined;
  readonly #screen: ScreenStatus | undefined;
  readonly #estimate: OutputEstimate | undefined;
  #end = 0;
  #grownAtMs: number;
  #logsAtMs = 0;
  #screenAtMs = 0;
  #seenEnd = 0;

  constructor(options: MeteredSessionOptions) {
    this.#options = options;
    this.#grownAtMs = options.now();
    const { session } = options;
    if (session.kind === "shell") this.#estimate = this.#createEstimate();
    else {
      this.#logs = this.#createLogs();
      this.#screen = this.#createScreen(session.kind);
    }
  }

  /** Called before the agent starts. */
  noteBaseline(): void {
    const { agentSessionId } = this.#options.session;
    if (agentSessionId !== null) this.#logs?.noteBaseline(agentSessionId);
  }

  addAgentSession(id: string): void {
    this.#logs?.addAgentSession(id);
  }

  addInput(bytes: Uint8Array): void {
    this.#estimate?.addInput(bytes);
  }

  grown(offset: number): void {
    this.#end = Math.max(this.#end, offset);
    this.#grownAtMs = this.#options.now();
  }

  /** Looks at what is due; asked several times a second. */
  async tick(): Promise<void> {
    if (!this.#estimate) await this.#options.pricesReady();
    const nowMs = this.#options.now();
    const isActive = nowMs - this.#grownAtMs < ACTIVE_FOR_MS;
    if (nowMs - this.#logsAtMs >= (isActive ? LOGS_EVERY_MS : IDLE_LOGS_EVERY_MS)) {
      this.#logsAtMs = nowMs;
      await this.#logs?.read();
    }
    if (nowMs - this.#screenAtMs >= SCREEN_EVERY_MS && this.#end > this.#seenEnd) {
      this.#screenAtMs = nowMs;
      const end = this.#end;
      if (this.#screen) this.#screen.look(await this.#options.holder.screenText(this.#call));
      await this.#estimate?.countTo(end);
      // What could not be stored is looked at again, also where the terminal rests.
      this.#seenEnd = end;
    }
  }

  /** The last look, after the program has ended with `end` bytes of output; answers its last words as plain text. */
  async finish(end: number): Promise<string> {
    const { holder } = this.#options;
    if (!this.#estimate) await this.#options.pricesReady();
    await this.#logs?.read();
    while (this.#estimate && !await this.#estimate.isAt(end)) await this.#estimate.countTo(end);
    const keyframe = this.#screen && await holder.keyframe({ ...this.#call, offset: end });
    if (keyframe && keyframe.offset === end) this.#screen?.look(rowsOf(keyframe.ansi));
    const tail = await holder.read({
      ...this.#call,
      from: Math.max(0, end - TAIL_BYTES),
      maxBytes: TAIL_BYTES,
    });
    return new AnsiStripper().strip(new TextDecoder().decode(tail));
  }

  close(): void {
    this.#logs?.close();
  }

  get #call(): { session: string } {
    return { session: this.#options.session.id };
  }

  #createLogs(): AgentLogs {
    const { onContext } = this.#options;
    const logs = new AgentLogs({
      ...this.#options,
      onContext: ({ usedTokens, sizeTokens }) => {
        if (sizeTokens === undefined || sizeTokens === 0) return;
        const percentUsed = Math.min(100, Math.round(usedTokens / sizeTokens * 100));
        onContext({ usedTokens, sizeTokens, percentUsed });
      },
    });
    const { agentSessionId } = this.#options.session;
    if (agentSessionId !== null) logs.addAgentSession(agentSessionId);
    return logs;
  }

  #createScreen(kind: "claude" | "codex"): ScreenStatus {
    const { session, getState } = this.#options;
    return new ScreenStatus({
      ...this.#options,
      sessionId: session.id,
      kind,
      isResumed: isResumed(session),
      stored: getState(`screen:${session.id}`),
    });
  }

  #createEstimate(): OutputEstimate {
    const { session, holder, getState } = this.#options;
    return new OutputEstimate({
      ...this.#options,
      sessionId: session.id,
      stored: getState(`estimate:${session.id}`),
      readOutput: (range) => holder.read({ session: session.id, ...range }),
    });
  }
}

/** Whether the conversation had begun before this session. */
function isResumed(session: SessionRow): boolean {
  return session.resumedFrom !== null || /\s(--resume|--continue|-r|-c|resume)(\s|=|$)/.test(session.command);
}

/** Rows of a serialized screen; runs of empty cells are cursor moves in it. */
function rowsOf(ansi: string): string[] {
  const spaced = ansi.replace(
    CURSOR_FORWARD,
    (_, count: string) => " ".repeat(Math.min(500, Number(count || 1))),
  );
  return new AnsiStripper().strip(spaced).split(/\r?\n/);
}

/** Whose calls these are. */
export function ownerOf(session: SessionRow): LedgerOwner {
  const { id, conversationId, kind, repositoryRoot, branch } = session;
  return { sessionId: id, conversationId, kind, repositoryRoot, branch };
}
