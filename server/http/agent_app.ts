// The agent port's listener: programs we launched talk to it, no browser may.
import { Hono } from "hono";
import { AppError } from "../errors.ts";
import type { Log } from "../log.ts";
import type { Metering } from "../sources/metering.ts";
import { verifyAgentKey } from "./agent_keys.ts";
import { answerError } from "./app.ts";
import { readLooseJson } from "./json_body.ts";

/** Header that carries a session's own key. */
export const AGENT_KEY_HEADER = "x-agents-fleet-key";

export interface AgentAppOptions {
  port: number;
  installSecret: Uint8Array;
  metering: Pick<Metering, "receiveLogs" | "receiveHook">;
  log: Log;
}

/** Codex puts prompts and answers of tools into its records. */
const MAX_LOGS_BYTES = 32 * 1024 * 1024;
const MAX_HOOK_BYTES = 8 * 1024 * 1024;

export interface AgentEnv {
  /** The session whose key was sent. */
  Variables: { sessionId: string };
}

/** Refuses every caller that is not one of our sessions, before any route. */
export function createAgentApp({ port, installSecret, metering, log }: AgentAppOptions): Hono<AgentEnv> {
  const app = new Hono<AgentEnv>();
  app.use(async (c, next) => {
    const { headers } = c.req.raw;
    const host = headers.get("host");
    if (host !== `127.0.0.1:${port}` || new URL(c.req.url).host !== host || headers.has("origin")) {
      throw new AppError("forbidden", "This address is for agents that Agents Fleet started");
    }
    const sessionId = verifyAgentKey(installSecret, headers.get(AGENT_KEY_HEADER) ?? "");
    if (sessionId === undefined) throw new AppError("unauthorized", "The session's key is missing or wrong");
    c.set("sessionId", sessionId);
    await next();
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
