// Makes the requests of the HTTP api; every failure is an `ApiError` whose message can be shown.

import type { ErrorBody } from "../../server/protocol.ts";
import { ApiError, isAbort } from "./api_error.ts";

export interface ApiOptions {
  fetch: typeof fetch;
  pageKey(): string | undefined;
  /** Called when the server does not accept the credentials. */
  onUnauthorized(): void;
}

/** What a request carries beside its path. */
export interface Call {
  method?: string;
  query?: Record<string, string | number | undefined>;
  body?: unknown;
  signal?: AbortSignal | undefined;
  timeoutMs?: number;
}

const CALL_TIMEOUT_MS = 20_000;
/** Deleting many recordings, checking the file they are in, or putting a work tree back takes as long as the disk needs. */
export const LONG_CALL_TIMEOUT_MS = 30 * 60_000;

/** Calls of the server. They reject with `ApiError`, or with an `AbortError` when given up. */
export class Requests {
  readonly #options: ApiOptions;

  constructor(options: ApiOptions) {
    this.#options = options;
  }

  /** The answer, which must come within the call's time. */
  async json<T>(path: string, call: Call = {}): Promise<T> {
    const response = await this.respond(path, { ...call, signal: withTimeout(call) });
    return await response.json() as T;
  }

  /** The answer as it comes, however long that takes. */
  async respond(path: string, call: Call = {}): Promise<Response> {
    const response = await this.#fetch(path, call);
    if (response.ok) return response;
    const error = await readError(response);
    if (response.status === 401 && path !== "/api/login") this.#options.onUnauthorized();
    throw new ApiError(error);
  }

  async #fetch(path: string, call: Call): Promise<Response> {
    const headers: Record<string, string> = {};
    const key = this.#options.pageKey();
    if (key !== undefined) headers["x-page-key"] = key;
    if (call.body !== undefined) headers["content-type"] = "application/json";
    try {
      return await this.#options.fetch(path + queryText(call.query ?? {}), {
        method: call.method ?? "GET",
        headers,
        credentials: "same-origin",
        ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
        ...(call.signal === undefined ? {} : { signal: call.signal }),
      });
    } catch (cause) {
      if (isAbort(cause)) throw cause;
      throw new ApiError({ code: "offline", message: "The server does not answer" }, { cause });
    }
  }
}

function withTimeout({ signal, timeoutMs = CALL_TIMEOUT_MS }: Call): AbortSignal {
  const timeout = AbortSignal.timeout(timeoutMs);
  return signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
}

function queryText(query: Record<string, string | number | undefined>): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== "") params.set(name, String(value));
  }
  return params.size === 0 ? "" : `?${params}`;
}

async function readError(response: Response): Promise<ErrorBody["error"]> {
  const fallback = { code: "internal", message: `The server answered with status ${response.status}` };
  try {
    const body = await response.json() as Partial<ErrorBody>;
    return body.error ?? fallback;
  } catch {
    // Not JSON: an answer of something between us and the server says nothing better than its status.
    return fallback;
  }
}
