// The closed list of failures a caller can act on, and the one table that maps them to HTTP statuses.

/** Machine code of an error body and of a socket error frame, with the HTTP status it is sent as. */
export const ERROR_STATUS = {
  invalid: 400,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  too_large: 413,
  unsupported_media: 415,
  rate_limited: 429,
  internal: 500,
  unavailable: 503,
} as const;

export type ErrorCode = keyof typeof ERROR_STATUS;

/** A failure whose message is meant for the user; `field` names the input that caused it. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly field?: string;

  constructor(code: ErrorCode, message: string, options: { field?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "AppError";
    this.code = code;
    if (options.field !== undefined) this.field = options.field;
  }
}

/** SQLite's codes for what is the disk's doing: busy, read-only, cannot read or write, full, cannot open. */
const STORAGE_CODES: readonly number[] = [5, 8, 10, 13, 14];

/** The system's own words for it. */
const STORAGE_ERRNOS: readonly unknown[] = ["ENOSPC", "EDQUOT", "EROFS", "EIO"];

/** Whether an exception says that nothing can be stored for the time being: trying again later makes sense. */
export function isStorageFailure(thrown: unknown): thrown is Error {
  if (!(thrown instanceof Error)) return false;
  if ("code" in thrown && STORAGE_ERRNOS.includes(thrown.code)) return true;
  return "errcode" in thrown && typeof thrown.errcode === "number" &&
    STORAGE_CODES.includes(thrown.errcode & 0xff);
}

/** SQLite's codes for a file that is damaged, and for one that is no database. */
const DAMAGE_CODES: readonly number[] = [11, 26];

/** Whether an exception says that a database is damaged, rather than locked, full or not there. */
export function isDamage(thrown: unknown): thrown is Error {
  return thrown instanceof Error && "errcode" in thrown && typeof thrown.errcode === "number" &&
    DAMAGE_CODES.includes(thrown.errcode & 0xff);
}

/** What may be shown of any thrown value: an `AppError` as it is, a full disk as one, everything else as "internal". */
export function publicError(thrown: unknown): { code: ErrorCode; message: string; field?: string } {
  if (isStorageFailure(thrown)) {
    return { code: "unavailable", message: `Cannot store this: ${thrown.message}` };
  }
  if (!(thrown instanceof AppError)) {
    return { code: "internal", message: "Something went wrong here; the server log has the details" };
  }
  const body = { code: thrown.code, message: thrown.message };
  return thrown.field === undefined ? body : { ...body, field: thrown.field };
}

/** The text of any thrown value, for logs. */
export function errorText(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
