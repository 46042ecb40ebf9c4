// The tar format, as far as a backup needs it: plain files in one archive that any tar can open.

const BLOCK_BYTES = 512;
/** What one read or write moves. */
const PIECE_BYTES = 1024 * 1024;
/** Larger sizes do not fit into the octal field. */
const MAX_OCTAL_SIZE = 8 ** 11;
const FILE_MODE = 0o600;
const FIELDS = {
  name: 0,
  mode: 100,
  uid: 108,
  gid: 116,
  size: 124,
  mtime: 136,
  checksum: 148,
  type: 156,
  magic: 257,
};

/** One file of an archive. */
export interface TarEntry {
  name: string;
  /** Bytes. */
  size: number;
}

/** Sees every byte that passes. */
export type ByteObserver = (bytes: Uint8Array) => void;

/** Appends a file of exactly `size` bytes. Throws when it has fewer. */
export async function appendToTar(
  archive: Deno.FsFile,
  entry: TarEntry & { from: Deno.FsFile; mtimeMs: number; observe: ByteObserver },
): Promise<void> {
  await writeAll(archive, encodeHeader(entry));
  await copyBytes(entry.size, { from: entry.from, observe: entry.observe, to: archive });
  await writeAll(archive, new Uint8Array(paddingOf(entry.size)));
}

/** Marks the end of an archive. */
export async function endTar(archive: Deno.FsFile): Promise<void> {
  await writeAll(archive, new Uint8Array(2 * BLOCK_BYTES));
}

/** The next file of an archive; undefined at its end. Throws RangeError for what is no archive of ours. */
export async function readTarEntry(archive: Deno.FsFile): Promise<TarEntry | undefined> {
  const header = new Uint8Array(BLOCK_BYTES);
  await readExactly(archive, header);
  if (header.every((byte) => byte === 0)) return undefined;
  if (parseOctal(header, FIELDS.checksum) !== checksumOf(header)) {
    throw new RangeError("Cannot read the archive: a header is damaged");
  }
  return { name: parseText(header.subarray(FIELDS.name, FIELDS.mode)), size: parseSize(header) };
}

/** Reads the content of the entry that `readTarEntry` has just given, to a file or only for the observer. */
export async function readTarContent(
  archive: Deno.FsFile,
  entry: { size: number; observe: ByteObserver; to?: Deno.FsFile },
): Promise<void> {
  const { size, observe, to } = entry;
  await copyBytes(size, { from: archive, observe, ...(to ? { to } : {}) });
  await readExactly(archive, new Uint8Array(paddingOf(size)));
}

async function copyBytes(
  size: number,
  { from, observe, to }: { from: Deno.FsFile; observe: ByteObserver; to?: Deno.FsFile },
): Promise<void> {
  const buffer = new Uint8Array(PIECE_BYTES);
  for (let left = size; left > 0;) {
    const read = await from.read(buffer.subarray(0, Math.min(left, PIECE_BYTES)));
    if (read === null) throw new RangeError(`Cannot read the archive: ${left} bytes are missing`);
    const piece = buffer.subarray(0, read);
    observe(piece);
    if (to) await writeAll(to, piece);
    left -= read;
  }
}

function encodeHeader({ name, size, mtimeMs }: TarEntry & { mtimeMs: number }): Uint8Array {
  const header = new Uint8Array(BLOCK_BYTES);
  const put = (at: number, text: string): void => header.set(new TextEncoder().encode(text), at);
  put(FIELDS.name, name);
  put(FIELDS.mode, octal(FILE_MODE, 7));
  put(FIELDS.uid, octal(0, 7));
  put(FIELDS.gid, octal(0, 7));
  if (size < MAX_OCTAL_SIZE) put(FIELDS.size, octal(size, 11));
  else putBinarySize(header, size);
  put(FIELDS.mtime, octal(Math.floor(mtimeMs / 1000), 11));
  put(FIELDS.type, "0");
  put(FIELDS.magic, "ustar\x0000");
  put(FIELDS.checksum, octal(checksumOf(header), 6) + "\0 ");
  return header;
}

/** Sum of all bytes, the checksum itself taken as spaces. */
function checksumOf(header: Uint8Array): number {
  return header.reduce(
    (sum, byte, at) => sum + (at >= FIELDS.checksum && at < FIELDS.type ? 0x20 : byte),
    0,
  );
}

function putBinarySize(header: Uint8Array, size: number): void {
  header[FIELDS.size] = 0x80;
  new DataView(header.buffer).setBigUint64(FIELDS.size + 4, BigInt(size));
}

function parseSize(header: Uint8Array): number {
  if ((header[FIELDS.size] ?? 0) < 0x80) return parseOctal(header, FIELDS.size);
  return Number(new DataView(header.buffer).getBigUint64(FIELDS.size + 4));
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, "0");
}

function parseOctal(header: Uint8Array, at: number): number {
  return parseInt(parseText(header.subarray(at, at + 12)).trim(), 8);
}

function parseText(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
}

function paddingOf(size: number): number {
  return (BLOCK_BYTES - size % BLOCK_BYTES) % BLOCK_BYTES;
}

async function writeAll(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
}

async function readExactly(file: Deno.FsFile, into: Uint8Array): Promise<void> {
  for (let at = 0; at < into.length;) {
    const read = await file.read(into.subarray(at));
    if (read === null) throw new RangeError("Cannot read the archive: it ends too early");
    at += read;
  }
}
