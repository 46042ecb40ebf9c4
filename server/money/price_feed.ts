// Prices from `PRICING_API_URL`: https only, to public addresses only, small, quick, and kept when the place is down.
import { isIP } from "node:net";
import { errorText } from "../errors.ts";
import { parseOverrides, type PriceOverrides } from "../pricing/overrides.ts";

export interface PriceFeedConfig {
  url: string;
  /** Sent as `Authorization`. */
  authorization: string | undefined;
  headers: Readonly<Record<string, string>>;
  timeoutMs: number;
  ttlMs: number;
  /** Allows private and loopback addresses; for a price service of one's own. */
  allowPrivate: boolean;
}

export interface FeedState {
  state: "unused" | "in_use" | "stale" | "failed";
  overrides?: PriceOverrides;
  fetchedAtMs?: number;
  problems: string[];
}

export interface PriceFeedOptions {
  config: PriceFeedConfig;
  /** The last good answer of an earlier run. */
  stored: { fetchedAtMs: number; json: unknown } | undefined;
  onState: (state: FeedState) => void;
  onFetched: (fetched: { fetchedAtMs: number; json: unknown }) => void;
  resolve: (host: string) => Promise<string[]>;
  fetch: (url: string, init: RequestInit) => Promise<Response>;
  now: () => number;
}

const MAX_BODY_BYTES = 2 * 1024 * 1024;

export class PriceFeed {
  readonly #options: PriceFeedOptions;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #good: { fetchedAtMs: number; overrides: PriceOverrides } | undefined;
  #closed = false;

  /** Begins with the stored answer and looks for a newer one at once; nothing waits for it. */
  constructor(options: PriceFeedOptions) {
    this.#options = options;
    const { stored } = options;
    if (stored) this.#good = { fetchedAtMs: stored.fetchedAtMs, overrides: parseOverrides(stored.json) };
  }

  /** Never rejects: a failure is part of the state. */
  async refresh(): Promise<void> {
    const { now, onState, onFetched } = this.#options;
    try {
      const json = await this.#load();
      const fetchedAtMs = now();
      this.#good = { fetchedAtMs, overrides: parseOverrides(json) };
      onFetched({ fetchedAtMs, json });
      onState({ state: "in_use", ...this.#good, problems: [] });
    } catch (cause) {
      const state = this.#good ? "stale" : "failed";
      onState({ state, ...this.#good, problems: [errorText(cause)] });
    }
    if (!this.#closed) this.#wait();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #wait(): void {
    this.#timer = setTimeout(() => void this.refresh(), this.#options.config.ttlMs);
    Deno.unrefTimer(this.#timer);
  }

  async #load(): Promise<unknown> {
    const { config, resolve, fetch } = this.#options;
    const url = checkUrl(config.url);
    if (!config.allowPrivate) await checkAddresses(url.hostname, resolve);
    const response = await fetch(url.href, {
      headers: {
        ...config.headers,
        accept: "application/json",
        ...(config.authorization === undefined ? {} : { authorization: config.authorization }),
      },
      redirect: "manual",
      signal: AbortSignal.timeout(config.timeoutMs),
    });
    if (!response.ok) {
      await response.body?.cancel();
      const isRedirect = response.status >= 300 && response.status < 400;
      throw new Error(
        isRedirect ? "It redirects, which is not followed" : `It answered with status ${response.status}`,
      );
    }
    return JSON.parse(await readLimited(response));
  }
}

/** Throws for anything but a plain https address. */
export function checkUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== "https:") throw new Error("The address must begin with https://");
  if (url.username !== "" || url.password !== "") {
    throw new Error("The address must not contain a user or password");
  }
  return url;
}

/** A name that leads here would let a price list reach services of this machine; the certificate check guards the rest. */
async function checkAddresses(host: string, resolve: (host: string) => Promise<string[]>): Promise<void> {
  const bare = host.replace(/^\[|\]$/g, "");
  const addresses = isIP(bare) ? [bare] : await resolve(bare);
  if (addresses.length === 0) throw new Error(`"${host}" has no address`);
  const inside = addresses.find((address) => !isPublicAddress(address));
  if (inside !== undefined) {
    throw new Error(
      `"${host}" is ${inside}, an address of this machine or network; PRICING_API_ALLOW_PRIVATE=1 allows it`,
    );
  }
}

/** False for loopback, private, link-local, shared, multicast and reserved addresses, and for anything unknown. */
export function isPublicAddress(address: string): boolean {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  const kind = isIP(mapped ?? address);
  if (kind === 4) return isPublicV4((mapped ?? address).split(".").map(Number));
  // Global unicast is 2000::/3; 2002::/16 and 2001:0::/32 carry IPv4 addresses inside.
  return kind === 6 && /^[23]/.test(address) && !/^(2002:|2001:0?:|2001:0:|2001:db8:)/i.test(address);
}

function isPublicV4([a = 0, b = 0, c = 0]: number[]): boolean {
  if (a === 0 || a === 10 || a === 127 || a >= 224) return false;
  if (a === 100 && b >= 64 && b < 128) return false;
  if (a === 169 && b === 254) return false;
  if (a === 172 && b >= 16 && b < 32) return false;
  if (a === 192 && (b === 168 || (b === 0 && (c === 0 || c === 2)))) return false;
  return !(a === 198 && (b === 18 || b === 19));
}

async function readLimited(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const part of response.body ?? []) {
    bytes += part.length;
    if (bytes > MAX_BODY_BYTES) throw new Error("The answer is larger than 2 MiB");
    text += decoder.decode(part, { stream: true });
  }
  return text + decoder.decode();
}
