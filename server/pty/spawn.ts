// Starts a process in a session of its own by posix_spawn: no fork of our threads, nothing inherited by accident.

import { AppError } from "../errors.ts";
import type { Libc } from "./libc.ts";

/** More than any platform's attribute, action and signal set objects. */
const OPAQUE_BYTES = 512;
const O_RDWR = 2;

export interface ProcessImage {
  /** The first one is the path of the program. */
  argv: string[];
  env: Record<string, string>;
  /** What becomes descriptor 2; 0 and 1 are `/dev/null`. */
  errorFd: number;
}

/** Returns the pid of the new session's leader; throws `unavailable` when the system has no room for it. */
export function spawnSession(libc: Libc, image: ProcessImage): number {
  if (!libc.platform.spawnClosesOthers) closeOthersOnExec(libc);
  const { call } = libc;
  const attributes = spawnAttributes(libc);
  const actions = fileActions(libc, image.errorFd);
  const argv = new StringArray(image.argv);
  const env = new StringArray(Object.entries(image.env).map(([name, value]) => `${name}=${value}`));
  const path = cString(image.argv[0] ?? "");
  const pid = new Int32Array(1);
  const errno = call.posix_spawn(pid, path, actions, attributes, argv.pointers, env.pointers);
  call.posix_spawn_file_actions_destroy(actions);
  call.posix_spawnattr_destroy(attributes);
  if (errno !== 0) throw new AppError("unavailable", `Start a process: error ${errno}`);
  return pid[0] ?? 0;
}

/** A session of its own, default reactions to all signals (the runtime ignores SIGPIPE) and none blocked. */
function spawnAttributes({ call, platform }: Libc): Uint8Array<ArrayBuffer> {
  const attributes = new Uint8Array(OPAQUE_BYTES);
  // Not sigfillset, which leaves out the thread library's own signals: they would start ignored.
  const all = new Uint8Array(OPAQUE_BYTES).fill(0xff);
  const none = new Uint8Array(OPAQUE_BYTES);
  call.posix_spawnattr_init(attributes);
  call.posix_spawnattr_setsigdefault(attributes, all);
  call.posix_spawnattr_setsigmask(attributes, none);
  call.posix_spawnattr_setflags(attributes, platform.spawnFlags);
  return attributes;
}

function fileActions({ call }: Libc, errorFd: number): Uint8Array<ArrayBuffer> {
  const actions = new Uint8Array(OPAQUE_BYTES);
  call.posix_spawn_file_actions_init(actions);
  call.posix_spawn_file_actions_addopen(actions, 0, cString("/dev/null"), O_RDWR, 0);
  call.posix_spawn_file_actions_adddup2(actions, 0, 1);
  call.posix_spawn_file_actions_adddup2(actions, errorFd, 2);
  return actions;
}

/** Our own descriptors close on exec; those that our parent left open to us would not. */
function closeOthersOnExec(libc: Libc): void {
  for (const { name } of Deno.readDirSync("/proc/self/fd")) {
    const fd = Number(name);
    if (fd > 2) libc.setCloseOnExec(fd);
  }
}

function cString(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${text}\0`);
}

/** A `char *[]` with the strings it points to; both live as long as this object. */
class StringArray {
  readonly pointers: BigUint64Array<ArrayBuffer>;
  readonly #text: Uint8Array<ArrayBuffer>;

  constructor(strings: string[]) {
    const encoded = strings.map(cString);
    this.#text = new Uint8Array(new ArrayBuffer(encoded.reduce((sum, one) => sum + one.length, 1)));
    this.pointers = new BigUint64Array(strings.length + 1);
    const base = Deno.UnsafePointer.value(Deno.UnsafePointer.of(this.#text));
    let offset = 0;
    for (const [index, one] of encoded.entries()) {
      this.#text.set(one, offset);
      this.pointers[index] = base + BigInt(offset);
      offset += one.length;
    }
  }
}
