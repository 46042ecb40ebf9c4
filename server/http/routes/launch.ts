// What the launch view asks while the user fills it in.
import { Hono } from "hono";
import * as z from "zod";
import type { AppDependencies, AppEnv } from "../app_dependencies.ts";
import { checkShape } from "../json_body.ts";

const CHECK = z.object({
  cwd: z.string().max(5000).default(""),
  command: z.string().max(20_000).default(""),
});
const PREFIX = z.object({ prefix: z.string().max(5000).default("") });

export function launchRoutes({ launches }: AppDependencies): Hono<AppEnv> {
  return new Hono<AppEnv>()
    .get("/launch-check", (c) => c.json(launches.check(checkShape(c.req.query(), CHECK))))
    .get("/directories", (c) => c.json({ items: launches.suggest(checkShape(c.req.query(), PREFIX).prefix) }))
    .get("/recents", (c) => c.json(launches.listRecents()));
}
