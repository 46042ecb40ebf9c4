// A proxy that the user chooses for one session's gated calls: which are offered, and its address for each provider's API.
import { AppError } from "../errors.ts";
import type { UpstreamChoice } from "../protocol.ts";

/** Variables that name proxies, as their users set them. */
const PROXIES = [
  { name: "LiteLLM", variable: "LITELLM_BASE_URL" },
  { name: "Headroom", variable: "HEADROOM_PROXY_URL" },
];

/** Those that the environment names; an address that cannot be used is not offered. */
export function listUpstreams(env: Readonly<Record<string, string>>): UpstreamChoice[] {
  return PROXIES.flatMap(({ name, variable }) => {
    const address = env[variable];
    return address !== undefined && problemOf(address) === undefined ? [{ name, address }] : [];
  });
}

/** Throws `invalid` for what no upstream can be; `ours` is where the gateway itself listens. */
export function checkUpstream(address: string, ours: string): void {
  const problem = problemOf(address) ??
    (new URL(address).origin === new URL(ours).origin ? "is this program's own gateway" : undefined);
  if (problem !== undefined) {
    throw new AppError("invalid", `Cannot send calls to "${address}": it ${problem}`, { field: "upstream" });
  }
}

/** Claude adds `/v1` to its base URL, the others have it in theirs. */
export function upstreamFor(api: "anthropic" | "openai", address: string): string {
  const base = address.replace(/\/+$/, "");
  if (api === "anthropic") return base.replace(/\/v1$/, "");
  return new URL(base).pathname === "/" ? `${base}/v1` : base;
}

function problemOf(address: string): string | undefined {
  if (!URL.canParse(address)) return "is no address";
  const { protocol, username, password, search, hash } = new URL(address);
  if (protocol !== "https:" && protocol !== "http:") return "is neither http nor https";
  return username + password + search + hash === ""
    ? undefined
    : "must be without credentials, query and fragment";
}
