// Every shape that crosses the wire between the server and its page, and the codec of binary frames.
// It imports nothing; `ui/` imports this file and no other of the server.

/** What runs inside a session, decided once at launch from the command. */
export type SessionKind = "claude" | "codex" | "shell";

/** Where a session is in its life; `ended` always comes with an `EndReason`. */
export type Lifecycle = "starting" | "running" | "stopping" | "ended";

/** Why a session ended: the cause of the first signal wins, exactly one per session. */
export type EndReason = "exited" | "user_stop" | "budget" | "idle_timeout" | "crash" | "spawn_failed";

/** What the program inside says it is doing; `unknown` until it says so. */
export type Activity = "working" | "needs_you" | "idle" | "unknown";

/** The repository a session runs in, as found at launch. */
export interface RepositoryView {
  /** Absolute path of the work tree's root. */
  root: string;
  name: string;
  /** Undefined on a detached HEAD. */
  branch?: string;
}

/** How far the stop ladder has come, while `lifecycle` is `stopping`. */
export interface StopProgress {
  step: "asked" | "hang_up" | "terminate" | "kill";
  startedAtMs: number;
  /** When nothing of the session may be left any more. */
  deadlineAtMs: number;
  /** Processes of the session that are still alive. */
  remaining: number;
}

/** One session as lists and headers show it. Safe to receive twice: ignore a `revision` lower than the one you have. */
export interface SessionView {
  id: string;
  conversationId: string;
  revision: number;
  kind: SessionKind;
  /** Given by the user; the page shows `aiTitle` when it is missing, or else `command`. */
  title?: string;
  /** Of the newest summary; untrusted text of a model. */
  aiTitle?: string;
  command: string;
  /** Resolved absolute directory. */
  cwd: string;
  repository?: RepositoryView;
  lifecycle: Lifecycle;
  endReason?: EndReason;
  exitCode?: number;
  exitSignal?: string;
  /** What went wrong, for `spawn_failed` and `crash`. */
  failure?: string;
  activity: Activity;
  /** A call waits at a limit for the user; `hold` says which. */
  held: boolean;
  hold?: HoldView;
  /** What a gated call meets at a limit. */
  atLimit?: AtLimit;
  paused: boolean;
  stop?: StopProgress;
  pid?: number;
  cols: number;
  rows: number;
  createdAtMs: number;
  startedAtMs?: number;
  endedAtMs?: number;
  /** Raw bytes of terminal output so far. */
  recordedBytes: number;
  /** What was used; missing before the first model call that any source reports. */
  usage?: UsageView;
  /** Every limit that applies, the tightest first; missing when none does. The first one with `rules` is to be named. */
  budgets?: BudgetLineView[];
  /** What its summaries cost: in no figure of the session itself, but in the fleet's budgets. */
  summaryCostNanoUsd?: number;
  /** How full the model's window was at the last look. */
  context?: ContextView;
  /** How fast money goes; missing while nothing was spent in the last quarter of an hour. */
  burn?: BurnView;
  /** How its model calls are metered. */
  metering?: MeteringMode;
  /** What its sources cannot see, also before they have seen anything: one sentence each, for the user. */
  blindSpots?: string[];
  /** The proxy that its calls go on to behind the gate, where one was chosen at its launch. */
  upstream?: string;
  /** Why limits act late here: they came after the launch, which was without the gate. For the user. */
  meteringNote?: string;
  /** What the agent asks, as plain untrusted text, while `activity` is `needs_you`. */
  question?: string;
  /** How to go on with the agent's conversation once the session has ended. */
  resume?: ResumeView;
  /** The session that this one went on from. */
  resumedFrom?: string;
  /** What it changed in its work tree since its start, as of the last snapshot. */
  changes?: ChangeTotals;
}

/** Tokens by the classes that have prices of their own; no token is in two of them. */
export interface TokenView {
  input: number;
  cacheRead: number;
  cacheWrite: number;
  /** Reasoning included. */
  output: number;
}

/** Who saw a model call, best first. */
export type UsageSource = "gateway" | "otlp" | "transcript" | "screen" | "estimate";

/** `exact`: the provider's own figures; `reported`: stated by the CLI but not final; `estimated`: derived from text. */
export type Confidence = "exact" | "reported" | "estimated";

/** The sum of a session's ledger rows. */
export interface UsageView {
  tokens: TokenView;
  /** What a token budget counts: cache reads only if the setting says so. */
  budgetTokens: number;
  costNanoUsd: number;
  /** Ledger rows. Totals of a screen or an estimate are one row an hour. */
  calls: number;
  /** Of the least certain row. */
  confidence: Confidence;
  /** Rows by the source whose numbers count. */
  sources: Partial<Record<UsageSource, number>>;
  /** Rows priced at the default rate, because nobody has stated a price for their model. */
  unpricedCalls: number;
  /** Rows that may be too low: answers that were cut off. */
  incompleteCalls: number;
  /** A subscription pays: the dollars are what the use would cost at API prices. Label them so. */
  plan?: "api_equivalent";
  /** Present when the CLI states costs of its own and they differ from ours by more than 1 %. */
  reportedCost?: { reportedNanoUsd: number; ourNanoUsd: number };
  /** Calls of a gated session that did not pass the gate: other sources saw them. Warn about it. */
  ungated?: { calls: number; costNanoUsd: number };
}

/** `gate`: no model call is paid for that the budgets do not cover. `observe`: calls are counted after they were made. */
export type MeteringMode = "observe" | "gate";

/** What a gated session's call meets at a limit: the session is stopped, or the call waits for the user. */
export type AtLimit = "stop" | "hold";

/** Why a session is held, and since when. A raised limit, or a price for the model, lets it go on by itself. */
export interface HoldView {
  sinceMs: number;
  /** One sentence for the user. */
  text: string;
  /** The limit in the way; missing when the model has no price. */
  budget?: BudgetLineView;
  /** What the call needs of it at least, in the limit's unit. */
  needed?: number;
  /** The model that nobody has stated a price for. */
  unpricedModel?: string;
}

/** A gated model call that has not ended. */
export interface CallInFlightView {
  callId: string;
  sessionId: string;
  model: string;
  startedAtMs: number;
  /** Waits for money that other calls hold, is held, was sent, or is being answered. */
  state: "waiting" | "held" | "sent" | "streaming";
  /** Output so far, estimated while it comes. */
  outputTokens: number;
  /** Output that is paid for already. */
  coveredTokens?: number;
  /** What budgets hold for the call now. */
  reservedNanoUsd?: number;
}

/** One line of what the gate did. */
export interface GateEventView {
  /** Ascending. */
  id: number;
  /**
   * `reserved`, `extended`: budgets hold money for the call. `waited`: for money that others held. `settled`: over, with
   * what it cost. `ended_early`: as if its own limit of tokens had been reached. `refused`, `held`: at a limit.
   * `sent_back`: a held client was told to ask again. `overrun`: cost more than was held. `unbounded`: something in it
   * has no bound. `unmetered`: a request that costs something and cannot be counted.
   */
  kind:
    | "reserved"
    | "extended"
    | "settled"
    | "waited"
    | "ended_early"
    | "refused"
    | "held"
    | "sent_back"
    | "overrun"
    | "unbounded"
    | "unmetered";
  callId: string;
  atMs: number;
  model?: string;
  nanoUsd?: number;
  outputTokens?: number;
  text?: string;
}

/** `GET /api/sessions/:id/gate`: what passes the gateway now, and its last events, newest first. */
export interface GateActivity {
  inFlight: CallInFlightView[];
  events: GateEventView[];
}

export interface ContextView {
  usedTokens?: number;
  sizeTokens?: number;
  /** 0 to 100. Amber from 70, red from 90. */
  percentUsed: number;
}

export interface BurnView {
  nanoUsdPerHour: number;
  /** Until the tightest dollar budget is used up at this rate; missing without one. */
  timeToLimitMs?: number;
}

export interface ResumeView {
  /** The agent's own id of the conversation. */
  agentSessionId: string;
  /** What a shell would run; `POST /api/sessions/:id/resume` does the same with the session's options and budget. */
  command: string;
  /** The agent printed it when it left. */
  confirmed: boolean;
}

/** What a budget covers, narrowest first. A conversation is a session and everything resumed from it. */
export type BudgetScope = "conversation" | "repository" | "day" | "week" | "month";

/** One limit of one budget, and how far it is used. */
export interface BudgetLineView {
  budgetId: string;
  scope: BudgetScope;
  /** For the user: "this conversation", the repository's name, "today". */
  name: string;
  unit: "usd" | "tokens";
  /** Nano-dollars or tokens, like `used` and `remaining`. */
  limit: number;
  used: number;
  /** Below zero once the limit is overrun. */
  remaining: number;
  /** `used / limit`: 1 is all of it. */
  fraction: number;
  /** The limit that is nearest its end: the one to name. */
  rules: boolean;
  periodStartMs?: number;
  periodEndMs?: number;
}

/** Limits in dollars and tokens; null is "no limit". */
export interface Limits {
  usd: number | null;
  tokens: number | null;
}

/** One budget with what was spent under it. A budget without limits is listed too, so that it can be given some. */
export interface BudgetView {
  id: string;
  scope: BudgetScope;
  name: string;
  limits: Limits;
  spent: { nanoUsd: number; tokens: number };
  /** One for each limit. */
  lines: BudgetLineView[];
  periodStartMs?: number;
  periodEndMs?: number;
  /** Root of the repository, for that scope. */
  repository?: string;
  /** For that scope. */
  conversationId?: string;
}

/** `GET /api/budgets?sessionId=`: day, week and month always; repositories that have limits; with `sessionId` its own two. */
export interface BudgetList {
  items: BudgetView[];
  /** Dollars for a day, to be offered with one click; present until the user has decided on any fleet budget. */
  suggestedDayUsd?: number;
}

/**
 * `PATCH /api/budgets`: sets limits, also while sessions run; a unit that is left out stays as it is, null removes
 * it. Answers the `BudgetView`.
 */
export type BudgetChange =
  & { limits: Partial<Limits> }
  & (
    | { scope: "day" | "week" | "month" }
    | { scope: "repository"; repository: string }
    | { scope: "conversation"; conversationId: string }
  );

/** One priced model call: a row of `GET /api/sessions/:id/ledger`. */
export interface LedgerRow {
  id: number;
  /** Not the session's own call, but one that this program made to sum it up: in no sum of the session. */
  kind?: "summary";
  atMs: number;
  model: string;
  tokens: {
    input: number;
    cacheRead: number;
    cacheWrite5m: number;
    cacheWrite1h: number;
    output: number;
    /** The part of `output` that was hidden reasoning. */
    reasoning: number;
  };
  serverToolUses?: number;
  costNanoUsd: number;
  /** Where the price is from. */
  priceId: string;
  /** The price is a guess: default rate, or a tier without a known price. */
  priceEstimated: boolean;
  /** The CLI's own figure. */
  reportedCostNanoUsd?: number;
  source: UsageSource;
  /** Everyone who saw the call, best first. */
  sources: UsageSource[];
  confidence: Confidence;
  incomplete?: "interrupted" | "unfinished";
  subagent?: string;
  /** What the CLI says the call was for, e.g. `generate_session_title`. */
  purpose?: string;
  requestId?: string;
  /** Of a gated request's body, where `keepRequestHashes` was on. */
  requestBytes?: number;
  requestSha256?: string;
  serviceTier?: string;
  speed?: string;
  /** Where the model ran, as Anthropic names it. */
  inferenceGeo?: string;
  /** Runs of models within the call, each at its own price; left out where there was one of the call's own model. */
  passes?: { model?: string; aside?: "advisor" | "compaction" }[];
}

/**
 * `GET /api/sessions/:id/ledger?sort=&order=&q=&limit=&cursor=`; answers `Page<LedgerRow>`. `q` looks in model,
 * sub-agent, purpose and source. `/ledger.csv` and `/ledger.json` with the same `sort`, `order` and `q` download all.
 */
export interface LedgerQuery {
  sort: "time" | "cost" | "tokens" | "model";
  order: "asc" | "desc";
  q?: string;
}

/** Something the user should know of, also when no page was open: sent to every page and kept. */
export interface Notice {
  id: number;
  atMs: number;
  kind: "budget_warning" | "budget_stop" | "budget_hold" | "ungated" | "needs_you" | "prices" | "recordings";
  title: string;
  /** One sentence. */
  text: string;
  sessionId?: string;
  /** The limit that it is about. */
  budget?: BudgetLineView;
  seen: boolean;
}

/** What `POST /api/sessions` adds to a command, and whether it will. */
export interface LaunchAddition {
  id: LaunchAdditionId;
  title: string;
  /** Flags as they stand in the command line while it is on; empty for environment alone. */
  flags: string[];
  /** Names of environment variables that are set; values may be secrets and are not shown. */
  environment: string[];
  /** What the flag's file holds, without secrets. */
  file?: string;
  why: string;
  /** What is lost without it. */
  without: string;
  on: boolean;
  /** What the agent does otherwise because of it, a sentence each. */
  changes?: string[];
  /** Why it is off, or cannot be on: the user's own settings win. */
  note?: string;
}

/** How a launch could be metered. */
export interface LaunchModeView {
  mode: MeteringMode;
  /** Best first. */
  sources: UsageSource[];
  /** What it means for limits, in a sentence. */
  note: string;
  /** What the agent does otherwise because of it, a sentence each. */
  changes: string[];
  /** Why it cannot be chosen. */
  problem?: string;
}

export type LaunchAdditionId = "session_id" | "telemetry" | "hooks" | "no_daemon" | "gateway";

/** How the agent is signed in, as far as its files and the environment tell. */
export interface SignInView {
  state: "api_key" | "subscription" | "cloud" | "missing";
  /** For the user: the plan, or how to sign in. */
  message: string;
}

/** Why a git snapshot was taken. */
export type SnapshotReason = "baseline" | "turn" | "stop" | "exit" | "manual" | "before_revert";

/** One git snapshot of a session's work tree. */
export interface SnapshotView {
  id: number;
  atMs: number;
  reason: SnapshotReason;
  /** For `turn`: which one, from 1. */
  turn?: number;
  /** `failed`: a limit was met or git failed; `message` says what to do. */
  state: "taken" | "failed";
  message?: string;
  head?: string;
  branch?: string;
  upstream?: string;
  stashCount?: number;
  /** Against the baseline; missing for the baseline itself and for what failed. */
  totals?: ChangeTotals;
  durationMs?: number;
}

/** `GET /api/sessions/:id/snapshots`; `POST` takes one now and answers its `SnapshotView`. */
export interface SnapshotList {
  /** Oldest first. */
  items: SnapshotView[];
  /** Why there is nothing to show. */
  unavailable?: { reason: "no_repository" | "no_git" | "off" | "refused" | "no_baseline"; message: string };
  /** One is being taken. */
  capturing: boolean;
}

export interface ChangeTotals {
  files: number;
  additions: number;
  deletions: number;
}

/**
 * `GET /api/sessions/:id/changes?from=&to=`: ids of snapshots, or `now` for the work tree as it is. Missing: from the
 * baseline to now while the session runs, to the last snapshot after its end.
 */
export interface ChangeList {
  from: number;
  to: number | "now";
  /** Object ids of both trees: the same pair has the same contents. */
  fromTree: string;
  toTree: string;
  root: string;
  /** Sorted by path. */
  files: FileChange[];
  totals: ChangeTotals;
  /** Made in between, newest first. */
  commits: CommitView[];
  /** What is left out and why. */
  notes: string[];
}

export interface CommitView {
  hash: string;
  subject: string;
  authorName: string;
  authoredAtMs: number;
}

export interface FileChange {
  /** The path's bytes, percent-encoded: names the file in other calls. */
  id: string;
  /** For people: control characters and bytes that are not UTF-8 escaped. */
  path: string;
  /** Before a rename or copy. */
  oldPath?: string;
  oldId?: string;
  /** Added, modified, deleted, renamed, copied, type changed, unmerged. */
  status: "A" | "M" | "D" | "R" | "C" | "T" | "U";
  kind: "text" | "binary" | "symlink" | "submodule";
  /** Lines; missing for what has none. */
  additions?: number;
  deletions?: number;
  oldMode?: string;
  newMode?: string;
  oldBytes?: number;
  newBytes?: number;
  /** A lock file or made by a program: shown closed. */
  generated?: boolean;
  /** A clean filter (LFS, for example) of the repository would change the bytes: they are shown as they lie on the disk. */
  filtered?: boolean;
  /** Other sessions whose changes in the same time hold this file too. */
  alsoChangedIn?: { sessionId: string; title: string }[];
}

/** `GET /api/sessions/:id/changes/file?from=&to=&file=&whitespace=ignore`, with `from` and `to` as in `ChangeList`. */
export interface FileDiff {
  /** `large`: too long to be shown line by line; the patch can be downloaded. */
  kind: "text" | "binary" | "symlink" | "submodule" | "large";
  /** `[oldStart, oldCount, newStart, newCount]` of each changed place, 1-based, without context, as `diff -U0` counts. */
  hunks: [number, number, number, number][];
  oldBytes?: number;
  newBytes?: number;
  /** For `symlink` and `submodule`: target or commit. */
  oldValue?: string;
  newValue?: string;
}

/**
 * The text of a side is `GET /api/sessions/:id/changes/content?from=&to=&file=&side=old|new`: bytes; what looks like a
 * secret is masked (as many `\u2022` as characters; the header `x-masked` counts them) unless `secrets=show`. The patch is
 * `GET /api/sessions/:id/changes.patch?from=&to=&file=`.
 */
export const MAX_SHOWN_FILE_BYTES = 16 * 1024 * 1024;

/** `POST /api/sessions/:id/revert/plan` with `RevertRequest`: what would happen. */
export interface RevertPlan {
  /** The work tree that the plan was made for. */
  nowTree: string;
  files: { id: string; path: string; action: "restore" | "overwrite" | "remove" | "skip"; note?: string }[];
  /** This session, or another one in the same work tree, runs: `confirmRunning` is needed. */
  running: boolean;
}

/** To the state of a snapshot; of some files, or of all that differ. */
export interface RevertRequest {
  to: number;
  files?: string[];
}

/** `POST /api/sessions/:id/revert`: does a plan; `conflict` when the work tree is no longer what the plan was made for. */
export interface RevertOrder extends RevertRequest {
  nowTree: string;
  confirmRunning?: boolean;
}

export interface RevertResult {
  /** The work tree before: reverting to it takes the revert back. */
  undo: SnapshotView;
  done: number;
  failed: { path: string; message: string }[];
}

/** User settings that the server acts on: `GET` and `PATCH /api/settings/fleet`. */
export interface FleetSettings {
  /** Budget of a conversation unless the launch says otherwise. */
  defaultBudgets: Record<SessionKind, Limits>;
  /** 1 is Monday, 7 is Sunday. */
  weekStartsOn: 1 | 2 | 3 | 4 | 5 | 6 | 7;
  /** IANA name; null is the system's. */
  timeZone: string | null;
  countCacheReads: boolean;
  /** Additions that are off unless a launch says otherwise. */
  additionsOff: LaunchAdditionId[];
  /** Size and hash of each gated request go into the ledger; its text is never kept. */
  keepRequestHashes: boolean;
  /** Dollars per million tokens; they come after the environment's places. */
  prices: PriceTable;
  notifyBrowser: boolean;
  notifyToast: boolean;
  notifySound: boolean;
}

/** What a model costs, in dollars per million tokens; what is left out follows the model's known price. */
export interface PriceEntry {
  inputPer1M: number;
  outputPer1M: number;
  cacheReadPer1M?: number;
  cacheWrite5mPer1M?: number;
  cacheWrite1hPer1M?: number;
}

export interface PriceTable {
  /** For models that nothing else has a price for. */
  default?: PriceEntry;
  models: Record<string, PriceEntry>;
}

/** `GET /api/prices`: the places that override built-in prices, in the order in which they win. */
export interface PricesView {
  places: {
    name: "PRICING_API_URL" | "PRICING_JSON" | "PRICING_JSON_PATH" | "settings";
    state: "unused" | "in_use" | "stale" | "failed";
    models: number;
    fetchedAtMs?: number;
    /** Why entries or the whole place are not used. */
    problems: string[];
  }[];
  /** Models in the ledger, with their price now; null means nobody has stated one. */
  models: {
    model: string;
    calls: number;
    price: PriceEntry | null;
    /** Where it is from. */
    priceId: string;
  }[];
}

/** `POST /api/prices/reprice` with `{apply}`: what today's prices make of the rows of the ledger. */
export interface RepriceResult {
  applied: boolean;
  calls: number;
  changedCalls: number;
  beforeNanoUsd: number;
  afterNanoUsd: number;
  /** Models whose cost changes. */
  models: { model: string; calls: number; beforeNanoUsd: number; afterNanoUsd: number }[];
}

/** A page of a list; `next` is the cursor of the following page. */
export interface Page<Item> {
  items: Item[];
  next?: string;
}

/** Body of every failed api call. */
export interface ErrorBody {
  error: { code: string; message: string; field?: string };
}

/** `POST /api/login` */
export interface LoginRequest {
  code: string;
}
export interface LoginResponse {
  /** Sent as `x-page-key` with every api call and as the first socket message. */
  pageKey: string;
}

/** `POST /api/sessions` */
export interface LaunchRequest {
  cwd: string;
  command: string;
  title?: string;
  cols?: number;
  rows?: number;
  /** Of the conversation; what is left out comes from the settings, null is "no limit". */
  budget?: Partial<Limits>;
  /** Additions switched on or off for this launch; the others are as `LaunchCheck` says. */
  additions?: Partial<Record<LaunchAdditionId, boolean>>;
  /** `stop` when missing. `PATCH /api/sessions/:id` with `{atLimit}` changes it later. */
  atLimit?: AtLimit;
  /**
   * Base URL of a proxy that gated calls go on to, with or without `/v1`, instead of where the agent would send them. It
   * asks for the gate.
   */
  upstream?: string;
}

/** A proxy that a launch could send its gated calls to. */
export interface UpstreamChoice {
  name: string;
  address: string;
}

/** `POST /api/sessions/:id/resume`: the same conversation, options and rest of the budget, or a new budget for it. */
export interface ResumeRequest {
  budget?: Partial<Limits>;
  /** New limits of budgets above the conversation, set before it goes on; `repository` is its own. */
  above?: { scope: "repository" | "day" | "week" | "month"; limits: Partial<Limits> }[];
  cols?: number;
  rows?: number;
}

/** `GET /api/launch-check?cwd=&command=`: what a launch would do, asked while the user types. */
export interface LaunchCheck {
  cwd: { ok: true; path: string; repository?: RepositoryView } | { ok: false; message: string };
  command: {
    kind: SessionKind;
    /** Whether it is started directly or through the user's shell. */
    mode: "direct" | "shell";
    /** Absolute path of the program, when it is started directly and was found. */
    program?: string;
    /** Why it cannot start, and what to do about it. */
    problem?: string;
  };
  /** What we add; missing for a command that gets nothing. */
  additions?: LaunchAddition[];
  /** Of a known agent. */
  signIn?: SignInView;
  /** The budget a launch would get from the settings. */
  defaultBudget?: Limits;
  /** How it will be metered, best source first, and in a sentence. */
  metering?: {
    mode: MeteringMode;
    sources: UsageSource[];
    note: string;
    /** Both, with what they mean. `additions: {gateway}` of the request chooses one. */
    modes: LaunchModeView[];
    /** What is chosen when the request does not: with a limit of its own, and without one. */
    automatic: { limited: MeteringMode; unlimited: MeteringMode };
    /** Proxies that the environment names; any other address can be given too. */
    upstreams: UpstreamChoice[];
  };
}

/** `GET /api/directories?prefix=`: directories that continue what was typed. */
export interface DirectorySuggestion {
  path: string;
  isRepository: boolean;
  branch?: string;
}

/** `GET /api/recents`: what was launched before, newest first, each combination once. */
export interface Recents {
  directories: DirectorySuggestion[];
  launches: { cwd: string; command: string; title?: string; kind: SessionKind; lastUsedAtMs: number }[];
}

/** An agent CLI this program knows, and whether it can be started here. */
export interface AgentView {
  kind: "claude" | "codex";
  name: string;
  command: string;
  /** Absolute path; missing when it is not installed. */
  path?: string;
  /** How to get it. */
  install: string;
}

/** What becomes of running sessions when their user logs out. */
export interface AfterLogout {
  /**
   * They go on because the user's service manager stays (`lingering`), because the login manager ends nothing
   * (`leniency`) or because no login has them (`nothing`). They end with the user's last login (`last_login`), or with the
   * one that started them (`login`).
   */
  decidedBy: "lingering" | "leniency" | "nothing" | "last_login" | "login" | "unknown";
  /** Why the user's service manager did not take them. */
  scopeProblem?: string;
}

/** `GET /api/status` */
export interface StatusView {
  version: string;
  address: string;
  agentAddress: string;
  dataDirectory: string;
  homeDirectory: string;
  platform: string;
  sqliteVersion: string;
  gitVersion?: string;
  startedAtMs: number;
  afterLogout: AfterLogout;
  /** Why nothing is recorded at the moment. */
  recordingPausedReason?: string;
  /** A process that holds sessions lives and does not answer. */
  sessionsUnreachable?: true;
  agents: AgentView[];
}

/** A process of an earlier run that outlived its session. */
export interface SurvivorView {
  pid: number;
  startedAtMs: number;
  command: string;
  sessionId: string;
  sessionTitle: string;
}

/** One row of `GET /api/sessions/:id/events`, newest first. */
export interface SessionEvent {
  id: number;
  atMs: number;
  /** Marker kinds, and `input` for the audit of what was typed. */
  kind: MarkerKind | "input";
  /** Offset in the recording when it happened. */
  offset: number;
  /**
   * For `input`: the text, or how many bytes were typed while echo was off. What looks like a secret is masked unless the
   * list was asked for with `secrets=show`.
   */
  text: string;
  /** How many secrets are masked in it, or would be. */
  secrets?: number;
}

export type MarkerKind =
  | "started"
  | "stop_requested"
  | "stop_step"
  | "process_exit"
  | "user_exit"
  | "user_interrupt"
  | "user_pause"
  | "user_continue"
  | "crash_recovery"
  | "survivors_ended"
  | "recording_gap"
  /** An answer was interrupted that no source counts. */
  | "unseen_answer"
  | "budget_warning"
  | "budget_exceeded"
  | "budget_changed"
  | "budget_hold"
  | "budget_hold_ended"
  | "resume_captured"
  | "files_reverted"
  /** The program sent a notification (OSC 9, 99 or 777), or tried to set the clipboard (OSC 52). */
  | "notification"
  | "clipboard"
  /** So many of these came that not all are kept. */
  | "notices_dropped";

/** What an artifact is for the user; lists are filtered by it. */
export type ArtifactKind =
  | "resume"
  | "snapshot"
  | "summary"
  | "revert"
  | "budget"
  | "end"
  | "input"
  | "notification"
  | "clipboard"
  | "notice"
  | "marker";

/**
 * Something a session left, as the list shows it. `GET /api/sessions/:id/artifacts?kind=&q=&limit=&cursor=` answers
 * `Page<ArtifactView>`, newest first; a page may be short although another follows. `q` does not find masked secrets.
 */
export interface ArtifactView {
  /** `event-34`, `notice-5`, `snapshot-12`, `summary-3`, `resume`: unique within the session, and stable. */
  id: string;
  kind: ArtifactKind;
  atMs: number;
  title: string;
  /** Its beginning, in one line; untrusted, and with what looks like a secret masked. */
  text: string;
  /** Where the recording stood. */
  offset?: number;
}

/** Artifacts download as text, or as JSON. Patches are downloaded where changes are. */
export type ArtifactFormat = "text" | "json";

/**
 * `GET /api/sessions/:id/artifacts/:artifactId?secrets=show`: one artifact with its content. `…/download?format=text|json`
 * with the same `secrets` answers it as a file.
 */
export interface ArtifactDetail extends ArtifactView {
  /** All of it; masked like `text` unless secrets were asked for. */
  content: string;
  /** How many secrets are masked in it, or would be. */
  secrets: number;
  facts: { name: string; value: string }[];
  /** For a git snapshot. */
  snapshot?: SnapshotView;
}

/** Who makes summaries: a LiteLLM proxy, or the Claude API. */
export type SummaryProviderId = "litellm" | "claude";

/** A title and a few sentences that a model made of a session, or why there are none. */
export interface SummaryView {
  id: number;
  atMs: number;
  state: "done" | "failed";
  /** Asked for by the user, or made at the session's end. */
  trigger: "user" | "end";
  /** At most 8 words; untrusted, like `text`. */
  title?: string;
  text?: string;
  /** What went wrong, and what to do. */
  error?: string;
  provider?: SummaryProviderId;
  model?: string;
  /** Where it was sent to. */
  host?: string;
  sentBytes: number;
  maskedSecrets: number;
  /** Answers that were paid for: a second one when the first was of no use. */
  calls: number;
  tokens: { input: number; output: number };
  costNanoUsd: number;
  /** Nobody has stated a price for the model. */
  priceEstimated: boolean;
  durationMs: number;
}

/**
 * `GET /api/sessions/:id/summaries`. `POST` with `SummaryRequest` begins to make one and answers the list; at its end the
 * page gets `summaries`. `POST …/summaries/cancel` gives it up.
 */
export interface SummaryList {
  /** Newest first. */
  items: SummaryView[];
  generating?: SummaryProgress;
  /** Who would make the next one; missing when nobody can. */
  provider?: { id: SummaryProviderId; name: string; host: string; model: string };
  /** Why nobody can, and the way to change that. */
  setup?: string;
}

export interface SummaryProgress {
  startedAtMs: number;
  trigger: SummaryView["trigger"];
  host: string;
  model: string;
  /** The second one follows an answer of no use. */
  attempt: 1 | 2;
}

/** Of a `SummaryPreview`: what it showed is sent as it was shown. */
export interface SummaryRequest {
  preview?: string;
}

/** `GET /api/sessions/:id/summaries/preview`: what would be sent. */
export interface SummaryPreview {
  id: string;
  provider: SummaryProviderId;
  name: string;
  host: string;
  model: string;
  /** All of it, as it will be sent. */
  text: string;
  bytes: number;
  /** Keys and the like that are replaced by dots in it. */
  maskedSecrets: number;
  /** What it is made of. */
  parts: { name: string; bytes: number; shortened: boolean }[];
  /** At most, by today's prices. */
  maxCostNanoUsd: number;
  /** Why it will be refused: a budget of the fleet is used up. */
  refused?: string;
}

/** `GET` and `PATCH /api/summaries/settings`. */
export interface SummarySettings {
  /** `auto`: LiteLLM where it is set up, or else the Claude API. */
  summaryProvider: "auto" | SummaryProviderId;
  summaryLitellmModel: string;
  summaryClaudeModel: string;
  /** Make one when a session ends. */
  summaryAtEnd: boolean;
}

/** `GET /api/summaries/providers`; `GET /api/summaries/models?provider=` answers `{models}`. */
export interface SummaryProviderView {
  id: SummaryProviderId;
  name: string;
  host?: string;
  /** Why it cannot be used, and the way to set it up. */
  problem?: string;
}

/** `GET /api/sessions/:id/timeline`: what the scrubber needs. */
export interface Timeline {
  /** Bytes recorded. */
  end: number;
  startedAtMs: number;
  endedAtMs?: number;
  cols: number;
  rows: number;
  /** `[offset, milliseconds since the start]` at the start of each recorded block, at most 2,000, ascending. */
  times: [number, number][];
  resizes: { offset: number; cols: number; rows: number }[];
  /** Ranges whose bytes are not there, ascending. */
  gaps?: RecordingGap[];
  /** Where the last full-screen program left, so that its last screen can be shown; only if near the end. */
  lastScreenOffset?: number;
}

/** `trimmed`: the recording had grown over its cap. `storage`: the disk took nothing. */
export interface RecordingGap {
  from: number;
  to: number;
  reason: "trimmed" | "storage";
  /** Where a screen is known again, if that is later: what is between is recorded, but nobody knows on what screen. */
  shownFrom?: number;
}

/** `GET /api/sessions/:id/keyframe?offset=`: the newest stored screen at or before an offset; inside a gap, the first after it. */
export interface Keyframe {
  offset: number;
  cols: number;
  rows: number;
  /** Escape sequences that rebuild the screen in a fresh terminal of that size. */
  ansi: string;
}

/** User settings, all with defaults. */
export interface Settings {
  theme: "system" | "dark" | "light";
  fontSize: number;
  copyOnSelect: boolean;
  screenReader: boolean;
  loginShell: boolean;
}

/** What they are until the user says otherwise. */
export const DEFAULT_SETTINGS: Settings = {
  theme: "system",
  fontSize: 13,
  copyOnSelect: false,
  screenReader: false,
  loginShell: false,
};

/** When snapshots of work trees are taken. `GET` and `PATCH /api/settings/snapshots`. */
export interface SnapshotSettings {
  /** At a session's start, stop and end; off, nothing is taken but by hand. */
  captureAtEnd: boolean;
  /** Also after each turn of an agent that reports turns. */
  afterTurns: boolean;
}

/** `offByEnvironment`: `AGENTS_FLEET_CAPTURE_GIT_ON_END` says no, whatever is set here. */
export interface SnapshotSettingsView extends SnapshotSettings {
  offByEnvironment: boolean;
}

/** How long recordings stay. `GET` and `PATCH /api/recordings/settings`; null means no limit. */
export interface StorageSettings {
  /** Days since a session's end. */
  maxAgeDays: number | null;
  /** Of all recordings together, as they lie on the disk. */
  maxTotalGb: number | null;
  /** Raw output kept of one session; beyond, the middle of its recording is thinned. */
  capGb: number;
}

/** What one recording takes: `GET /api/recordings/:id`; `PATCH` it with `{keep}`. */
export interface RecordingUseView {
  sessionId: string;
  /** Retention leaves it alone. */
  keep: boolean;
  storedBytes: number;
  rawBytes: number;
}

/** `GET /api/recordings`, and `POST /api/recordings/preview` with `StorageSettings` not saved yet. */
export interface StorageView {
  count: number;
  storedBytes: number;
  rawBytes: number;
  /** What the settings would delete now, oldest first; `POST /api/recordings/clean` does it and answers `{deleted, freedBytes}`. */
  going: {
    sessionId: string;
    title: string;
    endedAtMs: number;
    reason: "age" | "size";
    storedBytes: number;
  }[];
  /** Files of recordings that were damaged and put aside. */
  damagedFiles: string[];
}

/** Text messages from the page. The first must be `auth`, within 3 s. */
export type ClientMessage =
  | { type: "auth"; key: string }
  /** Asks for a session's terminal: from an offset (resume), or from a fresh snapshot. */
  | { type: "subscribe"; request: number; sessionId: string; from?: number }
  | { type: "unsubscribe"; channel: number }
  /** Everything up to this offset was parsed by the page's terminal. */
  | { type: "ack"; channel: number; offset: number }
  /** Sets the terminal's size; ignored from clients that do not own it unless `takeOver`. */
  | { type: "resize"; channel: number; cols: number; rows: number; takeOver?: boolean }
  /** While on, the page is told when the session's work tree changes. */
  | { type: "watch_changes"; sessionId: string; on: boolean }
  | { type: "ping" };

/** Text messages to the page. */
export type ServerMessage =
  /** The credentials were right. `instance` changes with every start of the server. */
  | { type: "ready"; instance: string; version: string }
  | { type: "session"; session: SessionView }
  | { type: "session_deleted"; sessionId: string }
  /** The fleet's day, week and month, after a change; at most once a second. */
  | { type: "budgets"; items: BudgetView[] }
  /** All model calls that pass the gateway; twice a second while there are any, and once when the last has ended. */
  | { type: "in_flight"; calls: CallInFlightView[] }
  /** What gates did since the last of these messages, in order; at most twice a second. */
  | { type: "gate_events"; items: { sessionId: string; event: GateEventView }[] }
  /** Every page gets every notice. Safe to receive twice: `id` tells. `GET /api/notices?cursor=` lists them, newest first; `POST /api/notices/seen` with `{upTo}` marks them. */
  | { type: "notice"; notice: Notice }
  /** A session left something new; its snapshots and notices are told by messages of their own. */
  | { type: "artifact"; sessionId: string }
  /** A summary is being made, or (without `generating`) one has ended: its list is to be read again. */
  | { type: "summaries"; sessionId: string; generating?: SummaryProgress }
  /** The work tree of a watched session changed, or a snapshot of any session was taken. */
  | { type: "changes"; sessionId: string; snapshot?: SnapshotView }
  /** Recording stopped for a reason, a full disk for example, or goes on again. Sessions run on. */
  | { type: "recording"; pausedReason?: string }
  /** A process that holds sessions has stopped to answer, or answers again. */
  | { type: "reach"; unreachable: boolean }
  /** Answers `subscribe`. A snapshot frame follows unless the stream goes on at the asked offset, or at 0 from an empty screen. */
  | {
    type: "subscribed";
    request: number;
    channel: number;
    sessionId: string;
    offset: number;
    cols: number;
    rows: number;
    ownsSize: boolean;
  }
  /** From this offset on the terminal has this size; ordered with the output frames. */
  | { type: "resized"; channel: number; offset: number; cols: number; rows: number }
  | { type: "size_owner"; channel: number; ownsSize: boolean }
  /** The page was too far behind, or output is missing: it continues with the snapshot that follows. */
  | { type: "skipped"; channel: number; from: number; to: number; missingBytes?: number }
  /** No output comes after this offset. */
  | { type: "end"; channel: number; offset: number }
  | { type: "error"; request?: number; channel?: number; sessionId?: string; error: ErrorBody["error"] }
  | { type: "pong" };

/** Close codes of the socket. */
export const SOCKET_CLOSE = {
  leaving: 1001,
  limits: 1008,
  size: 1009,
  credentials: 4401,
  slowAuth: 4408,
} as const;

/** Kinds of binary frames. A snapshot's body is `u16 cols | u16 rows | escape sequences`. */
export const FRAME = { output: 1, snapshot: 2, input: 3 } as const;

export interface Frame {
  kind: number;
  channel: number;
  offset: number;
  bytes: Uint8Array<ArrayBuffer>;
}

/** Bytes of a binary frame before its body: `u8 kind | u32 channel | u64 offset`, big endian. */
export const FRAME_HEADER_BYTES = 13;

/** Unacknowledged bytes a page may be sent per channel, and how often it should acknowledge. */
export const CREDIT_WINDOW_BYTES = 512 * 1024;
export const ACK_EVERY_BYTES = 100_000;

/** Lays out a frame in one new buffer. */
export function encodeFrame(
  frame: { kind: number; channel: number; offset: number; bytes: Uint8Array },
): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(FRAME_HEADER_BYTES + frame.bytes.length);
  const view = new DataView(out.buffer);
  view.setUint8(0, frame.kind);
  view.setUint32(1, frame.channel);
  view.setBigUint64(5, BigInt(frame.offset));
  out.set(frame.bytes, FRAME_HEADER_BYTES);
  return out;
}

/** Reads a frame; the body is a view of the given buffer. Undefined for anything that is not a frame. */
export function decodeFrame(data: ArrayBuffer): Frame | undefined {
  if (data.byteLength < FRAME_HEADER_BYTES) return undefined;
  const view = new DataView(data);
  const kind = view.getUint8(0);
  const offset = view.getBigUint64(5);
  if (kind < FRAME.output || kind > FRAME.input || offset > BigInt(Number.MAX_SAFE_INTEGER)) return undefined;
  return {
    kind,
    channel: view.getUint32(1),
    offset: Number(offset),
    bytes: new Uint8Array(data, FRAME_HEADER_BYTES),
  };
}

/** Body of a snapshot frame. */
export function encodeSnapshot(
  snapshot: { cols: number; rows: number; ansi: Uint8Array },
): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(4 + snapshot.ansi.length);
  const view = new DataView(out.buffer);
  view.setUint16(0, snapshot.cols);
  view.setUint16(2, snapshot.rows);
  out.set(snapshot.ansi, 4);
  return out;
}

/** Reads the body of a snapshot frame; undefined when it is too short. */
export function decodeSnapshot(
  body: Uint8Array<ArrayBuffer>,
): { cols: number; rows: number; ansi: Uint8Array<ArrayBuffer> } | undefined {
  if (body.length < 4) return undefined;
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  return { cols: view.getUint16(0), rows: view.getUint16(2), ansi: body.subarray(4) };
}
