// What recordings take, how long they stay, and whether their file is sound.
import { Hono } from "hono";
import * as z from "zod";
import type { StorageSettings } from "../../protocol.ts";
import type { AppDependencies, AppEnv } from "../app_dependencies.ts";
import { readJson } from "../json_body.ts";
import { sessionId } from "./session_id.ts";

const days = z.number().positive().max(36_500).nullable();
const gigabytes = z.number().positive().max(1_000_000);
const SETTINGS: z.ZodType<StorageSettings> = z.strictObject({
  maxAgeDays: days,
  maxTotalGb: gigabytes.nullable(),
  capGb: gigabytes,
});
const CHANGE = z.strictObject({
  maxAgeDays: days.exactOptional(),
  maxTotalGb: gigabytes.nullable().exactOptional(),
  capGb: gigabytes.exactOptional(),
});
const KEEP = z.strictObject({ keep: z.boolean() });
const CHECK = z.strictObject({ depth: z.enum(["quick", "full"]) });

export function storageRoutes({ storage, settings }: AppDependencies): Hono<AppEnv> {
  return new Hono<AppEnv>()
    .get("/", async (c) => c.json(await storage.describe()))
    .get("/settings", (c) => c.json(settings.getStorage()))
    .patch("/settings", async (c) => c.json(storage.update(await readJson(c.req.raw, CHANGE))))
    .post("/preview", async (c) => c.json(await storage.describe(await readJson(c.req.raw, SETTINGS))))
    .post("/clean", async (c) => c.json(await storage.clean()))
    .post("/check", async (c) => {
      const { depth } = await readJson(c.req.raw, CHECK);
      return c.json({ findings: await storage.check(depth) });
    })
    .get("/:id", async (c) => c.json(await storage.get(sessionId(c))))
    .patch("/:id", async (c) => {
      const { keep } = await readJson(c.req.raw, KEEP);
      return c.json(await storage.setKeep(sessionId(c), keep));
    });
}
