// Kills servers and holders at random moments under writing sessions, and checks what was recorded against what was emitted.
import { ApiClient, type TerminalClient } from "./api_client.ts";
import { startLossyProxy } from "./lossy_proxy.ts";
import { endHolders, listHolderPids, type RunningProgram, startProgram } from "./running_program.ts";

export interface TortureOptions {
  sessions: number;
  serverKills: number;
  holderKills: number;
  seed: number;
}

/** Every count of a fault must be zero. */
export interface TortureReport {
  lines: number;
  missing: number;
  doubled: number;
  disordered: number;
  /** Sessions whose state or end is not the true one. */
  wrongEnds: number;
  /** Bytes that a page behind a breaking connection saw differently from the recording. */
  pageDifferences: number;
  pageReconnects: number;
  orphans: number;
}

/** What was emitted this long before a holder was killed must be recorded. */
const HOLDER_LOSS_MS = 100;
/** The scheduler of a loaded machine may keep an emitter from logging what it wrote. */
const MAX_GAP_MS = 120;
const EXIT_CODE = 7;

/** Prints numbered lines and logs each after it was written, until a file tells it to end. */
const EMITTER = `n=0; mkfifo "$1.pipe"; exec 9<>"$1.pipe"; while [ ! -e "$1.stop" ]; do n=$((n+1)); ` +
  `echo "line $n"; echo "$n $EPOCHREALTIME" >> "$1.log"; read -t 0.01 -u 9; done; exit ${EXIT_CODE}`;

interface Emitter {
  id: string;
  path: string;
}

/** A small generator of numbers from 0 to 1, so that a run can be repeated. */
function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function wait(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

export async function torture(options: TortureOptions): Promise<TortureReport> {
  const directory = await Deno.realPath(await Deno.makeTempDir());
  const run = new TortureRun(directory, options);
  try {
    return await run.run();
  } finally {
    await run.close();
    await Deno.remove(directory, { recursive: true });
  }
}

class TortureRun {
  readonly #directory: string;
  readonly #options: TortureOptions;
  readonly #random: () => number;
  readonly #report: TortureReport = {
    lines: 0,
    missing: 0,
    doubled: 0,
    disordered: 0,
    wrongEnds: 0,
    pageDifferences: 0,
    pageReconnects: 0,
    orphans: 0,
  };
  #program: RunningProgram | undefined;
  #api: ApiClient | undefined;
  #count = 0;

  constructor(directory: string, options: TortureOptions) {
    this.#directory = directory;
    this.#options = options;
    this.#random = createRandom(options.seed);
  }

  async run(): Promise<TortureReport> {
    const { holderKills, serverKills } = this.#options;
    await this.#start();
    for (let round = 0; round <= holderKills; round++) {
      const emitters = await this.#launchAll();
      const page = new FollowingPage({
        directory: this.#directory,
        random: this.#random,
        session: emitters[0]?.id ?? "",
      });
      const following = page.follow(() => this.#api);
      for (let kill = 0; kill < Math.ceil(serverKills / (holderKills + 1)); kill++) await this.#killServer();
      if (round < holderKills) await this.#endByHolderKill(emitters);
      else await this.#endByThemselves(emitters);
      page.stop();
      await following;
      await this.#comparePage(page);
    }
    this.#report.orphans = (await this.#client().call<{ items: unknown[] }>("/api/survivors")).items.length;
    return this.#report;
  }

  async close(): Promise<void> {
    await this.#program?.stop();
    await endHolders(`${this.#directory}/data`);
  }

  #client(): ApiClient {
    if (!this.#api) throw new TypeError("No server runs");
    return this.#api;
  }

  async #start(): Promise<void> {
    this.#program = await startProgram({ dataDirectory: `${this.#directory}/data` });
    this.#api = await ApiClient.signIn(this.#program.printedUrl);
  }

  async #killServer(): Promise<void> {
    await wait(this.#random() * 300);
    await this.#program?.kill();
    await wait(this.#random() * 100);
    await this.#start();
  }

  async #launchAll(): Promise<Emitter[]> {
    const emitters: Emitter[] = [];
    for (let n = 0; n < this.#options.sessions; n++) {
      const path = `${this.#directory}/emitter-${++this.#count}`;
      await Deno.writeTextFile(`${path}.sh`, EMITTER);
      const { id } = await this.#client().launch({
        cwd: this.#directory,
        command: `bash ${path}.sh ${path}`,
      });
      emitters.push({ id, path });
    }
    return emitters;
  }

  async #endByThemselves(emitters: Emitter[]): Promise<void> {
    for (const { path } of emitters) await Deno.writeTextFile(`${path}.stop`, "");
    for (const emitter of emitters) {
      const session = await this.#client().waitForEnd(emitter.id);
      if (session.endReason !== "exited" || session.exitCode !== EXIT_CODE) this.#report.wrongEnds++;
      await this.#compare(emitter, Infinity);
    }
  }

  async #endByHolderKill(emitters: Emitter[]): Promise<void> {
    await wait(this.#random() * 500);
    const killedAtMs = Date.now();
    for (const pid of listHolderPids(`${this.#directory}/data`)) Deno.kill(pid, "SIGKILL");
    for (const emitter of emitters) {
      const session = await this.#client().waitForEnd(emitter.id);
      if (session.endReason !== "crash") this.#report.wrongEnds++;
      await this.#compare(emitter, killedAtMs - HOLDER_LOSS_MS - MAX_GAP_MS);
    }
  }

  /** Every line logged before `untilMs` must be in the recording, in order, once. */
  async #compare({ id, path }: Emitter, untilMs: number): Promise<void> {
    const text = new TextDecoder().decode(await this.#client().recording(id));
    const recorded = [...text.matchAll(/line (\d+)\r\n/g)].map(([, number]) => Number(number));
    const emitted = (await Deno.readTextFile(`${path}.log`)).trim().split("\n").map((line) => line.split(" "))
      .filter(([, seconds]) => Number(seconds) * 1000 < untilMs).map(([number]) => Number(number));
    const seen = new Set(recorded);
    this.#report.lines += emitted.length;
    this.#report.missing += emitted.filter((number) => !seen.has(number)).length;
    this.#report.doubled += recorded.length - seen.size;
    this.#report.disordered +=
      recorded.filter((number, index) => index > 0 && number <= (recorded[index - 1] ?? 0)).length;
  }

  async #comparePage(page: FollowingPage): Promise<void> {
    const recording = await this.#client().recording(page.session);
    this.#report.pageReconnects += page.reconnects;
    for (const { offset, text } of page.pieces) {
      const bytes = new TextEncoder().encode(text);
      // What a killed holder had shown and not yet stored is beyond the recording's end.
      const recorded = recording.subarray(offset, offset + bytes.length);
      if (recorded.some((byte, index) => bytes[index] !== byte)) this.#report.pageDifferences++;
    }
  }
}

/** A page that stays attached to one session through a connection that keeps breaking and servers that keep dying. */
class FollowingPage {
  readonly session: string;
  readonly pieces: { offset: number; text: string }[] = [];
  reconnects = 0;
  readonly #directory: string;
  readonly #random: () => number;
  #stopped = false;
  #terminal: TerminalClient | undefined;

  constructor(options: { session: string; directory: string; random: () => number }) {
    this.session = options.session;
    this.#directory = options.directory;
    this.#random = options.random;
  }

  /** Resolves after `stop`. */
  async follow(api: () => ApiClient | undefined): Promise<void> {
    let offset = 0;
    while (!this.#stopped) {
      const client = api();
      if (client) offset = await this.#followOnce(client, offset).catch(() => offset);
      this.reconnects++;
      await wait(20);
    }
  }

  stop(): void {
    this.#stopped = true;
    void this.#terminal?.close();
  }

  async #followOnce(api: ApiClient, from: number): Promise<number> {
    const proxy = startLossyProxy({
      port: Number(new URL(api.origin).port),
      socketPath: `${this.#directory}/proxy-${crypto.randomUUID().slice(0, 8)}`,
      random: this.#random,
      maxBytes: 8000,
    });
    try {
      this.#terminal = await api.openTerminal(this.session, {
        ...(from === undefined ? {} : { from }),
        client: proxy.client,
      });
      await this.#terminal.until(() => false).catch(() => {});
      this.pieces.push({ offset: this.#terminal.startOffset, text: this.#terminal.output });
      return this.#terminal.offset;
    } finally {
      proxy.close();
    }
  }
}
