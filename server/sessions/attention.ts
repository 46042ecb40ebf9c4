// What each agent is doing, put together from everything that says so: its own reports, notifications, bells, its output
// and the user's keys.
import type { Clock } from "../clock.ts";
import type { Activity } from "../protocol.ts";

export interface AttentionOptions extends Pick<Clock, "now" | "later"> {
  /** Something has changed. */
  onChange: (id: string, said: { activity: Activity; question: string | undefined }) => void;
  /** An agent wants its user; once for each event. */
  onNeedsYou: (id: string, question: string | undefined) => void;
}

/** A bell means something only when the program rests behind it for this long. */
const QUIET_AFTER_BELL_MS = 2500;
/** What the program may still draw behind its bell: a prompt. */
const DRAWN_AFTER_BELL_BYTES = 4096;
/** A bell so soon after a key answers the key: a completion that is not there, the start of a line. */
const ANSWER_TO_KEY_MS = 3000;
/** Growth is told once a second: this many in a row, each within the gap, is work and not a prompt being drawn. */
const GROWTHS_OF_WORK = 4;
const MAX_GROWTH_GAP_MS = 2500;
/** Another question so soon is the same event, seen by another source; a program that floods is told of this often. */
const SAME_EVENT_MS = 5000;
/** The same for notifications and bells, which any program may send. */
const SAME_NOTIFICATION_MS = 30_000;

interface State {
  activity: Activity;
  question?: string;
  /** What the activity was before a notification or a bell made it `needs_you`; undefined otherwise. */
  before?: Activity;
  typedAtMs: number;
  toldAtMs: number;
  end: number;
  grownAtMs: number;
  growths: number;
  cancelBell?: () => void;
}

const NEW: Readonly<State> = {
  activity: "unknown",
  typedAtMs: -Infinity,
  toldAtMs: -Infinity,
  end: 0,
  grownAtMs: -Infinity,
  growths: 0,
};

export class Attention {
  readonly #options: AttentionOptions;
  readonly #states = new Map<string, State>();

  constructor(options: AttentionOptions) {
    this.#options = options;
  }

  /** Takes up a session whose activity is known; nobody is told. */
  adopt(id: string, said: { activity: Activity; question?: string }): void {
    Object.assign(this.#get(id), said);
  }

  /** The agent says what it does, by a hook or a status sequence; a question is kept until it does something else. */
  report(id: string, { activity, question }: { activity: Activity; question?: string }): void {
    const state = this.#get(id);
    delete state.before;
    this.#set(id, activity, activity === "needs_you" ? question ?? state.question : undefined);
  }

  /** A notification: programs send those when they want the user to look. */
  notify(id: string, question: string | undefined): void {
    const state = this.#get(id);
    if (state.activity !== "needs_you") state.before = state.activity;
    state.growths = 0;
    this.#set(id, "needs_you", state.question ?? question);
  }

  /** The bell has rung behind `offset` bytes of output. */
  bell(id: string, offset: number): void {
    const { now, later } = this.#options;
    const state = this.#get(id);
    if (now() - state.typedAtMs < ANSWER_TO_KEY_MS) return;
    state.cancelBell?.();
    state.cancelBell = later(() => {
      delete state.cancelBell;
      if (state.end <= offset + DRAWN_AFTER_BELL_BYTES) this.notify(id, undefined);
    }, QUIET_AFTER_BELL_MS);
  }

  /** There is new output, up to `offset`; told about once a second while it comes. */
  grown(id: string, offset: number): void {
    const state = this.#get(id);
    const nowMs = this.#options.now();
    const goesOn = nowMs - state.grownAtMs <= MAX_GROWTH_GAP_MS;
    state.growths = goesOn ? state.growths + 1 : 1;
    state.grownAtMs = nowMs;
    state.end = offset;
    if (state.before !== undefined && state.growths >= GROWTHS_OF_WORK) this.#release(id, "working");
  }

  /** The user has typed: what was only asked for by a notification is seen to. */
  typed(id: string): void {
    const state = this.#get(id);
    state.typedAtMs = this.#options.now();
    state.cancelBell?.();
    delete state.cancelBell;
    if (state.before !== undefined) this.#release(id, state.before);
  }

  forget(id: string): void {
    this.#states.get(id)?.cancelBell?.();
    this.#states.delete(id);
  }

  close(): void {
    for (const id of [...this.#states.keys()]) this.forget(id);
  }

  #release(id: string, activity: Activity): void {
    delete this.#get(id).before;
    this.#set(id, activity, undefined);
  }

  #set(id: string, activity: Activity, question: string | undefined): void {
    const { now, onChange, onNeedsYou } = this.#options;
    const state = this.#get(id);
    if (state.activity === activity && state.question === question) return;
    state.activity = activity;
    if (question === undefined) delete state.question;
    else state.question = question;
    onChange(id, { activity, question });
    const restMs = state.before === undefined ? SAME_EVENT_MS : SAME_NOTIFICATION_MS;
    if (activity !== "needs_you" || now() - state.toldAtMs < restMs) return;
    state.toldAtMs = now();
    onNeedsYou(id, question);
  }

  #get(id: string): State {
    const known = this.#states.get(id);
    if (known) return known;
    const state: State = { ...NEW };
    this.#states.set(id, state);
    return state;
  }
}
