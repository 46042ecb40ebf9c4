// A program in a PTY of ours with a server-side screen behind it, driven as a person would.
import type { Notice } from "../holder/screen/notices.ts";
import { Screen } from "../holder/screen/screen.ts";
import { type Pty, type PtyExit, PtyHost } from "../pty/pty_host.ts";
import { Watchers } from "./watchers.ts";

export interface AgentTerminalOptions {
  argv: string[];
  cwd: string;
  env: Record<string, string>;
  cols?: number;
  rows?: number;
}

/** Between typed text and Enter: agents take a burst that ends in Enter for a paste. */
const BEFORE_ENTER_MS = 700;
const BETWEEN_KEYS_MS = 30;
const DEFAULT_TIMEOUT_MS = 60_000;

export class AgentTerminal {
  readonly notices: Notice[] = [];
  readonly #host = PtyHost.open();
  readonly #pty: Pty;
  readonly #screen: Screen;
  readonly #watchers = new Watchers();
  readonly #output: Uint8Array[] = [];
  #bytes = 0;
  #exit: PtyExit | undefined;

  constructor({ argv, cwd, env, cols = 120, rows = 40 }: AgentTerminalOptions) {
    this.#screen = new Screen({
      cols,
      rows,
      onReply: (bytes) => this.#pty.write(bytes),
      onNotice: (notice) => this.notices.push(notice),
    });
    this.#pty = this.#host.spawn({ argv, cwd, env, cols, rows }, {
      onData: (bytes) => this.#onData(bytes),
      onExit: (exit) => {
        this.#exit = exit;
        this.#watchers.notify();
      },
    });
  }

  get pid(): number {
    return this.#pty.pid;
  }

  get exit(): PtyExit | undefined {
    return this.#exit;
  }

  /** The screen as lines of text. */
  text(): string {
    return this.#screen.text().join("\n");
  }

  /** Everything written so far, as it came. */
  output(): string {
    const decoder = new TextDecoder();
    return this.#output.map((bytes) => decoder.decode(bytes, { stream: true })).join("");
  }

  /** The last state told by OSC 7501; "" before the first. */
  get state(): string {
    const last = this.notices.findLast((notice) => notice.type === "status");
    return last?.type === "status" ? last.state : "";
  }

  write(keys: string): void {
    this.#pty.write(keys);
  }

  /** Types a line key by key and sends it off. */
  async enter(line: string): Promise<void> {
    for (const key of line) {
      this.#pty.write(key);
      await pause(BETWEEN_KEYS_MS);
    }
    await pause(BEFORE_ENTER_MS);
    this.#pty.write("\r");
  }

  kill(signal: Deno.Signal): void {
    this.#pty.kill(signal);
  }

  /** Resolves once the condition holds for what is on screen; rejects with the screen after the time. */
  waitFor(condition: (terminal: AgentTerminal) => boolean, timeoutMs = DEFAULT_TIMEOUT_MS): Promise<void> {
    return this.#watchers.until(() => condition(this), {
      timeoutMs,
      failure: () => `The terminal never came to it (exit ${JSON.stringify(this.#exit)}):\n${this.text()}`,
    });
  }

  async waitForExit(timeoutMs = DEFAULT_TIMEOUT_MS): Promise<PtyExit> {
    await this.waitFor(({ exit }) => exit !== undefined, timeoutMs);
    if (this.#exit === undefined) throw new Error("The terminal has no exit");
    return this.#exit;
  }

  /** Hangs up, kills what is left of the leader, gives everything back. */
  async close(): Promise<void> {
    if (this.#exit === undefined) this.#pty.kill("SIGKILL");
    this.#pty.close();
    await this.#host.close();
    this.#screen.dispose();
  }

  #onData(bytes: Uint8Array): void {
    this.#output.push(bytes);
    this.#bytes += bytes.length;
    this.#screen.write(bytes, this.#bytes);
    this.#watchers.notify();
  }
}

function pause(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs));
}
