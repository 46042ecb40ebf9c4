// Reads text messages of the page.
import * as z from "zod";
import { AppError } from "../errors.ts";
import type { ClientMessage } from "../protocol.ts";
import { checkShape } from "./json_body.ts";

const channel = z.int().min(1).max(0xffffffff);
const offset = z.int().min(0).max(Number.MAX_SAFE_INTEGER);

const SCHEMA: z.ZodType<ClientMessage> = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("auth"), key: z.string().max(200) }),
  z.strictObject({
    type: z.literal("subscribe"),
    request: z.int().min(0),
    sessionId: z.uuid(),
    from: offset.exactOptional(),
  }),
  z.strictObject({ type: z.literal("unsubscribe"), channel }),
  z.strictObject({ type: z.literal("ack"), channel, offset }),
  z.strictObject({
    type: z.literal("resize"),
    channel,
    cols: z.int(),
    rows: z.int(),
    takeOver: z.boolean().exactOptional(),
  }),
  z.strictObject({ type: z.literal("watch_changes"), sessionId: z.uuid(), on: z.boolean() }),
  z.strictObject({ type: z.literal("ping") }),
]);

/** Throws `invalid` for anything that is no message of ours. */
export function parseClientMessage(text: string): ClientMessage {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new AppError("invalid", "The message is not valid JSON", { cause });
  }
  return checkShape(value, SCHEMA);
}
