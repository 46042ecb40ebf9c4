// Summaries of sessions: history, what would be sent, making one; who makes them, and the settings.
import { Hono } from "hono";
import * as z from "zod";
import type { SummaryRequest, SummarySettings } from "../../protocol.ts";
import type { AppDependencies, AppEnv } from "../app_dependencies.ts";
import { checkShape, readJson } from "../json_body.ts";
import { sessionId } from "./session_id.ts";

const REQUEST: z.ZodType<SummaryRequest> = z.strictObject({ preview: z.uuid().exactOptional() });
const PROVIDER = z.enum(["litellm", "claude"]);
const MODEL = z.string().trim().regex(/^[\w./:@-]{1,200}$/, "must be a model's name");
const CHANGE = z.strictObject(
  {
    summaryProvider: z.enum(["auto", "litellm", "claude"]).exactOptional(),
    summaryLitellmModel: MODEL.exactOptional(),
    summaryClaudeModel: MODEL.exactOptional(),
    summaryAtEnd: z.boolean().exactOptional(),
  } satisfies Record<keyof SummarySettings, z.ZodType>,
);

export function summaryRoutes({ summaries }: AppDependencies): Hono<AppEnv> {
  return new Hono<AppEnv>()
    .get("/:id/summaries", (c) => c.json(summaries.list(sessionId(c))))
    .get("/:id/summaries/preview", async (c) => c.json(await summaries.preview(sessionId(c))))
    .post("/:id/summaries", async (c) => {
      const request = await readJson(c.req.raw, REQUEST);
      return c.json(summaries.generate(sessionId(c), request), 202);
    })
    .post("/:id/summaries/cancel", async (c) => c.json(await summaries.cancel(sessionId(c))));
}

export function summarySettingsRoutes({ summaries, settings }: AppDependencies): Hono<AppEnv> {
  return new Hono<AppEnv>()
    .get("/settings", (c) => c.json(settings.getSummaries()))
    .patch("/settings", async (c) => c.json(settings.updateSummaries(await readJson(c.req.raw, CHANGE))))
    .get("/providers", (c) => c.json({ items: summaries.targets.listProviders() }))
    .get("/models", async (c) => {
      const { provider } = checkShape(c.req.query(), z.object({ provider: PROVIDER }));
      return c.json({ models: await summaries.targets.listModels(provider) });
    });
}
