// The agent port's listener: programs we launched talk to it, no browser may.
import { Hono } from "hono";
import { AppError } from "../errors.ts";
import type { Gateway } from "../gateway/gateway.ts";
import type { Log } from "../log.ts";
import type { Metering } from "../sources/metering.ts";
import { AgentKeyring } from "./agent_keys.ts";
import { answerError } from "./app.ts";
import { readLooseJson } from "./json_body.ts";

/** Header that carries a session's own key. */
export const AGENT_KEY_HEADER = "x-agents-fleet-key";

export interface AgentAppOptions {
  port: number;
  installSecret: Uint8Array;
  metering: Pick<Metering, "receiveLogs" | "receiveHook">;
  gateway: Pick<Gateway, "handle">;
  /** What agents send can be priced. */
  pricesReady: () => Promise<void>;
  log: Log;
}

/** Codex puts prompts and answers of tools into its records. */
const MAX_LOGS_BYTES = 32 * 1024 * 1024;
const MAX_HOOK_BYTES = 8 * 1024 * 1024;

export interface AgentEnv {
  /** The session whose key was sent. */
  Variables: { sessionId: string };
}

/** For clients that cannot send a header: `/s/KEY/…` is `…` with that key. */
const KEY_IN_PATH = /^\/s\/([^/]+)(\/.*)$/;
const MODEL_CALL = /^\/(anthropic|openai)(\/.*|)$/;

/** Refuses every caller that is not one of our sessions, before any route. */
export function createAgentApp(
  { port, installSecret, metering, gateway, pricesReady, log }: AgentAppOptions,
): Hono<AgentEnv> {
  const app = new Hono<AgentEnv>();
  const keyring = new AgentKeyring(installSecret);
  app.use(async (c, next) => {
    const { headers } = c.req.raw;
    const host = headers.get("host");
    if (host !== `127.0.0.1:${port}` || new URL(c.req.url).host !== host || headers.has("origin")) {
      throw new AppError("forbidden", "This address is for agents that Agents Fleet started");
    }
    const { pathname } = new URL(c.req.url);
    const [, key = headers.get(AGENT_KEY_HEADER) ?? "", path = pathname] = KEY_IN_PATH.exec(pathname) ?? [];
    const sessionId = keyring.verify(key);
    if (sessionId === undefined) throw new AppError("unauthorized", "The session's key is missing or wrong");
    await pricesReady();
    const [, dialect, rest = ""] = MODEL_CALL.exec(path) ?? [];
    if (dialect === "anthropic" || dialect === "openai") {
      return await gateway.handle(c.req.raw, { sessionId, dialect, path: rest });
    }
    c.set("sessionId", sessionId);
    return await next();
  });
  app.post("/v1/logs", async (c) => {
    metering.receiveLogs(c.get("sessionId"), await readLooseJson(c.req.raw, MAX_LOGS_BYTES));
    return c.json({});
  });
  // Sums and traces say nothing that the records do not; an exporter that is refused would only try again.
  app.on("POST", ["/v1/metrics", "/v1/traces"], async (c) => {
    await c.req.raw.body?.cancel();
    return c.json({});
  });
  app.post("/hook", async (c) => {
    metering.receiveHook(c.get("sessionId"), await readLooseJson(c.req.raw, MAX_HOOK_BYTES));
    return c.json({});
  });
  app.notFound((c) => c.json({ error: { code: "not_found", message: "There is nothing here" } }, 404));
  app.onError((cause, c) => answerError(log, cause, c));
  return app;
}
