// Looks at, writes and removes files of a work tree by the bytes of their names, through no symbolic link.
import { createHash, type Hash } from "node:crypto";
import { ENOENT, FileCalls } from "./libc_files.ts";
import { type BytePath, bytePathOf, bytesOfPath } from "./path_bytes.ts";
import type { ObjectFormat } from "./repository_state.ts";

/** What lies at a path, told as git tells it. */
export type Lying =
  | { kind: "nothing" | "directory" | "other" }
  /** `oid` is that of the bytes as they are. */
  | { kind: "file" | "link"; oid: string; isExecutable: boolean };

const WRITE_ONLY = 1;
const SEEK_SET = 0;
const SEEK_END = 2;
const EXECUTE = 1;
const MAX_LINK_BYTES = 4096;
const CHUNK_BYTES = 256 * 1024;
/** Hashed between two chances for others to use this thread. */
const CHUNKS_PER_SLICE = 8;

/** The files of one work tree. Names are relative to its root; close it after use. */
export class WorkTreeFiles {
  readonly #calls = new FileCalls();
  readonly #root: number;
  #nextTemporary = 0;

  /** `temporaryName` begins the names of files that are renamed when complete. */
  constructor(root: string, readonly temporaryName: string) {
    this.#root = this.#calls.open(AT_ROOT, {
      name: named(new TextEncoder().encode(root)),
      flags: this.#calls.flags.directory,
    });
    if (this.#root < 0) throw new Error(`Cannot open the directory "${root}"`);
  }

  [Symbol.dispose](): void {
    this.#calls.call.close(this.#root);
    this.#calls[Symbol.dispose]();
  }

  /** What lies there now; files are read whole. */
  async look(path: BytePath, format: ObjectFormat): Promise<Lying> {
    return await this.#inParent(path, { isMade: false }, async (parent, name) => {
      const link = this.#readLink(parent, name);
      if (link !== undefined) return { kind: "link", oid: blobId(link, format), isExecutable: false };
      return await this.#lookAtFile(parent, { name, format });
    }) ?? { kind: "nothing" };
  }

  /**
   * Puts a file in place at once, from bytes that `fill` hands over. `mode` are the permissions it had; without them the user's
   * usual ones are taken. Throws with a reason for the user.
   */
  async writeFile(
    path: BytePath,
    options: {
      isExecutable: boolean;
      mode?: number;
      fill: (take: (part: Uint8Array<ArrayBuffer>) => void) => Promise<void>;
    },
  ): Promise<void> {
    await this.#replace(path, async (parent, temporary) => {
      const flags = WRITE_ONLY | this.#calls.flags.create | this.#calls.flags.exclusive;
      const usual = options.isExecutable ? 0o777 : 0o666;
      const mode = options.mode === undefined ? usual : 0o600;
      const file = this.#calls.open(parent, { name: temporary, flags, mode });
      if (file < 0) throw this.#failure("cannot be written");
      try {
        await options.fill((part) => this.#writeAll(file, part));
        if (options.mode !== undefined) {
          this.#calls.call.fchmod(file, permissions(options.mode, options.isExecutable));
        }
      } finally {
        this.#calls.call.close(file);
      }
    });
  }

  async writeLink(path: BytePath, target: Uint8Array<ArrayBuffer>): Promise<void> {
    await this.#replace(path, (parent, temporary) => {
      if (this.#calls.call.symlinkat(named(target), parent, temporary) < 0) {
        throw this.#failure("cannot be written");
      }
      return Promise.resolve();
    });
  }

  /** Removes a file or link, and the directories above it that are empty then. */
  async remove(path: BytePath): Promise<void> {
    await this.#inParent(path, { isMade: false }, (parent, name) => {
      if (this.#calls.call.unlinkat(parent, name, 0) < 0) throw this.#failure("cannot be removed");
      return Promise.resolve(true);
    });
    for (let above = parentOf(path); above !== ""; above = parentOf(above)) {
      if (!await this.#removeDirectory(above)) return;
    }
  }

  async #removeDirectory(path: BytePath): Promise<boolean> {
    const flag = this.#calls.flags.removeDirectory;
    const remove = (parent: number, name: Uint8Array<ArrayBuffer>): Promise<boolean> =>
      Promise.resolve(this.#calls.call.unlinkat(parent, name, flag) === 0);
    return await this.#inParent(path, { isMade: false }, remove) ?? false;
  }

  /** Makes something beside the path and renames it over what is there. */
  async #replace(
    path: BytePath,
    make: (parent: number, temporary: Uint8Array<ArrayBuffer>) => Promise<void>,
  ): Promise<void> {
    await this.#inParent(path, { isMade: true }, async (parent, name) => {
      const temporary = named(bytesOfPath(`${this.temporaryName}${this.#nextTemporary++}`));
      try {
        await make(parent, temporary);
        if (this.#calls.call.renameat(parent, temporary, parent, name) < 0) {
          throw this.#failure("cannot be put in place: a directory may be in the way");
        }
      } catch (cause) {
        this.#calls.call.unlinkat(parent, temporary, 0);
        throw cause;
      }
      return true;
    });
  }

  /** Opens the directory that holds a path, step by step; undefined when it is missing and not to be made. */
  async #inParent<Result>(
    path: BytePath,
    { isMade }: { isMade: boolean },
    work: (parent: number, name: Uint8Array<ArrayBuffer>) => Promise<Result>,
  ): Promise<Result | undefined> {
    const parts = path.split("/").map((part) => named(bytesOfPath(part)));
    const name = parts.pop() ?? named(new Uint8Array());
    let directory = this.#root;
    try {
      for (const part of parts) {
        const next = this.#step(directory, { part, isMade });
        if (directory !== this.#root) this.#calls.call.close(directory);
        directory = next;
        if (next < 0) return undefined;
      }
      return await work(directory, name);
    } finally {
      if (directory >= 0 && directory !== this.#root) this.#calls.call.close(directory);
    }
  }

  /** Negative when there is no such directory. */
  #step(directory: number, { part, isMade }: { part: Uint8Array<ArrayBuffer>; isMade: boolean }): number {
    const step = { name: part, flags: this.#calls.flags.directory };
    if (isMade) this.#calls.call.mkdirat(directory, part, 0o777);
    const next = this.#calls.open(directory, step);
    if (next < 0 && isMade) {
      throw this.#failure("is below something that is no directory, or a symbolic link");
    }
    return next;
  }

  #readLink(parent: number, name: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> | undefined {
    const target = new Uint8Array(MAX_LINK_BYTES);
    const length = Number(this.#calls.call.readlinkat(parent, name, target, BigInt(MAX_LINK_BYTES)));
    return length < 0 ? undefined : target.slice(0, length);
  }

  async #lookAtFile(
    parent: number,
    { name, format }: { name: Uint8Array<ArrayBuffer>; format: ObjectFormat },
  ): Promise<Lying> {
    const { flags, call } = this.#calls;
    const file = this.#calls.open(parent, { name, flags: flags.nonBlocking });
    if (file < 0) return { kind: this.#calls.errno() === ENOENT ? "nothing" : "other" };
    try {
      if (this.#isDirectory(parent, name)) return { kind: "directory" };
      const bytes = Number(call.lseek(file, 0n, SEEK_END));
      if (bytes < 0) return { kind: "other" };
      call.lseek(file, 0n, SEEK_SET);
      const hash = createHash(format).update(`blob ${bytes}\0`);
      await this.#hashAll(file, hash);
      const isExecutable = call.faccessat(parent, name, EXECUTE, 0) === 0;
      return { kind: "file", oid: hash.digest("hex"), isExecutable };
    } finally {
      call.close(file);
    }
  }

  #isDirectory(parent: number, name: Uint8Array<ArrayBuffer>): boolean {
    const opened = this.#calls.open(parent, { name, flags: this.#calls.flags.directory });
    if (opened >= 0) this.#calls.call.close(opened);
    return opened >= 0;
  }

  async #hashAll(file: number, hash: Hash): Promise<void> {
    const chunk = new Uint8Array(CHUNK_BYTES);
    for (let count = 1;; count++) {
      const length = Number(this.#calls.call.read(file, chunk, BigInt(CHUNK_BYTES)));
      if (length <= 0) return;
      hash.update(chunk.subarray(0, length));
      if (count % CHUNKS_PER_SLICE === 0) await new Promise<void>((resolve) => setImmediate(resolve));
    }
  }

  #writeAll(file: number, part: Uint8Array<ArrayBuffer>): void {
    for (let at = 0; at < part.length;) {
      const rest = part.subarray(at);
      const written = Number(this.#calls.call.write(file, rest, BigInt(rest.length)));
      if (written < 0) throw this.#failure("cannot be written");
      at += written;
    }
  }

  /** Says what went wrong, with the number for those who look it up. */
  #failure(what: string): Error {
    return new Error(`It ${what} (error ${this.#calls.errno()})`);
  }
}

/** Ignored for absolute names. */
const AT_ROOT = -1;

/** As C wants names. */
function named(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const name = new Uint8Array(bytes.length + 1);
  name.set(bytes);
  return name;
}

function parentOf(path: BytePath): BytePath {
  return path.slice(0, Math.max(path.lastIndexOf("/"), 0));
}

function blobId(content: Uint8Array, format: ObjectFormat): string {
  return createHash(format).update(`blob ${content.length}\0`).update(bytePathOf(content), "latin1").digest(
    "hex",
  );
}

/** Who may read may execute, or nobody may. */
function permissions(mode: number, isExecutable: boolean): number {
  const plain = mode & 0o666;
  return isExecutable ? plain | ((plain & 0o444) >> 2) : plain;
}
