// What sessions did to their work trees: snapshots, differences between them, and the way back.
import { type Context, Hono } from "hono";
import * as z from "zod";
import type { RevertOrder, RevertRequest } from "../../protocol.ts";
import type { AppDependencies, AppEnv } from "../app_dependencies.ts";
import { checkShape, readJson } from "../json_body.ts";
import { sessionId } from "./session_id.ts";

const MAX_FILES = 10_000;

const id = z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER);
const file = z.string().min(1).max(3 * 4096);
const RANGE = {
  from: id.exactOptional(),
  to: z.union([z.literal("now"), id], 'must be the id of a snapshot, or "now"').exactOptional(),
};
const LIST = z.object(RANGE);
const FILE = z.object({ ...RANGE, file, whitespace: z.enum(["show", "ignore"]).default("show") });
const CONTENT = z.object({
  ...RANGE,
  file,
  side: z.enum(["old", "new"]),
  secrets: z.enum(["hide", "show"]).default("hide"),
});
const PATCH = z.object({ ...RANGE, file: file.exactOptional() });
const snapshot = z.int().min(1);
const files = z.array(file).min(1).max(MAX_FILES);
const REVERT: z.ZodType<RevertRequest> = z.strictObject({ to: snapshot, files: files.exactOptional() });
const ORDER: z.ZodType<RevertOrder> = z.strictObject({
  to: snapshot,
  files: files.exactOptional(),
  nowTree: z.string().regex(/^[0-9a-f]{40,64}$/, "is not the name of a tree"),
  confirmRunning: z.boolean().exactOptional(),
});

export function changeRoutes(
  { sessions, snapshots, changes, reverts }: AppDependencies,
): Hono<AppEnv> {
  const known = (c: Context): string => sessions.get(sessionId(c)).id;
  return new Hono<AppEnv>()
    .get("/:id/snapshots", (c) => c.json(snapshots.list(known(c))))
    .post("/:id/snapshots", async (c) => c.json(await snapshots.takeNow(known(c)), 201))
    .get("/:id/changes", async (c) => c.json(await changes.list(known(c), checkShape(c.req.query(), LIST))))
    .get("/:id/changes/file", async (c) => {
      const { whitespace, ...query } = checkShape(c.req.query(), FILE);
      const ignoreWhitespace = whitespace === "ignore";
      return c.json(await changes.diffFile(known(c), { ...query, ignoreWhitespace }));
    })
    .get("/:id/changes/content", async (c) => {
      const { secrets, ...query } = checkShape(c.req.query(), CONTENT);
      const { bytes, masked } = await changes.content(known(c), {
        ...query,
        showSecrets: secrets === "show",
      });
      return c.body(bytes, 200, {
        "content-type": "application/octet-stream",
        "content-disposition": "attachment",
        "x-masked": String(masked),
      });
    })
    .get("/:id/changes.patch", async (c) => {
      const session = known(c);
      return c.body(await changes.patch(session, checkShape(c.req.query(), PATCH)), 200, {
        "content-type": "application/octet-stream",
        "content-disposition": `attachment; filename="session-${session}.patch"`,
      });
    })
    .post(
      "/:id/revert/plan",
      async (c) => c.json(await reverts.plan(known(c), await readJson(c.req.raw, REVERT))),
    )
    .post(
      "/:id/revert",
      async (c) => c.json(await reverts.revert(known(c), await readJson(c.req.raw, ORDER))),
    );
}
