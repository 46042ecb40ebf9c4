// What the worker does: keeps the texts of files, answers for their lines, finds colours when nobody waits.

import type { Hunk } from "./diff_layout.ts";
import { DiffText, type LineRange, type ShownLine, type TextFacts } from "./diff_text.ts";
import { languageOf } from "./languages.ts";
import type { Syntax } from "./syntax.ts";

/** Messages to the worker. Texts change their owner. */
export type DiffRequest =
  | {
    type: "open";
    id: number;
    path: string;
    old: ArrayBuffer;
    new: ArrayBuffer;
    hunks: readonly Hunk[];
  }
  | { type: "lines"; id: number; range: LineRange }
  | { type: "close"; id: number };

/** Messages of the worker. Lines may come twice: the second time with colours. */
export type DiffAnswer =
  | { type: "opened"; id: number; facts: TextFacts }
  | { type: "lines"; id: number; range: LineRange; lines: ShownLine[] };

export interface DiffDeskOptions {
  syntax: Pick<Syntax, "load" | "stylesOf">;
  post(answer: DiffAnswer): void;
  /** Runs work after the messages that wait. */
  later(work: () => void): void;
}

interface ColourJob {
  id: number;
  range: LineRange;
}

/** Texts up to this size are coloured before the first answer. */
const QUICK_BYTES = 48 * 1024;
/** The newest wishes count: what is not on screen any more may stay plain. */
const MAX_WAITING = 200;

export class DiffDesk {
  readonly #options: DiffDeskOptions;
  readonly #texts = new Map<number, { text: DiffText; bytes: number }>();
  readonly #closed = new Set<number>();
  #waiting: ColourJob[] = [];
  #scheduled = false;

  constructor(options: DiffDeskOptions) {
    this.#options = options;
  }

  async handle(request: DiffRequest): Promise<void> {
    switch (request.type) {
      case "open":
        return await this.#open(request);
      case "lines":
        return this.#lines(request);
      case "close":
        if (!this.#texts.delete(request.id)) this.#closed.add(request.id);
        this.#waiting = this.#waiting.filter(({ id }) => id !== request.id);
    }
  }

  async #open(request: Extract<DiffRequest, { type: "open" }>): Promise<void> {
    const language = await this.#loadLanguage(request.path);
    if (this.#closed.delete(request.id)) return;
    const text = new DiffText({
      old: new Uint8Array(request.old),
      new: new Uint8Array(request.new),
      hunks: request.hunks,
      language,
      syntax: this.#options.syntax,
    });
    this.#texts.set(request.id, { text, bytes: request.old.byteLength + request.new.byteLength });
    this.#options.post({ type: "opened", id: request.id, facts: text.facts });
  }

  async #loadLanguage(path: string): Promise<string | undefined> {
    const language = languageOf(path);
    try {
      return language !== undefined && await this.#options.syntax.load(language) ? language : undefined;
    } catch {
      // A grammar that cannot be loaded, after an update of the program for example: the text is shown plain.
      return undefined;
    }
  }

  #lines({ id, range }: Extract<DiffRequest, { type: "lines" }>): void {
    const found = this.#texts.get(id);
    if (found === undefined) return;
    const { text, bytes } = found;
    if (bytes <= QUICK_BYTES) text.colour(range);
    this.#options.post({ type: "lines", id, range, lines: text.lines(range) });
    if (!text.needsColours(range)) return;
    this.#waiting = [...this.#waiting.slice(-MAX_WAITING), { id, range }];
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#options.later(() => {
      this.#scheduled = false;
      this.#colourNext();
      if (this.#waiting.length > 0) this.#schedule();
    });
  }

  #colourNext(): void {
    const job = this.#waiting.pop();
    const text = job === undefined ? undefined : this.#texts.get(job.id)?.text;
    if (job === undefined || text === undefined) return;
    text.colour(job.range);
    this.#options.post({ type: "lines", ...job, lines: text.lines(job.range) });
  }
}
