// Forwards a request to a session's upstream and nowhere else, with the caller's own credentials and without ours.

import { errorText } from "../errors.ts";

/** Headers that belong to one connection. */
const HOP_BY_HOP = [
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];
/** Made anew by the client of this connection. */
const OWN = ["host", "content-length", "accept-encoding", "expect"];
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** The upstream wanted the request to go somewhere else: the caller's keys do not follow. */
export class RedirectError extends Error {
  constructor(status: number) {
    super(`The upstream answered with a redirect (${status}), which is not followed`);
    this.name = "RedirectError";
  }
}

/** An address an agent's requests may be sent to: http or https, no credentials in it, no query. */
export function parseUpstream(address: string): URL {
  const url = new URL(address);
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    throw new TypeError(`An upstream must be http or https: "${url.protocol}"`);
  }
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") {
    throw new TypeError(`An upstream is an address without credentials, query and fragment: "${url.host}"`);
  }
  return url;
}

/** The target of a request: the upstream's host and path, then what was asked for below ours. */
export function targetUrl(upstream: URL, { path, search }: { path: string; search: string }): URL {
  const target = new URL(upstream);
  target.pathname = upstream.pathname.replace(/\/+$/, "") + (path.startsWith("/") ? path : `/${path}`);
  target.search = search;
  return target;
}

/** Whether a failed request never got to its upstream, as far as the runtime's words tell. */
export function wasNeverSent(cause: unknown): boolean {
  if (cause instanceof RedirectError) return true;
  const inner = cause instanceof Error ? cause.cause : undefined;
  const text = `${errorText(cause)} ${inner === undefined ? "" : errorText(inner)}`;
  return /\(Connect\)|dns error|are blocked|invalid url/i.test(text);
}

export interface ForwardOptions {
  method: string;
  headers: Headers;
  /** Header that carries our own key. */
  keyHeader: string;
  body: Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array<ArrayBuffer>> | null;
  signal: AbortSignal;
}

/** Sends a request. Throws `RedirectError`, or what the network has to say. */
export async function forward(target: URL, options: ForwardOptions): Promise<Response> {
  const { method, headers, keyHeader, body, signal } = options;
  const response = await fetch(target, {
    method,
    headers: requestHeaders(headers, keyHeader),
    body,
    redirect: "manual",
    signal,
  });
  if (!REDIRECTS.has(response.status)) return response;
  await response.body?.cancel();
  throw new RedirectError(response.status);
}

/** An answer's headers as they are passed on. */
export function responseHeaders(received: Headers): Headers {
  const headers = new Headers(received);
  for (const name of hopByHop(received)) headers.delete(name);
  return headers;
}

function requestHeaders(received: Headers, keyHeader: string): Headers {
  const headers = new Headers(received);
  for (const name of [...hopByHop(received), ...OWN, keyHeader]) headers.delete(name);
  // What is compressed cannot be counted while it comes.
  headers.set("accept-encoding", "identity");
  return headers;
}

/** Those that every connection has, and those that this one names. */
function hopByHop(headers: Headers): string[] {
  const named = (headers.get("connection") ?? "").split(",").map((name) => name.trim()).filter(isToken);
  return [...HOP_BY_HOP, ...named];
}

function isToken(name: string): boolean {
  return /^[!#$%&'*+.^_`|~\w-]+$/.test(name);
}
