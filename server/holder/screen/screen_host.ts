// The worker's side: keeps the screens of all sessions and shares its time fairly between them.
import { restState } from "./rest_state.ts";
import type { Screen } from "./screen.ts";
import type { Answer, FromWorker, ToWorker } from "./screen_messages.ts";
import { ScreenSession } from "./screen_session.ts";

export interface ScreenHostOptions {
  post(message: FromWorker): void;
  /** Runs a callback soon, after messages that have arrived. */
  soon(callback: () => void): void;
  /** Milliseconds of a monotonic clock. */
  now(): number;
}

export class ScreenHost {
  readonly #options: ScreenHostOptions;
  readonly #sessions = new Map<string, ScreenSession>();
  /** Sessions with work, in the order of their turns. */
  readonly #turns = new Set<string>();
  #keyframeEveryBytes = 1 << 20;
  #scrollback = 0;
  #isScheduled = false;

  constructor(options: ScreenHostOptions) {
    this.#options = options;
  }

  receive(message: ToWorker): void {
    switch (message.type) {
      case "configure":
        this.#keyframeEveryBytes = message.keyframeEveryBytes;
        this.#scrollback = message.scrollback;
        break;
      case "open":
        this.#open(message);
        break;
      case "drop":
        this.#drop(message.session);
        break;
      case "ask":
        this.#ask(message);
        break;
      default:
        this.#sessions.get(message.session)?.add(message);
        this.#takeTurns(message.session);
    }
  }

  #open({ session, size, from }: Extract<ToWorker, { type: "open" }>): void {
    this.#drop(session);
    const { post, now } = this.#options;
    const onBroken = (message: string) => post({ type: "broken", session, message });
    try {
      const opened = new ScreenSession({
        screen: {
          ...size,
          scrollback: this.#scrollback,
          onReply: (bytes) => post({ type: "reply", session, bytes }),
          onNotice: (notice) => post({ type: "notice", session, notice }),
        },
        from,
        keyframeEveryBytes: this.#keyframeEveryBytes,
        onKeyframe: (keyframe) => post({ type: "keyframe", session, keyframe }),
        onParsed: (offset) => post({ type: "parsed", session, offset }),
        onBroken,
        now,
      });
      this.#sessions.set(session, opened);
    } catch (thrown) {
      onBroken(thrown instanceof Error ? thrown.message : String(thrown));
    }
  }

  #drop(session: string): void {
    this.#sessions.get(session)?.dispose();
    this.#sessions.delete(session);
    this.#turns.delete(session);
  }

  #ask({ session, request, what }: Extract<ToWorker, { type: "ask" }>): void {
    const { post } = this.#options;
    const fail = (message: string) => post({ type: "failed", request, message });
    const asked = this.#sessions.get(session);
    if (asked === undefined) return fail("There is no such screen");
    const answer = (value: Answer) => post({ type: "answer", request, value });
    asked.add({
      type: "ask",
      isLast: what === "end" || what === "rest",
      answer: (screen) => answer(what === "end" ? this.#end(session, asked) : answerTo(what, screen)),
      fail,
    });
    this.#takeTurns(session);
  }

  #end(session: string, ended: ScreenSession): undefined {
    ended.finish();
    this.#drop(session);
  }

  #takeTurns(session: string): void {
    this.#turns.add(session);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#options.soon(() => this.#turn());
  }

  /** One session's slice; messages that came meanwhile are taken before the next. */
  #turn(): void {
    const [session] = this.#turns;
    this.#isScheduled = session !== undefined;
    if (session === undefined) return;
    this.#turns.delete(session);
    const screen = this.#sessions.get(session);
    screen?.work();
    if (screen?.hasWork === true) this.#turns.add(session);
    this.#options.soon(() => this.#turn());
  }
}

function answerTo(what: "snapshot" | "text" | "rest", screen: Screen): Answer {
  if (what === "rest") return restState(screen);
  return what === "snapshot" ? screen.snapshot() : screen.text();
}
