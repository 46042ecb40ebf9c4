// Reads objects of a store one by one, walking trees by hand: names may be any bytes, and no argument has to carry them.
import { concatenate } from "../../concatenate.ts";
import type { GitStream } from "./git_runner.ts";
import { type BytePath, bytePathOf, pathOfFileId } from "./path_bytes.ts";
import type { PrivateStore } from "./private_store.ts";

const MAX_TREE_BYTES = 64 * 1024 * 1024;
const HEAD_LINE = /^([0-9a-f]+) (\w+) (\d+)$/;
const LINE_FEED = 10;

export interface ObjectHead {
  type: string;
  bytes: number;
}

/** An open `git cat-file --batch`; close it after use. */
export class ObjectReader {
  readonly #stream: GitStream;
  readonly #input: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>> | undefined;
  readonly #output: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>;
  #buffered: Uint8Array<ArrayBuffer> = new Uint8Array();

  constructor(store: PrivateStore) {
    this.#stream = store.start({ args: ["cat-file", "--batch"] }, true);
    this.#input = this.#stream.input?.getWriter();
    this.#output = this.#stream.output.getReader();
  }

  /** The object and its bytes, `maxBytes` of them at most kept; undefined when the store does not have it. */
  async read(
    oid: string,
    maxBytes: number,
  ): Promise<ObjectHead & { content: Uint8Array<ArrayBuffer> } | undefined> {
    const kept: Uint8Array<ArrayBuffer>[] = [];
    let length = 0;
    const head = await this.stream(oid, (part) => {
      const fitting = part.subarray(0, maxBytes - length);
      kept.push(fitting.slice());
      length += fitting.length;
      return length < maxBytes;
    });
    if (head === undefined) return undefined;
    return { ...head, content: concatenate(kept) };
  }

  /**
   * Hands the bytes of an object to `take` as they come, until it answers false; then the reader can only be closed, unless that
   * was the end of the object.
   */
  async stream(
    oid: string,
    take: (part: Uint8Array<ArrayBuffer>) => boolean,
  ): Promise<ObjectHead | undefined> {
    await this.#input?.write(new TextEncoder().encode(`${oid}\n`));
    const [, , type, size] = (await this.#readLine()).match(HEAD_LINE) ?? [];
    if (type === undefined) return undefined;
    let left = Number(size);
    while (left > 0) {
      const part = await this.#readSome(left);
      left -= part.length;
      if (!take(part) && left > 0) return { type, bytes: Number(size) };
    }
    await this.#readSome(1);
    return { type, bytes: Number(size) };
  }

  async close(): Promise<void> {
    this.#stream.stop();
    await this.#input?.close().catch(() => "it is gone already");
    await this.#output.cancel().catch(() => "it is gone already");
    await this.#stream.finished.catch(() => "it was ended on purpose");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #readLine(): Promise<string> {
    let line = "";
    while (true) {
      if (this.#buffered.length === 0) await this.#fill();
      const end = this.#buffered.indexOf(LINE_FEED);
      const part = end < 0 ? this.#buffered : this.#buffered.subarray(0, end);
      line += bytePathOf(part);
      this.#buffered = this.#buffered.subarray(end < 0 ? this.#buffered.length : end + 1);
      if (end >= 0) return line;
    }
  }

  async #readSome(maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
    if (this.#buffered.length === 0) await this.#fill();
    const part = this.#buffered.subarray(0, maxBytes);
    this.#buffered = this.#buffered.subarray(part.length);
    return part;
  }

  async #fill(): Promise<void> {
    const { value, done } = await this.#output.read();
    if (done) throw new Error("Git ended before it had answered");
    this.#buffered = value;
  }
}

/** What a tree holds at a path; undefined when nothing is there. `trees` keeps what was read for the next question. */
export async function findInTree(
  reader: ObjectReader,
  { tree, path, trees = new Map() }: { tree: string; path: BytePath; trees?: Map<string, Uint8Array> },
): Promise<{ mode: string; oid: string } | undefined> {
  let found = { mode: "40000", oid: tree };
  for (const name of path.split("/")) {
    if (found.mode !== "40000") return undefined;
    const content = trees.get(found.oid) ?? (await reader.read(found.oid, MAX_TREE_BYTES))?.content;
    if (content === undefined) return undefined;
    trees.set(found.oid, content);
    const entry = entryOf(content, { name, idBytes: tree.length / 2 });
    if (entry === undefined) return undefined;
    found = entry;
  }
  return found;
}

/** Content of a regular file, cut at `maxBytes`; undefined when it is not there or not a file. */
export async function readContent(
  store: PrivateStore,
  { tree, id, maxBytes }: { tree: string; id: string; maxBytes: number },
): Promise<{ bytes: Uint8Array<ArrayBuffer>; totalBytes: number } | undefined> {
  const path = pathOfFileId(id);
  if (path === undefined) return undefined;
  await using reader = new ObjectReader(store);
  const entry = await findInTree(reader, { tree, path });
  if (!entry?.mode.startsWith("100")) return undefined;
  const blob = await reader.read(entry.oid, maxBytes);
  return blob && { bytes: blob.content, totalBytes: blob.bytes };
}

/** `mode SP name NUL id`, again and again. */
function entryOf(
  tree: Uint8Array,
  { name, idBytes }: { name: BytePath; idBytes: number },
): { mode: string; oid: string } | undefined {
  for (let at = 0; at < tree.length;) {
    const space = tree.indexOf(32, at);
    const end = tree.indexOf(0, space);
    if (space < 0 || end < 0) return undefined;
    if (bytePathOf(tree.subarray(space + 1, end)) === name) {
      const id = tree.subarray(end + 1, end + 1 + idBytes);
      return { mode: bytePathOf(tree.subarray(at, space)), oid: hexOf(id) };
    }
    at = end + 1 + idBytes;
  }
  return undefined;
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
