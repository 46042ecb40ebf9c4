// Processes of earlier sessions that are still alive.
import { Hono } from "hono";
import * as z from "zod";
import type { AppDependencies, AppEnv } from "../app_dependencies.ts";
import { readJson } from "../json_body.ts";

const END = z.strictObject({ pids: z.array(z.int().min(1)).min(1).max(1000) });

export function survivorRoutes({ sessions }: AppDependencies): Hono<AppEnv> {
  return new Hono<AppEnv>()
    .get("/", async (c) => c.json({ items: await sessions.listSurvivors() }))
    .post("/end", async (c) => {
      const { pids } = await readJson(c.req.raw, END);
      return c.json({ ended: await sessions.endSurvivors(pids) });
    });
}
