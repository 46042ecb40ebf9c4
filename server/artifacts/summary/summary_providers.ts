// Who can make summaries, as the environment says: where requests go, with which key, and why one cannot be used.
import type { SummaryProviderId, SummaryProviderView } from "../../protocol.ts";

/** A provider that can be asked. */
export interface SummaryProvider {
  id: SummaryProviderId;
  name: string;
  /** Shown before anything is sent: host and, if it has one, port. */
  host: string;
  /** Without `/v1` and without a slash at its end. */
  baseUrl: string;
  /** Empty for a proxy that asks for none. */
  key: string;
  /** Name of the variable that the key is from. */
  keyName: string;
}

export type ProviderState = SummaryProvider | { id: SummaryProviderId; name: string; problem: string };

type Environment = Readonly<Record<string, string>>;

const CLAUDE_URL = "https://api.anthropic.com";
const LITELLM_SETUP =
  "Set LITELLM_BASE_URL (and LITELLM_API_KEY, if your proxy wants one) and start Agents Fleet again";
const CLAUDE_SETUP = "Set ANTHROPIC_API_KEY and start Agents Fleet again";

/** In the order in which they are chosen by themselves. */
export function findProviders(environment: Environment): ProviderState[] {
  return [findLitellm(environment), findClaude(environment)];
}

/** The one that the setting names, or the first that can be used; a sentence when there is none. */
export function chooseProvider(
  states: readonly ProviderState[],
  wanted: "auto" | SummaryProviderId,
): SummaryProvider | { problem: string } {
  const usable = states.find((state) => isUsable(state) && (wanted === "auto" || state.id === wanted));
  if (usable && isUsable(usable)) return usable;
  const chosen = states.find(({ id }) => id === wanted);
  if (chosen && !isUsable(chosen)) return { problem: chosen.problem };
  return {
    problem: "No model is set up for summaries. Set LITELLM_BASE_URL for a LiteLLM proxy, " +
      "or ANTHROPIC_API_KEY for the Claude API, and start Agents Fleet again.",
  };
}

export function viewProvider(state: ProviderState): SummaryProviderView {
  const { id, name } = state;
  return isUsable(state) ? { id, name, host: state.host } : { id, name, problem: state.problem };
}

export function isUsable(state: ProviderState): state is SummaryProvider {
  return !("problem" in state);
}

function findLitellm(environment: Environment): ProviderState {
  const known = { id: "litellm", name: "LiteLLM" } as const;
  const address = environment["LITELLM_BASE_URL"];
  if (!address) return { ...known, problem: `LiteLLM is not set up. ${LITELLM_SETUP}.` };
  const key = environment["LITELLM_API_KEY"] ?? "";
  return withAddress({ ...known, key, keyName: "LITELLM_API_KEY" }, {
    address,
    variable: "LITELLM_BASE_URL",
  });
}

function findClaude(environment: Environment): ProviderState {
  const known = { id: "claude", name: "Claude API" } as const;
  const key = environment["ANTHROPIC_API_KEY"];
  if (!key) return { ...known, problem: `The Claude API is not set up. ${CLAUDE_SETUP}.` };
  const address = environment["ANTHROPIC_BASE_URL"] || CLAUDE_URL;
  return withAddress({ ...known, key, keyName: "ANTHROPIC_API_KEY" }, {
    address,
    variable: "ANTHROPIC_BASE_URL",
  });
}

function withAddress(
  known: Pick<SummaryProvider, "id" | "name" | "key" | "keyName">,
  { address, variable }: { address: string; variable: string },
): ProviderState {
  const url = URL.parse(address);
  const problem = url === null ? "it is no address" : problemOf(url);
  if (url === null || problem !== undefined) {
    return {
      id: known.id,
      name: known.name,
      problem: `${known.name} cannot be used: ${variable} is not valid, ${problem}.`,
    };
  }
  const path = url.pathname.replace(/\/+$/, "").replace(/\/v1$/, "");
  return { ...known, host: url.host, baseUrl: url.origin + path };
}

/** A key goes over the network encrypted, or not at all. */
function problemOf(url: URL): string | undefined {
  if (url.protocol !== "https:" && url.protocol !== "http:") return "it must begin with https://";
  if (url.username !== "" || url.password !== "") return "it must not hold a user or a password";
  if (url.search !== "" || url.hash !== "") return "it must not have a query or a fragment";
  if (url.protocol === "http:" && !isLoopback(url.hostname)) {
    return "http is for this machine only, use https";
  }
  return undefined;
}

function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d{1,3}){3}$/.test(hostname);
}
