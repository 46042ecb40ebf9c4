// Launching, listing, stopping, renaming and deleting sessions.
import { Hono } from "hono";
import * as z from "zod";
import type { LaunchAdditionId, LaunchRequest, Limits, ResumeRequest, SessionEvent } from "../../protocol.ts";
import { maskSecrets } from "../../artifacts/secrets/secrets.ts";
import { parseCursor } from "../../store/sessions.ts";
import type { AppDependencies, AppEnv } from "../app_dependencies.ts";
import { checkShape, readJson } from "../json_body.ts";
import { sessionId } from "./session_id.ts";

const MAX_PAGE = 200;
const MAX_TITLE_CHARACTERS = 200;
const MAX_ADDRESS_CHARACTERS = 2000;

const title = z.string().max(MAX_TITLE_CHARACTERS, `must be at most ${MAX_TITLE_CHARACTERS} characters long`);
const SIZE = {
  cols: z.int().min(2).max(1000).exactOptional(),
  rows: z.int().min(1).max(500).exactOptional(),
};
/** What a limit may be is decided where budgets are. */
export const LIMITS: z.ZodType<Partial<Limits>> = z.strictObject({
  usd: z.number().nullable().exactOptional(),
  tokens: z.number().nullable().exactOptional(),
});
export const ADDITION_IDS = [
  "session_id",
  "telemetry",
  "hooks",
  "no_daemon",
  "gateway",
] as const satisfies LaunchAdditionId[];
const AT_LIMIT = z.enum(["stop", "hold"]);
const LAUNCH: z.ZodType<LaunchRequest> = z.strictObject({
  cwd: z.string(),
  command: z.string(),
  title: title.exactOptional(),
  ...SIZE,
  budget: LIMITS.exactOptional(),
  additions: z.partialRecord(z.enum(ADDITION_IDS), z.boolean()).exactOptional(),
  atLimit: AT_LIMIT.exactOptional(),
  upstream: z.string().max(MAX_ADDRESS_CHARACTERS).exactOptional(),
});
const ABOVE = z.strictObject({ scope: z.enum(["repository", "day", "week", "month"]), limits: LIMITS });
const RESUME: z.ZodType<ResumeRequest> = z.strictObject({
  budget: LIMITS.exactOptional(),
  above: z.array(ABOVE).max(4).exactOptional(),
  ...SIZE,
});
const CHANGE = z.union([
  z.strictObject({ title: title.nullable() }),
  z.strictObject({ atLimit: AT_LIMIT }),
]);
const LIST = z.object({
  limit: z.coerce.number().int().min(1).max(MAX_PAGE).default(100),
  cursor: z.string().refine((text) => parseCursor(text) !== undefined, "is not a cursor of a list")
    .exactOptional(),
  lifecycle: z.enum(["live", "ended"]).exactOptional(),
  kind: z.enum(["claude", "codex", "shell"]).exactOptional(),
  repository: z.string().max(4096).exactOptional(),
  q: z.string().max(500).exactOptional(),
});

export function sessionRoutes({ sessions, gate, store: { events } }: AppDependencies): Hono<AppEnv> {
  return new Hono<AppEnv>()
    .get("/", (c) => {
      const { q, ...filter } = checkShape(c.req.query(), LIST);
      return c.json(sessions.list({ ...filter, ...(q ? { text: q } : {}) }));
    })
    .post("/", async (c) => c.json(await sessions.launch(await readJson(c.req.raw, LAUNCH)), 201))
    .post("/stop-all", (c) => c.json({ stopping: sessions.stopAll() }, 202))
    .get("/:id", (c) => c.json(sessions.get(sessionId(c))))
    .patch("/:id", async (c) => {
      const change = await readJson(c.req.raw, CHANGE);
      const id = sessionId(c);
      return c.json(
        "title" in change ? sessions.rename(id, change.title) : sessions.setAtLimit(id, change.atLimit),
      );
    })
    .delete("/:id", async (c) => {
      await sessions.delete(sessionId(c));
      return c.json({});
    })
    .post("/:id/stop", (c) => c.json(sessions.stop(sessionId(c)), 202))
    .post("/:id/pause", async (c) => c.json(await sessions.pause(sessionId(c))))
    .post("/:id/continue", async (c) => c.json(await sessions.unpause(sessionId(c))))
    .post("/:id/resume", async (c) => {
      const request = await readJson(c.req.raw, RESUME);
      return c.json(await sessions.resume(sessionId(c), request), 201);
    })
    .get("/:id/gate", (c) => c.json(gate.activityOf(sessions.get(sessionId(c)).id)))
    .post("/:id/relaunch", async (c) => c.json(await sessions.relaunch(sessionId(c)), 201))
    .get("/:id/events", (c) => {
      const { id } = sessions.get(sessionId(c));
      const query = checkShape(
        c.req.query(),
        z.object({
          cursor: z.coerce.number().int().min(1).exactOptional(),
          secrets: z.literal("show").exactOptional(),
        }),
      );
      const { items, ...rest } = events.list(id, { ...query, limit: MAX_PAGE });
      return c.json({ ...rest, items: items.map((item) => withoutSecrets(item, query.secrets === "show")) });
    });
}

/** What was typed may be a key, and a command may hold one. */
function withoutSecrets(event: SessionEvent, show: boolean): SessionEvent {
  const { text, count } = maskSecrets(event.text);
  if (count === 0) return event;
  return { ...event, text: show ? event.text : text, secrets: count };
}
