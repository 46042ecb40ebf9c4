// What a session's terminal showed: timeline, stored screens, raw bytes.
import { Hono } from "hono";
import * as z from "zod";
import type { HolderApi } from "../../holder/api.ts";
import type { AppDependencies, AppEnv } from "../app_dependencies.ts";
import { checkShape } from "../json_body.ts";
import { sessionId } from "./session_id.ts";

/** One answer of `/output`. */
const MAX_OUTPUT_BYTES = 4 * 1024 * 1024;
/** Pieces of a download, small enough to let other work in between. */
const DOWNLOAD_PIECE_BYTES = 512 * 1024;

const offset = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const RANGE = z.object({ from: offset, to: offset });

export function recordingRoutes({ sessions, holder }: AppDependencies): Hono<AppEnv> {
  return new Hono<AppEnv>()
    .get("/:id/timeline", async (c) => c.json(await holder.timeline({ session: sessionId(c) })))
    .get("/:id/keyframe", async (c) => {
      const query = checkShape(c.req.query(), z.object({ offset }));
      const session = sessionId(c);
      const keyframe = await holder.keyframe({ session, ...query });
      if (keyframe) return c.json(keyframe);
      const { cols, rows } = await holder.timeline({ session });
      return c.json({ offset: 0, cols, rows, ansi: "" });
    })
    .get("/:id/output", async (c) => {
      const { from, to } = checkShape(c.req.query(), RANGE);
      const maxBytes = Math.min(Math.max(0, to - from), MAX_OUTPUT_BYTES);
      const { bytes, at } = await readPastGaps(holder, { session: sessionId(c), from, maxBytes });
      const next = at + bytes.length;
      return c.body(new Uint8Array(bytes), 200, {
        "content-type": "application/octet-stream",
        "x-offset": String(at),
        ...(bytes.length > 0 && next < to ? { "x-next-offset": String(next) } : {}),
      });
    })
    .get("/:id/recording", async (c) => {
      const { id } = sessions.get(sessionId(c));
      // What cannot be read at all is answered as an error, not as a download that breaks off.
      await holder.read({ session: id, from: 0, maxBytes: 1 });
      return c.body(streamRecording(holder, id), 200, {
        "content-type": "application/octet-stream",
        "content-disposition": `attachment; filename="session-${id}.ansi"`,
      });
    });
}

/** Bytes at or after `from`, and where they begin; none at the end. */
async function readPastGaps(
  holder: HolderApi,
  { session, from, maxBytes }: { session: string; from: number; maxBytes: number },
): Promise<{ bytes: Uint8Array; at: number }> {
  const bytes = await holder.read({ session, from, maxBytes });
  if (bytes.length > 0) return { bytes, at: from };
  const { gaps } = await holder.timeline({ session });
  const gap = gaps?.find((gap) => gap.from <= from && from < gap.to);
  return gap ? await readPastGaps(holder, { session, from: gap.to, maxBytes }) : { bytes, at: from };
}

function streamRecording(holder: HolderApi, session: string): ReadableStream<Uint8Array> {
  let from = 0;
  return new ReadableStream({
    async pull(controller): Promise<void> {
      const { bytes, at } = await readPastGaps(holder, { session, from, maxBytes: DOWNLOAD_PIECE_BYTES });
      from = at + bytes.length;
      if (bytes.length === 0) controller.close();
      else controller.enqueue(bytes);
    },
  });
}
