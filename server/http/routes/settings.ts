// Reading and changing settings.
import { Hono } from "hono";
import * as z from "zod";
import type { FleetSettings, Limits, Settings, SnapshotSettings } from "../../protocol.ts";
import type { AppDependencies, AppEnv } from "../app_dependencies.ts";
import { readJson } from "../json_body.ts";
import { ADDITION_IDS } from "./sessions.ts";

const CHANGE = z.strictObject(
  {
    theme: z.enum(["system", "dark", "light"]).exactOptional(),
    fontSize: z.int().min(8).max(32).exactOptional(),
    copyOnSelect: z.boolean().exactOptional(),
    screenReader: z.boolean().exactOptional(),
    loginShell: z.boolean().exactOptional(),
  } satisfies Record<keyof Settings, z.ZodType>,
);

const LIMITS: z.ZodType<Limits> = z.strictObject({
  usd: z.number().positive().nullable(),
  tokens: z.int().positive().nullable(),
});
const PRICE = z.number().min(0).max(100_000);
const PRICE_ENTRY = z.strictObject({
  inputPer1M: PRICE,
  outputPer1M: PRICE,
  cacheReadPer1M: PRICE.exactOptional(),
  cacheWrite5mPer1M: PRICE.exactOptional(),
  cacheWrite1hPer1M: PRICE.exactOptional(),
});
const FLEET_CHANGE = z.strictObject(
  {
    defaultBudgets: z.strictObject({ claude: LIMITS, codex: LIMITS, shell: LIMITS }).exactOptional(),
    weekStartsOn: z.literal([1, 2, 3, 4, 5, 6, 7]).exactOptional(),
    timeZone: z.string().refine(isTimeZone, "is not a time zone").nullable().exactOptional(),
    countCacheReads: z.boolean().exactOptional(),
    additionsOff: z.array(z.enum(ADDITION_IDS)).exactOptional(),
    keepRequestHashes: z.boolean().exactOptional(),
    prices: z.strictObject({
      default: PRICE_ENTRY.exactOptional(),
      models: z.record(z.string().min(1).max(200), PRICE_ENTRY),
    }).exactOptional(),
    notifyBrowser: z.boolean().exactOptional(),
    notifyToast: z.boolean().exactOptional(),
    notifySound: z.boolean().exactOptional(),
  } satisfies Record<keyof FleetSettings, z.ZodType>,
);

const SNAPSHOT_CHANGE = z.strictObject(
  {
    captureAtEnd: z.boolean().exactOptional(),
    afterTurns: z.boolean().exactOptional(),
  } satisfies Record<keyof SnapshotSettings, z.ZodType>,
);

export function settingsRoutes({ settings, money, prices, snapshots }: AppDependencies): Hono<AppEnv> {
  return new Hono<AppEnv>()
    .get("/fleet", (c) => c.json(settings.getFleet()))
    .patch("/fleet", async (c) => {
      const changed = settings.updateFleet(await readJson(c.req.raw, FLEET_CHANGE));
      prices.settingsChanged();
      money.limitsChanged();
      return c.json(changed);
    })
    .get(
      "/snapshots",
      (c) => c.json({ ...settings.getSnapshots(), offByEnvironment: snapshots.isOffByEnvironment }),
    )
    .patch("/snapshots", async (c) => {
      const changed = settings.updateSnapshots(await readJson(c.req.raw, SNAPSHOT_CHANGE));
      return c.json({ ...changed, offByEnvironment: snapshots.isOffByEnvironment });
    })
    .get("/", (c) => c.json(settings.get()))
    .patch("/", async (c) => c.json(settings.update(await readJson(c.req.raw, CHANGE))));
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch (cause) {
    if (cause instanceof RangeError) return false;
    throw cause;
  }
}
