// What a failed call is, and what of any failure is shown.

import type { ErrorBody } from "../../server/protocol.ts";

/** A failed call. `offline` is the page's own code: the server did not answer. */
export class ApiError extends Error {
  readonly code: string;
  readonly field: string | undefined;

  constructor(body: ErrorBody["error"], options: { cause?: unknown } = {}) {
    super(body.message, options);
    this.name = "ApiError";
    this.code = body.code;
    this.field = body.field;
  }
}

/** What of any thrown value is shown to the user. */
export function errorMessage(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** Whether a call was given up on purpose. */
export function isAbort(thrown: unknown): boolean {
  return thrown instanceof DOMException && thrown.name === "AbortError";
}
