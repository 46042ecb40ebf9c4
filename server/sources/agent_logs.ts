// Follows the files that one session's agent writes about its own model calls, and finds them in the first place.
import { join } from "node:path";
import type { SessionRow } from "../store/sessions.ts";
import type { SourceState } from "../store/ledger.ts";
import { type ClaudeEvent, ClaudeTranscript } from "../usage/claude_transcript.ts";
import { type CodexEvent, CodexRollout, type CodexRolloutState } from "../usage/codex_rollout.ts";
import type { ModelCall } from "../usage/model_call.ts";
import { findTranscript, listSubagentFiles, subagentOf, transcriptPath } from "./claude_files.ts";
import { findRollout, listRollouts, readMeta, threadOf } from "./codex_files.ts";
import { FileFollower, type FollowState } from "./file_follower.ts";
import { CLOCK_SLACK_MS, isClearlyOurs, type Seeker } from "./rollout_match.ts";

export interface AgentLogsOptions {
  session: Pick<SessionRow, "id" | "kind" | "cwd" | "createdAtMs" | "hasTelemetry">;
  /** `~/.claude` or `~/.codex`, as the session's environment has it. */
  agentHome: string;
  /** Files by path with the session that follows them: none is followed twice. */
  claims: Map<string, string>;
  /** Sessions of Codex whose threads nobody has named yet. */
  seekers: Set<Seeker>;
  getState: (name: string) => unknown;
  record: (reading: { calls: ModelCall[]; states: SourceState[] }) => void;
  onAgentSession: (agentSessionId: string) => void;
  onContext: (context: { usedTokens: number; sizeTokens?: number }) => void;
  /** A turn was interrupted: the answer under way is in no file of the agent's. */
  onInterrupted: () => void;
  /** The last turn has just failed: with an error in the provider's words. */
  onFailed: (error: string) => void;
  now: () => number;
}

type LogEvent = ClaudeEvent | CodexEvent;

const FRESH_MS = 15_000;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export class AgentLogs {
  readonly #options: AgentLogsOptions;
  readonly #agentSessions = new Set<string>();
  #isNamed = false;
  readonly #searched = new Set<string>();
  readonly #followers = new Map<string, FileFollower<LogEvent>>();
  /** Sizes of what was there before the start: it belongs to earlier runs. */
  readonly #baselines = new Map<string, FollowState>();
  readonly #seeker: Seeker;

  constructor(options: AgentLogsOptions) {
    this.#options = options;
    const { kind, cwd, createdAtMs, hasTelemetry } = options.session;
    this.#seeker = { agentHome: options.agentHome, cwd, createdAtMs };
    if (kind === "codex" && hasTelemetry === 0) options.seekers.add(this.#seeker);
  }

  /** To be called before the agent starts: what a known conversation has so far is not this session's. */
  noteBaseline(agentSessionId: string): void {
    this.addAgentSession(agentSessionId);
    const { session, agentHome } = this.#options;
    if (session.kind !== "claude") return;
    const path = transcriptPath(join(agentHome, "projects"), { cwd: session.cwd, agentSessionId });
    this.#noteSize(path);
    for (const file of listFilesNow(join(path.slice(0, -".jsonl".length), "subagents"))) this.#noteSize(file);
  }

  /** A conversation of the agent's, or of one of its sub-agents. */
  addAgentSession(agentSessionId: string): void {
    if (!UUID.test(agentSessionId)) return;
    this.#agentSessions.add(agentSessionId);
    this.#options.seekers.delete(this.#seeker);
  }

  /** Looks for files and reads what is new in them. */
  async read(): Promise<void> {
    for (const path of await this.#find()) {
      this.#follow(path);
      await this.#nameConversation(path);
    }
    for (const follower of this.#followers.values()) await follower.read();
  }

  close(): void {
    for (const path of this.#followers.keys()) this.#options.claims.delete(path);
    this.#options.seekers.delete(this.#seeker);
  }

  async #find(): Promise<string[]> {
    return this.#options.session.kind === "claude" ? await this.#findClaude() : await this.#findCodex();
  }

  async #findClaude(): Promise<string[]> {
    const { session, agentHome } = this.#options;
    const found: string[] = [];
    for (const agentSessionId of this.#agentSessions) {
      const known = [...this.#followers.keys()].find((path) => path.endsWith(`/${agentSessionId}.jsonl`));
      const path = known ??
        await findTranscript(join(agentHome, "projects"), { cwd: session.cwd, agentSessionId });
      found.push(path, ...await listSubagentFiles(path));
    }
    return found;
  }

  async #findCodex(): Promise<string[]> {
    const { session, agentHome, now } = this.#options;
    const sessions = join(agentHome, "sessions");
    const recent = await listRollouts(sessions, { sinceMs: session.createdAtMs, nowMs: now() });
    const found: string[] = [];
    for (const id of this.#agentSessions) {
      if ([...this.#followers.keys()].some((path) => threadOf(path) === id)) continue;
      const path = recent.find((each) => threadOf(each) === id) ?? await this.#findOlder(sessions, id);
      if (path) found.push(path);
    }
    // Telemetry names the threads; without it the first that can only be ours is taken.
    const isGuessed = this.#options.seekers.has(this.#seeker);
    for (const path of isGuessed ? recent : []) if (await this.#isOurs(path)) return [...found, path];
    return found;
  }

  /** Asked once for each thread: only a resumed one can be of another day, and some have no file at all. */
  async #findOlder(sessions: string, id: string): Promise<string | undefined> {
    if (this.#searched.has(id)) return undefined;
    this.#searched.add(id);
    return await findRollout(sessions, id);
  }

  /** A conversation's rollout that nobody follows or has followed, begun in our directory by nobody else. */
  async #isOurs(path: string): Promise<boolean> {
    const { session, claims, seekers, getState } = this.#options;
    if (claims.has(path) || getState(stateOf(path)) !== undefined) return false;
    const meta = await readMeta(path);
    if (meta?.cwd !== session.cwd || meta.isSubagent) return false;
    const bornMs = meta.bornMs ?? await birthOf(path);
    if (!isClearlyOurs(bornMs, this.#seeker, seekers)) return false;
    this.addAgentSession(meta.id);
    return true;
  }

  /** Of all threads of a session, the one that is no sub-agent's is the conversation. */
  async #nameConversation(path: string): Promise<void> {
    if (this.#isNamed || this.#options.session.kind !== "codex") return;
    const meta = await readMeta(path);
    if (!meta || meta.isSubagent) return;
    this.#isNamed = true;
    this.#options.onAgentSession(meta.id);
  }

  #follow(path: string): void {
    const { claims, session, getState, now } = this.#options;
    if (this.#followers.has(path) || (claims.get(path) ?? session.id) !== session.id) return;
    claims.set(path, session.id);
    const name = stateOf(path);
    const stored = getState(name) as FollowState | undefined;
    const follower = new FileFollower<LogEvent>({
      path,
      state: stored ?? this.#baselines.get(path),
      createParser: (parser) => this.#createParser(path, parser),
      take: (events, state) => this.#take(events, { name, sessionId: session.id, state }),
      now,
    });
    this.#followers.set(path, follower);
  }

  #createParser(path: string, state: unknown): ClaudeTranscript | CodexRollout {
    if (this.#options.session.kind === "codex") {
      return new CodexRollout(state === undefined ? {} : { state: state as CodexRolloutState });
    }
    const subagent = subagentOf(path);
    return new ClaudeTranscript(subagent === undefined ? {} : { subagent });
  }

  #take(events: LogEvent[], state: SourceState): void {
    const { session, record, onContext, onInterrupted, onFailed, now } = this.#options;
    const earliestMs = session.createdAtMs - CLOCK_SLACK_MS;
    const calls = events.flatMap((event) =>
      event.kind === "call" && event.call.atMs >= earliestMs ? [event.call] : []
    );
    record({ calls, states: [state] });
    for (const event of events) if (isInterruption(event) && event.atMs >= earliestMs) onInterrupted();
    const error = failureOf(events, now());
    if (error !== undefined) onFailed(error);
    const context = events.findLast((event) => event.kind === "context");
    if (context?.kind === "context") onContext(context);
  }

  #noteSize(path: string): void {
    try {
      const info = Deno.statSync(path);
      this.#baselines.set(path, { offset: info.size, inode: info.ino ?? 0 });
    } catch (cause) {
      if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    }
  }
}

/** Of a turn behind which nothing has begun; what is read late says nothing about now. */
function failureOf(events: readonly LogEvent[], nowMs: number): string | undefined {
  const last = events.findLast(({ kind }) => kind === "prompt" || kind === "turn_end");
  return last !== undefined && "error" in last && nowMs - last.atMs < FRESH_MS ? last.error : undefined;
}

function isInterruption(event: LogEvent): event is Extract<LogEvent, { kind: "turn_end" }> {
  return event.kind === "turn_end" && event.outcome === "interrupted";
}

/** Under which name it is stored how far a file was read. */
function stateOf(path: string): string {
  return `file:${path}`;
}

async function birthOf(path: string): Promise<number> {
  const { birthtime, mtime } = await Deno.stat(path);
  return (birthtime ?? mtime)?.getTime() ?? 0;
}

function listFilesNow(directory: string): string[] {
  try {
    return [...Deno.readDirSync(directory)].map(({ name }) => join(directory, name));
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return [];
    throw cause;
  }
}
