// Follows one growing log file by byte offset, in pieces, and can go on after a restart.
import { LineSplitter } from "../usage/line_splitter.ts";

/** Plain JSON, stored together with what was read. */
export interface FollowState {
  offset: number;
  /** Tells a file from another one of the same name. */
  inode: number;
  /** The parser's own. */
  parser?: unknown;
}

export interface LineParser<Event> {
  feed(line: string, context: { nowMs: number; offset: number }): Event[];
  readonly state?: unknown;
}

export interface FileFollowerOptions<Event> {
  path: string;
  /** From an earlier follower. */
  state: FollowState | undefined;
  /** A parser for the file from where the state says; without one, for a file from its start. */
  createParser: (parserState: unknown) => LineParser<Event>;
  /** Takes what was read. What it throws ends the reading, which begins again at the last state it took. */
  take: (events: Event[], state: FollowState) => void;
  now: () => number;
}

const PIECE_BYTES = 256 * 1024;

export class FileFollower<Event> {
  readonly path: string;
  readonly #options: FileFollowerOptions<Event>;
  #state: FollowState | undefined;
  #parser: LineParser<Event>;
  #splitter: LineSplitter;
  /** Where the next piece begins: behind what the splitter holds back. */
  #position: number;
  #reading: Promise<void> | undefined;

  constructor(options: FileFollowerOptions<Event>) {
    this.#options = options;
    this.path = options.path;
    this.#state = options.state;
    [this.#parser, this.#splitter, this.#position] = this.#begin();
  }

  /** Reads to the end of the file as it is now. One reading at a time; a missing file has nothing to say. */
  read(): Promise<void> {
    this.#reading ??= this.#readAll().finally(() => this.#reading = undefined);
    return this.#reading;
  }

  async #readAll(): Promise<void> {
    const info = await ignoreMissing(Deno.stat(this.path));
    if (!info?.isFile) return;
    const inode = info.ino ?? 0;
    if (this.#state && (this.#state.inode !== inode || info.size < this.#position)) this.#restart();
    if (info.size <= this.#position) return;
    const file = await ignoreMissing(Deno.open(this.path));
    if (!file) return;
    try {
      await this.#readFrom(file, inode);
    } catch (cause) {
      [this.#parser, this.#splitter, this.#position] = this.#begin();
      throw cause;
    } finally {
      file.close();
    }
  }

  async #readFrom(file: Deno.FsFile, inode: number): Promise<void> {
    await file.seek(this.#position, Deno.SeekMode.Start);
    const piece = new Uint8Array(PIECE_BYTES);
    for (let count = await file.read(piece); count !== null; count = await file.read(piece)) {
      this.#position += count;
      const events: Event[] = [];
      for (const { text, offset } of this.#splitter.push(piece.subarray(0, count))) {
        events.push(...this.#parser.feed(text, { nowMs: this.#options.now(), offset }));
      }
      const { state: parser } = this.#parser;
      const state = { offset: this.#splitter.offset, inode, ...(parser === undefined ? {} : { parser }) };
      this.#options.take(events, state);
      this.#state = state;
    }
  }

  /** Another file took this one's name, or it was cut off: all of it is new. Calls are known by their ids. */
  #restart(): void {
    this.#state = undefined;
    [this.#parser, this.#splitter, this.#position] = this.#begin();
  }

  #begin(): [LineParser<Event>, LineSplitter, number] {
    const startOffset = this.#state?.offset ?? 0;
    const parser = this.#options.createParser(this.#state?.parser);
    return [parser, new LineSplitter({ startOffset }), startOffset];
  }
}

/** Undefined where there is nothing, or nothing that may be read. */
export async function ignoreMissing<Result>(work: Promise<Result>): Promise<Result | undefined> {
  try {
    return await work;
  } catch (cause) {
    const expected = [Deno.errors.NotFound, Deno.errors.PermissionDenied, Deno.errors.NotADirectory];
    if (expected.some((kind) => cause instanceof kind)) return undefined;
    throw cause;
  }
}
