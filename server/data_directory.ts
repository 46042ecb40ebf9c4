// The private directory that holds everything: its modes, its lock, its secrets, and who is using it.
import { join } from "node:path";
import { AppError } from "./errors.ts";

const DIRECTORY_MODE = 0o700;
const FILE_MODE = 0o600;
const GROUP_AND_OTHERS = 0o077;
const SECRET_BYTES = 32;
const ID_CHARACTERS = 8;
/** A runtime without `tryLock` is taken to be refused after this long. */
const LOCK_PATIENCE_MS = 300;

/** What a running server tells other invocations. Holds no secret. */
export interface RunningServer {
  pid: number;
  address: string;
  agentPort: number;
}

/** Paths inside a data directory. */
export class DataDirectory {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** Makes the directory if needed and tightens its mode. Throws `invalid` with what to do when it cannot be used. */
  static open(path: string): DataDirectory {
    try {
      Deno.mkdirSync(path, { recursive: true, mode: DIRECTORY_MODE });
    } catch (cause) {
      if (!(cause instanceof Deno.errors.AlreadyExists)) throw unusable(path, cause);
    }
    const info = Deno.statSync(path);
    if (!info.isDirectory) throw unusable(path, "it is a file");
    if (info.uid !== null && info.uid !== Deno.uid()) throw unusable(path, "it belongs to another user");
    if (((info.mode ?? 0) & GROUP_AND_OTHERS) !== 0) Deno.chmodSync(path, DIRECTORY_MODE);
    return new DataDirectory(Deno.realPathSync(path));
  }

  file(name: string): string {
    return join(this.path, name);
  }

  /** Takes the directory's lock for the life of this process; false when another one has it. */
  async lock(): Promise<boolean> {
    return await tryLock(this.#openPrivate("lock"));
  }

  /** Whether a server or a holder uses it. */
  async isInUse(): Promise<boolean> {
    const locks = [...Deno.readDirSync(this.path)].filter(({ name }) =>
      name === "lock" || /^holder-.*\.lock$/.test(name)
    );
    for (const { name } of locks) if (await this.isLocked(name)) return true;
    return false;
  }

  /** Takes a lock of the caller's own making; the answer gives it back. */
  async lockFile(name: string): Promise<() => void> {
    const file = this.#openPrivate(name);
    if (!await tryLock(file)) throw new AppError("conflict", `The lock "${name}" is taken`);
    return () => file.close();
  }

  /** Whether a living process holds a lock. */
  async isLocked(name: string): Promise<boolean> {
    const file = this.#openPrivate(name);
    try {
      return !await tryLock(file);
    } finally {
      file.close();
    }
  }

  /** The secret that signs codes and keys; made at first use. */
  installSecret(): Uint8Array {
    return this.#readOrCreate("secret", () => crypto.getRandomValues(new Uint8Array(SECRET_BYTES)));
  }

  /** Short id that tells this directory's processes and cookies from others'. */
  id(): string {
    return new TextDecoder().decode(
      this.#readOrCreate("id", () => new TextEncoder().encode(crypto.randomUUID().slice(0, ID_CHARACTERS))),
    );
  }

  /** The port that agents find us on; undefined before the first start. */
  readAgentPort(): number | undefined {
    const text = this.#read("agent-port");
    const port = Number(text && new TextDecoder().decode(text));
    return Number.isInteger(port) && port > 0 && port < 65536 ? port : undefined;
  }

  writeAgentPort(port: number): void {
    this.#write("agent-port", new TextEncoder().encode(String(port)));
  }

  readRunningServer(): RunningServer | undefined {
    const bytes = this.#read("server.json");
    if (!bytes) return undefined;
    const value = parseOrUndefined(new TextDecoder().decode(bytes));
    return isRunningServer(value) ? value : undefined;
  }

  writeRunningServer(server: RunningServer): void {
    this.#write("server.json", new TextEncoder().encode(JSON.stringify(server)));
  }

  removeRunningServer(): void {
    Deno.removeSync(this.file("server.json"));
  }

  #readOrCreate(name: string, create: () => Uint8Array): Uint8Array {
    const existing = this.#read(name);
    if (existing && existing.length > 0) {
      Deno.chmodSync(this.file(name), FILE_MODE);
      return existing;
    }
    const created = create();
    this.#write(name, created);
    return created;
  }

  #read(name: string): Uint8Array | undefined {
    try {
      return Deno.readFileSync(this.file(name));
    } catch (cause) {
      if (cause instanceof Deno.errors.NotFound) return undefined;
      throw cause;
    }
  }

  /** Written beside and renamed, so that a crash leaves the old or the new, never half. */
  #write(name: string, bytes: Uint8Array): void {
    const temporary = this.file(`${name}.${Deno.pid}.new`);
    Deno.writeFileSync(temporary, bytes, { mode: FILE_MODE });
    Deno.renameSync(temporary, this.file(name));
  }

  #openPrivate(name: string): Deno.FsFile {
    return Deno.openSync(this.file(name), { create: true, write: true, mode: FILE_MODE });
  }
}

async function tryLock(file: Deno.FsFile): Promise<boolean> {
  if ("tryLock" in file) return await file.tryLock(true);
  const taken = (file as Deno.FsFile).lock(true).then(() => true);
  const gaveUp = new Promise<false>((resolve) => setTimeout(() => resolve(false), LOCK_PATIENCE_MS));
  return await Promise.race([taken, gaveUp]);
}

function unusable(path: string, cause: unknown): AppError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new AppError(
    "invalid",
    `Cannot use the data directory "${path}": ${reason}. Choose another with --data DIR`,
    { cause },
  );
}

/** A power cut may leave an empty file. */
function parseOrUndefined(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (cause) {
    if (cause instanceof SyntaxError) return undefined;
    throw cause;
  }
}

function isRunningServer(value: unknown): value is RunningServer {
  return typeof value === "object" && value !== null && "address" in value &&
    typeof value.address === "string" &&
    "pid" in value && typeof value.pid === "number";
}
