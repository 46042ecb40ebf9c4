// The one way summaries reach the network: to the host that was shown and no other, bounded in time and size.
import { errorText } from "../../errors.ts";

export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/** A failure in words for the user. */
export class SummaryError extends Error {
  override readonly name = "SummaryError";
}

/** Far above any answer we ask for, and any list of models. */
const MAX_ANSWER_BYTES = 2 * 1024 * 1024;
/** What the clients tell of this machine without being asked. */
const TELLING_HEADERS = /^(x-stainless-|openai-(organization|project)|user-agent$)/i;

/** A `fetch` that follows no redirect, tells nothing of this machine, and stops reading what has no end. */
export function createGuardedFetch({ host, key, fetch }: { host: string; key: string; fetch: Fetch }): Fetch {
  return async (input, init) => {
    const headers = new Headers(init?.headers);
    for (const name of [...headers.keys()].filter((name) => TELLING_HEADERS.test(name))) headers.delete(name);
    headers.set("user-agent", "agents-fleet");
    if (key === "") headers.delete("authorization");
    const response = await fetch(input, { ...init, headers, redirect: "manual" });
    if (response.status >= 300 && response.status < 400) {
      await response.body?.cancel();
      throw new SummaryError(
        `${host} answered with a redirect (${response.status}): it is not followed, so that text and key go nowhere else`,
      );
    }
    return new Response(response.body?.pipeThrough(limited(host)) ?? null, response);
  };
}

function limited(host: string): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  let bytes = 0;
  return new TransformStream({
    transform(chunk, controller): void {
      bytes += chunk.length;
      if (bytes > MAX_ANSWER_BYTES) {
        controller.error(new SummaryError(`${host} sent more than any answer has`));
      } else controller.enqueue(chunk);
    },
  });
}

export interface AskedProvider {
  host: string;
  keyName: string;
  model?: string;
}

/** What went wrong, in a sentence that says what to do; `hide` removes keys from what the other side said. */
export function describeFailure(
  cause: unknown,
  { host, keyName, model, hide }: AskedProvider & { hide: (text: string) => string },
): string {
  const known = findSummaryError(cause);
  if (known) return known.message;
  const status = statusOf(cause);
  if (status === undefined) return `${host} cannot be reached: ${hide(rootText(cause)).slice(0, 200)}`;
  if (status === 401 || status === 403) return `${host} does not take the key (${status}): check ${keyName}`;
  if (status === 404 && model !== undefined) {
    return `${host} does not know the model "${model}" (404): choose another in Settings`;
  }
  if (status === 429) {
    return `${host} takes no more requests for now (429): try again later, or check its budget`;
  }
  return `${host} answered with status ${status}: ${
    hide(errorText(cause)).replace(/^\d{3} /, "").slice(0, 300)
  }`;
}

/** Clients wrap what was thrown below them. */
function findSummaryError(cause: unknown): SummaryError | undefined {
  if (cause instanceof SummaryError) return cause;
  return cause instanceof Error && cause.cause !== undefined ? findSummaryError(cause.cause) : undefined;
}

function rootText(cause: unknown): string {
  return cause instanceof Error && cause.cause !== undefined ? rootText(cause.cause) : errorText(cause);
}

function statusOf(cause: unknown): number | undefined {
  return cause instanceof Error && "status" in cause && typeof cause.status === "number"
    ? cause.status
    : undefined;
}
