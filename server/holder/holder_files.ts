// How holders of a data directory are found: one private file each that says where it listens, and its lock.
import { join } from "node:path";
import { readInteger, readRecord, readText } from "./plain_shape.ts";

/** What a holder tells servers. The secret changes with every start of a holder. */
export interface HolderFile {
  id: string;
  pid: number;
  socket: string;
  secret: string;
  version: string;
  startedAtMs: number;
}

const ID = /^[0-9a-f-]{1,36}$/;
/** Ours are far longer. */
const SECRET = /^.{20}/;
const NAME = /^holder-([0-9a-f-]{1,36})\.json$/;
const FILE_MODE = 0o600;
const DIRECTORY_MODE = 0o700;
/** The system's limit is 104 or 108 bytes, with the end mark. */
const MAX_SOCKET_PATH_BYTES = 100;
/** The system's, where `TMPDIR` is too long as well. */
const LAST_TEMPORARY_DIRECTORY = "/tmp";

/** Holders that said they listen, newest first; some may be gone. */
export function listHolderFiles(dataDirectory: string): HolderFile[] {
  return [...Deno.readDirSync(dataDirectory)]
    .filter(({ name }) => NAME.test(name))
    .map(({ name }) => readHolderFile(join(dataDirectory, name)))
    .filter((file) => file !== undefined)
    .sort((a, b) => b.startedAtMs - a.startedAtMs);
}

/** Written beside and renamed, so that nobody reads half of it. */
export function writeHolderFile(dataDirectory: string, file: HolderFile): void {
  const path = join(dataDirectory, `holder-${file.id}.json`);
  Deno.writeTextFileSync(`${path}.new`, JSON.stringify(file), { mode: FILE_MODE });
  Deno.renameSync(`${path}.new`, path);
}

/** Forgets a holder that is gone. */
export function removeHolderFile(dataDirectory: string, { id, socket }: HolderFile): void {
  for (
    const path of [join(dataDirectory, `holder-${id}.json`), join(dataDirectory, `holder-${id}.lock`), socket]
  ) {
    try {
      Deno.removeSync(path);
    } catch (cause) {
      if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    }
  }
}

/** A path for a holder's socket: inside the data directory, or in a private directory where that is too long. */
export function socketPath(
  dataDirectory: string,
  options: { id: string; temporaryDirectory: string },
): string {
  const path = join(dataDirectory, `holder-${options.id}.sock`);
  if (isShort(path)) return path;
  const parents = [options.temporaryDirectory, LAST_TEMPORARY_DIRECTORY];
  const directories = parents.map((parent) => join(parent, `agents-fleet-${Deno.uid()}`));
  const directory = directories.find((directory) => isShort(join(directory, `${options.id}.sock`)));
  if (directory === undefined) throw new Error(`"${dataDirectory}" is too long for a socket`);
  Deno.mkdirSync(directory, { recursive: true, mode: DIRECTORY_MODE });
  const { uid, mode } = Deno.lstatSync(directory);
  if (uid !== Deno.uid() || ((mode ?? 0) & 0o077) !== 0) throw new Error(`"${directory}" is not private`);
  return join(directory, `${options.id}.sock`);
}

function isShort(path: string): boolean {
  return new TextEncoder().encode(path).length <= MAX_SOCKET_PATH_BYTES;
}

/** A file from another version, or one that is just being removed, is none. */
function readHolderFile(path: string): HolderFile | undefined {
  try {
    return parseHolderFile(JSON.parse(Deno.readTextFileSync(path)));
  } catch (cause) {
    const isNone = cause instanceof Deno.errors.NotFound || cause instanceof SyntaxError ||
      cause instanceof TypeError;
    if (isNone) return undefined;
    throw cause;
  }
}

function parseHolderFile(json: unknown): HolderFile {
  const file = readRecord(json);
  return {
    id: readText(file["id"], ID),
    pid: readInteger(file["pid"]),
    socket: readText(file["socket"]),
    secret: readText(file["secret"], SECRET),
    version: readText(file["version"]),
    startedAtMs: readInteger(file["startedAtMs"]),
  };
}
