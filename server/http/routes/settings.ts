// Reading and changing settings.
import { Hono } from "hono";
import { z } from "zod";
import type { Settings } from "../../protocol.ts";
import type { AppDependencies, AppEnv } from "../app.ts";
import { readJson } from "../json_body.ts";

const CHANGE = z.strictObject(
  {
    theme: z.enum(["system", "dark", "light"]).exactOptional(),
    fontSize: z.int().min(8).max(32).exactOptional(),
    copyOnSelect: z.boolean().exactOptional(),
    screenReader: z.boolean().exactOptional(),
    loginShell: z.boolean().exactOptional(),
  } satisfies Record<keyof Settings, z.ZodType>,
);

export function settingsRoutes({ settings }: AppDependencies): Hono<AppEnv> {
  return new Hono<AppEnv>()
    .get("/", (c) => c.json(settings.get()))
    .patch("/", async (c) => c.json(settings.update(await readJson(c.req.raw, CHANGE))));
}
