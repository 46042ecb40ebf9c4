// A program in a terminal for tests: gathers its output and waits for what it says.

import type { Pty, PtyExit, PtyHost, PtyListener, SpawnOptions } from "../pty_host.ts";

const PATIENCE_MS = 20_000;

/** What a test may leave out of the spawn options. */
export type TestSpawn = Pick<SpawnOptions, "argv"> & Partial<SpawnOptions>;

export const TEST_ENVIRONMENT = { PATH: "/usr/local/bin:/usr/bin:/bin", TERM: "xterm-256color", LC_ALL: "C" };

export class TestSession implements PtyListener {
  readonly pty: Pty;
  readonly chunks: Uint8Array<ArrayBuffer>[] = [];
  exit: PtyExit | undefined;
  /** Data calls that came after the exit. */
  lateChunks = 0;
  drains = 0;
  #text = "";
  readonly #decoder = new TextDecoder();
  readonly #watchers = new Set<() => void>();

  constructor(host: PtyHost, options: TestSpawn) {
    this.pty = host.spawn({ cwd: "/", env: TEST_ENVIRONMENT, cols: 80, rows: 24, ...options }, this);
  }

  get text(): string {
    return this.#text;
  }

  get byteCount(): number {
    return this.chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  }

  onData(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.exit !== undefined) this.lateChunks++;
    this.chunks.push(bytes);
    this.#text += this.#decoder.decode(bytes, { stream: true });
    this.#notify();
  }

  onExit(exit: PtyExit): void {
    this.exit = exit;
    this.#notify();
  }

  onDrain(): void {
    this.drains++;
    this.#notify();
  }

  #notify(): void {
    for (const watcher of [...this.#watchers]) watcher();
  }

  /** Resolves once the condition holds; it is asked again at every call of the listener. */
  until(condition: () => boolean): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const watcher = (): void => {
      if (condition()) resolve();
    };
    const patience = setTimeout(
      () => reject(new Error(`Waited in vain; output so far: ${JSON.stringify(this.#text.slice(-500))}`)),
      PATIENCE_MS,
    );
    this.#watchers.add(watcher);
    watcher();
    return promise.finally(() => {
      clearTimeout(patience);
      this.#watchers.delete(watcher);
    });
  }

  /** Resolves to the match once the whole output matches. */
  async says(pattern: RegExp): Promise<RegExpExecArray> {
    await this.until(() => pattern.test(this.#text));
    const match = pattern.exec(this.#text);
    if (match === null) throw new Error("The output changed while it was searched");
    return match;
  }

  /** Waits for the exit and gives the terminal back. */
  async ended(): Promise<PtyExit> {
    await this.until(() => this.exit !== undefined);
    this.pty.close();
    return await this.pty.exited;
  }

  /** Kills the program and gives the terminal back. */
  async end(): Promise<void> {
    this.pty.kill("SIGKILL");
    this.pty.resume();
    await this.ended();
  }
}
